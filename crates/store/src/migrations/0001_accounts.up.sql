CREATE TABLE users (
    id {blob} PRIMARY KEY,
    username {text} NOT NULL,
    username_key {key} NOT NULL,
    created_ms {int} NOT NULL,
    updated_ms {int} NOT NULL,
    disabled_ms {int}
){rowless};
CREATE UNIQUE INDEX users_username_key ON users (username_key);

CREATE TABLE devices (
    device_id {key} PRIMARY KEY,
    user_id {blob} NOT NULL
){rowless};
CREATE INDEX devices_user_id ON devices (user_id);

CREATE TABLE token_families (
    family {blob} PRIMARY KEY,
    user_id {blob} NOT NULL,
    generation {int} NOT NULL,
    revoked {int} NOT NULL,
    expires_ms {int} NOT NULL
){rowless};
CREATE INDEX token_families_expires ON token_families (expires_ms, family);
CREATE INDEX token_families_user ON token_families (user_id, expires_ms, family);
CREATE INDEX token_families_revoked ON token_families (expires_ms, family) WHERE revoked = 1;
