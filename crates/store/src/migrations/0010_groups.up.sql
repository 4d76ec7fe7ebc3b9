CREATE TABLE groups (
    id {blob} NOT NULL PRIMARY KEY,
    name {text} NOT NULL,
    name_key {key} NOT NULL,
    creator {blob},
    description {text} NOT NULL,
    avatar_url {text} NOT NULL,
    lang_tag {key} NOT NULL,
    metadata {text} NOT NULL,
    is_open {int} NOT NULL,
    members {int} NOT NULL,
    max_count {int} NOT NULL,
    created_ms {int} NOT NULL,
    updated_ms {int} NOT NULL
){strict};
CREATE UNIQUE INDEX groups_name ON groups (name_key);
CREATE INDEX groups_lang ON groups (lang_tag, name_key);
CREATE INDEX groups_open ON groups (is_open, name_key);
CREATE INDEX groups_creator ON groups (creator);

CREATE TABLE group_members (
    group_id {blob} NOT NULL,
    user_id {blob} NOT NULL,
    role {int} NOT NULL,
    joined_ms {int} NOT NULL,
    since_ms {int} NOT NULL,
    PRIMARY KEY (group_id, user_id)
){rowless};
CREATE INDEX group_members_role ON group_members (group_id, role, since_ms, user_id);
CREATE INDEX group_members_user ON group_members (user_id, role, since_ms, group_id);
