-- Values may be large, so the key is an index of its own. An object that is written again keeps its place.
CREATE TABLE objects (
    user_id {blob} NOT NULL,
    collection {key} NOT NULL,
    key {key} NOT NULL,
    version {blob} NOT NULL,
    may_read {int} NOT NULL,
    may_write {int} NOT NULL,
    created_ms {int} NOT NULL,
    updated_ms {int} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (user_id, collection, key)
){strict};
CREATE INDEX objects_public ON objects (collection, user_id, key) WHERE may_read = 2;

-- What queries walk: for each declared index, the values of its fields in order, and for each object in it one entry
-- of the field '' by the time of its last write.
CREATE TABLE object_entries (
    name {key} NOT NULL,
    field {key} NOT NULL,
    value {blob} NOT NULL,
    user_id {blob} NOT NULL,
    key {key} NOT NULL,
    PRIMARY KEY (name, field, value, user_id, key)
){rowless};
CREATE INDEX object_entries_object ON object_entries (name, user_id, key);

CREATE TABLE object_indexes (
    name {key} PRIMARY KEY,
    definition {text} NOT NULL,
    entries {int} NOT NULL
){rowless};
