CREATE TABLE jobs (
    name {key} PRIMARY KEY,
    schedule {text} NOT NULL,
    due_ms {int} NOT NULL,
    started_ms {int},
    ended_ms {int},
    fault {text}
){rowless};
