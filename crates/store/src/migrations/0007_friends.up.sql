-- One row for each side of a relation; a block has the side of the one who blocks alone. users.edge_count is how many
-- rows a user has here.
ALTER TABLE users ADD COLUMN edge_count {int} NOT NULL DEFAULT 0;

CREATE TABLE friends (
    user_id {blob} NOT NULL,
    other_id {blob} NOT NULL,
    state {int} NOT NULL,
    updated_ms {int} NOT NULL,
    metadata {text} NOT NULL,
    PRIMARY KEY (user_id, other_id)
){rowless};
CREATE INDEX friends_listed ON friends (user_id, state, updated_ms, other_id);
CREATE INDEX friends_other ON friends (other_id, user_id);
