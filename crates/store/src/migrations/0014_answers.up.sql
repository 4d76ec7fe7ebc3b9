-- What writes under an idempotency key gave. Outputs may be large, so the key is an index of its own.
CREATE TABLE answers (
    scope {blob} NOT NULL,
    key {blob} NOT NULL,
    ordinal {int} NOT NULL,
    request {blob} NOT NULL,
    operation {text} NOT NULL,
    output {blob} NOT NULL,
    expires_ms {int} NOT NULL,
    PRIMARY KEY (scope, key, ordinal)
){strict};
CREATE INDEX answers_expires ON answers (expires_ms);
