ALTER TABLE users ADD COLUMN display_name {text};
ALTER TABLE users ADD COLUMN avatar_url {text};
ALTER TABLE users ADD COLUMN lang_tag {text};
ALTER TABLE users ADD COLUMN metadata {text};
ALTER TABLE users ADD COLUMN preferences {text};

-- Who logs in with what somebody else vouches for, or with an id of the studio's own.
CREATE TABLE identities (
    provider {key} NOT NULL,
    subject {key} NOT NULL,
    user_id {blob} NOT NULL,
    PRIMARY KEY (provider, subject)
){rowless};
CREATE INDEX identities_user ON identities (user_id, provider, subject);

-- The address itself is personal and lies sealed in its own table; here is only what it is found by.
CREATE TABLE emails (
    found_by {blob} PRIMARY KEY,
    user_id {blob} NOT NULL,
    password {text} NOT NULL
){rowless};
CREATE UNIQUE INDEX emails_user ON emails (user_id);

CREATE TABLE personal (
    user_id {blob} NOT NULL,
    kind {int} NOT NULL,
    key_id {int} NOT NULL,
    sealed {blob} NOT NULL,
    PRIMARY KEY (user_id, kind)
){rowless};
CREATE INDEX personal_key ON personal (key_id, user_id, kind);

CREATE TABLE session_ends (
    user_id {blob} PRIMARY KEY,
    ended_ms {int} NOT NULL
){rowless};
CREATE INDEX session_ends_ended ON session_ends (ended_ms, user_id);
