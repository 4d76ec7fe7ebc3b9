CREATE TABLE room_moments (
    room_id {blob} NOT NULL,
    seq {int} NOT NULL,
    at_ms {int} NOT NULL,
    parts {int} NOT NULL,
    PRIMARY KEY (room_id, seq)
){rowless};
