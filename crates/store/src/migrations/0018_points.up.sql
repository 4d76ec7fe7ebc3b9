CREATE TABLE restore_points (
    room_id {blob} NOT NULL,
    seq {int} NOT NULL,
    at_ms {int} NOT NULL,
    why {text} NOT NULL,
    label {text} NOT NULL,
    PRIMARY KEY (room_id, seq)
){rowless};

CREATE TABLE current_contents (
    rules {key} PRIMARY KEY,
    hash {blob} NOT NULL,
    at_ms {int} NOT NULL
){rowless};
CREATE INDEX contents_kept ON contents (rules, at_ms, hash);
