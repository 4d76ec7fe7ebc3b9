CREATE TABLE notifications (
    user_id {blob} NOT NULL,
    id {blob} NOT NULL,
    subject {text} NOT NULL,
    content {text} NOT NULL,
    code {int} NOT NULL,
    sender_id {blob},
    at_ms {int} NOT NULL,
    PRIMARY KEY (user_id, id)
){strict};

-- The newest id that a user was ever given, so that ids grow even when the newest one is deleted, and how many rows
-- the user has.
CREATE TABLE notification_heads (
    user_id {blob} PRIMARY KEY,
    last_id {blob} NOT NULL,
    kept {int} NOT NULL
){rowless};
