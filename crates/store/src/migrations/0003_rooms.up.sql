CREATE TABLE rooms (
    id {blob} PRIMARY KEY,
    rules {key} NOT NULL,
    creator {blob},
    mine {int} NOT NULL,
    created_ms {int} NOT NULL,
    epoch {int} NOT NULL,
    holder {text} NOT NULL,
    state {int} NOT NULL,
    fault {text},
    label {text} NOT NULL,
    wake_at_ms {int}
){rowless};
CREATE UNIQUE INDEX rooms_mine ON rooms (creator, rules) WHERE mine = 1;
CREATE INDEX rooms_wake ON rooms (wake_at_ms) WHERE wake_at_ms IS NOT NULL;
CREATE INDEX rooms_open ON rooms (id) WHERE state = 0;

CREATE TABLE room_seats (
    room_id {blob} NOT NULL,
    seat {int} NOT NULL,
    user_id {blob} NOT NULL,
    PRIMARY KEY (room_id, seat),
    UNIQUE (room_id, user_id)
){rowless};
CREATE INDEX room_seats_user ON room_seats (user_id, room_id);

-- These three keep large bodies. Their keys are indexes of their own: SQLite compares with a whole row where the key
-- is the table's order, and would read a body for every comparison.
CREATE TABLE room_log (
    room_id {blob} NOT NULL,
    first_seq {int} NOT NULL,
    last_seq {int} NOT NULL,
    epoch {int} NOT NULL,
    at_ms {int} NOT NULL,
    sum {int} NOT NULL,
    body {blob} NOT NULL,
    PRIMARY KEY (room_id, first_seq)
){strict};

CREATE TABLE room_snapshots (
    room_id {blob} NOT NULL,
    seq {int} NOT NULL,
    part {int} NOT NULL,
    parts {int} NOT NULL,
    at_ms {int} NOT NULL,
    body {blob} NOT NULL,
    PRIMARY KEY (room_id, seq, part)
){strict};

CREATE TABLE room_answers (
    room_id {blob} NOT NULL,
    seq {int} NOT NULL,
    idx {int} NOT NULL,
    code {int} NOT NULL,
    reason {text},
    PRIMARY KEY (room_id, seq, idx)
){rowless};

CREATE TABLE contents (
    rules {key} NOT NULL,
    hash {blob} NOT NULL,
    body {blob} NOT NULL,
    at_ms {int} NOT NULL,
    PRIMARY KEY (rules, hash)
){strict};
