CREATE TABLE agent_memory (
    owner {key} PRIMARY KEY,
    body {blob} NOT NULL,
    at_ms {int} NOT NULL
){strict};
CREATE INDEX agent_memory_age ON agent_memory (at_ms, owner);

CREATE TABLE agent_jobs (
    id {blob} PRIMARY KEY,
    kind {text} NOT NULL,
    body {blob} NOT NULL,
    fallback {blob} NOT NULL,
    memory {text},
    given_ms {int} NOT NULL,
    deadline_ms {int} NOT NULL,
    room_id {blob},
    room_seq {int},
    room_idx {int},
    tag {int} NOT NULL,
    done_seq {int},
    done_ms {int},
    worker {text},
    result {blob},
    told {int} NOT NULL
){strict};
CREATE UNIQUE INDEX agent_jobs_room ON agent_jobs (room_id, room_seq, room_idx) WHERE room_id IS NOT NULL;
CREATE INDEX agent_jobs_open ON agent_jobs (id) WHERE done_seq IS NULL;
CREATE UNIQUE INDEX agent_jobs_done ON agent_jobs (done_seq) WHERE done_seq IS NOT NULL;
CREATE INDEX agent_jobs_untold ON agent_jobs (done_seq) WHERE told = 0 AND done_seq IS NOT NULL;
