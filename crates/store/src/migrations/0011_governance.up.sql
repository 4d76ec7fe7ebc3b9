CREATE TABLE proposals (
    id {blob} NOT NULL PRIMARY KEY,
    group_id {blob} NOT NULL,
    proposer {blob},
    title {text} NOT NULL,
    text {text} NOT NULL,
    choices {text} NOT NULL,
    terms {text} NOT NULL,
    state {int} NOT NULL,
    electorate {int},
    votes {int} NOT NULL,
    opened_ms {int} NOT NULL,
    deadline_ms {int} NOT NULL,
    closed_ms {int},
    counts {text} NOT NULL,
    outcome {int},
    chosen {int},
    effect {int} NOT NULL,
    effect_note {text} NOT NULL,
    effect_tries {int} NOT NULL,
    effect_due_ms {int},
    prune_ms {int}
){strict};
CREATE INDEX proposals_group ON proposals (group_id, id);
CREATE INDEX proposals_state ON proposals (group_id, state, id);
CREATE INDEX proposals_due ON proposals (deadline_ms, id) WHERE state = 0;
CREATE INDEX proposals_effects ON proposals (effect_due_ms, id) WHERE effect_due_ms IS NOT NULL;
CREATE INDEX proposals_proposer ON proposals (proposer, group_id, state);
CREATE INDEX proposals_prune ON proposals (prune_ms, id) WHERE prune_ms IS NOT NULL;

-- Who may vote, fixed when a proposal opens, and who has. Never what.
CREATE TABLE electors (
    proposal_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    voted {int} NOT NULL,
    PRIMARY KEY (proposal_id, user_id)
){rowless};
CREATE INDEX electors_user ON electors (user_id, proposal_id);

CREATE TABLE open_ballots (
    proposal_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    choice {int} NOT NULL,
    at_ms {int} NOT NULL,
    PRIMARY KEY (proposal_id, user_id)
){rowless};
CREATE INDEX open_ballots_choice ON open_ballots (proposal_id, choice);
CREATE INDEX open_ballots_user ON open_ballots (user_id, proposal_id);

-- Neither who nor when; in the order of a hash that only the voter can make.
CREATE TABLE secret_ballots (
    proposal_id {blob} NOT NULL,
    tag {blob} NOT NULL,
    choice {int} NOT NULL,
    PRIMARY KEY (proposal_id, tag)
){rowless};
CREATE INDEX secret_ballots_choice ON secret_ballots (proposal_id, choice);

CREATE TABLE proposal_acts (
    proposal_id {blob} NOT NULL,
    seq {int} NOT NULL,
    user_id {blob},
    act {int} NOT NULL,
    choice {int},
    at_ms {int} NOT NULL,
    PRIMARY KEY (proposal_id, seq)
){rowless};
CREATE INDEX proposal_acts_user ON proposal_acts (user_id, proposal_id, seq);

CREATE TABLE group_policies (
    group_id {blob} NOT NULL PRIMARY KEY,
    policy {text} NOT NULL
){rowless};
