CREATE TABLE events (
    seq {int} PRIMARY KEY,
    name {text} NOT NULL,
    user_id {blob},
    properties {text} NOT NULL,
    at_ms {int} NOT NULL,
    outside {int} NOT NULL
){strict};
CREATE INDEX events_user ON events (user_id, seq) WHERE user_id IS NOT NULL;

CREATE TABLE event_consumers (
    name {key} PRIMARY KEY,
    seq {int} NOT NULL
){rowless};
