-- Ids of a channel grow in the order of commits. Code 2 marks the place of a removed newest message, so that they go on
-- growing; there is at most one in a channel, and nobody is shown it.
CREATE TABLE messages (
    channel {key} NOT NULL,
    id {blob} NOT NULL,
    code {int} NOT NULL,
    sender_id {blob},
    username {text} NOT NULL,
    content {text} NOT NULL,
    created_ms {int} NOT NULL,
    updated_ms {int} NOT NULL,
    PRIMARY KEY (channel, id)
){strict};
CREATE INDEX messages_sender ON messages (sender_id, id) WHERE sender_id IS NOT NULL;

-- Who may not speak (kind 0) or not come in (kind 1), and until when.
CREATE TABLE chat_sanctions (
    channel {key} NOT NULL,
    user_id {blob} NOT NULL,
    kind {int} NOT NULL,
    until_ms {int} NOT NULL,
    PRIMARY KEY (channel, user_id, kind)
){rowless};
CREATE INDEX chat_sanctions_user ON chat_sanctions (user_id, channel, kind);
