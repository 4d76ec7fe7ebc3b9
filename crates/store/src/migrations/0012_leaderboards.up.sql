-- Numbers name boards inside keys: short, and never given twice.
CREATE TABLE leaderboard_numbers (
    kind {int} PRIMARY KEY,
    newest {int} NOT NULL
){rowless};

CREATE TABLE leaderboards (
    number {int} PRIMARY KEY,
    id {key} NOT NULL,
    tournament {int} NOT NULL,
    authoritative {int} NOT NULL,
    descending {int} NOT NULL,
    operator {int} NOT NULL,
    reset {text} NOT NULL,
    metadata {text} NOT NULL,
    created_ms {int} NOT NULL,
    title {text} NOT NULL,
    description {text} NOT NULL,
    category {int} NOT NULL,
    duration_s {int} NOT NULL,
    start_s {int} NOT NULL,
    end_s {int} NOT NULL,
    over_s {int} NOT NULL,
    join_required {int} NOT NULL,
    size_max {int} NOT NULL,
    attempts_max {int} NOT NULL,
    turn_s {int}
){rowless};
CREATE UNIQUE INDEX leaderboards_id ON leaderboards (id);
CREATE INDEX leaderboards_listed ON leaderboards (tournament, category, id);
CREATE INDEX leaderboards_turn ON leaderboards (turn_s, number) WHERE turn_s IS NOT NULL;

-- Deleted boards whose records are still to be removed.
CREATE TABLE leaderboards_gone (
    board {int} PRIMARY KEY
){rowless};

-- A period is the time between two resets, named by the second at which it ends; 0 never ends.
CREATE TABLE leaderboard_periods (
    board {int} NOT NULL,
    period {int} NOT NULL,
    seq {int} NOT NULL,
    records {int} NOT NULL,
    entrants {int} NOT NULL,
    PRIMARY KEY (board, period)
){rowless};
CREATE INDEX leaderboard_periods_over ON leaderboard_periods (period, board);

-- In the order of ranks, so that a list is one range. `seq` counts the moves within a period: of two equal scores the
-- earlier stands first, and no two records have the same key, ever.
CREATE TABLE leaderboard_records (
    board {int} NOT NULL,
    period {int} NOT NULL,
    order1 {int} NOT NULL,
    order2 {int} NOT NULL,
    seq {int} NOT NULL,
    owner {blob} NOT NULL,
    username {text} NOT NULL,
    metadata {text} NOT NULL,
    num_score {int} NOT NULL,
    created_ms {int} NOT NULL,
    updated_ms {int} NOT NULL,
    PRIMARY KEY (board, period, order1, order2, seq)
){rowless};
CREATE UNIQUE INDEX leaderboard_records_owner ON leaderboard_records (board, period, owner);

-- Who joined a tournament, and how many attempts a deleted record had used.
CREATE TABLE tournament_entries (
    board {int} NOT NULL,
    period {int} NOT NULL,
    owner {blob} NOT NULL,
    joined_ms {int} NOT NULL,
    used {int} NOT NULL,
    PRIMARY KEY (board, period, owner)
){rowless};
