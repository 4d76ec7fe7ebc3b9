CREATE INDEX messages_sender ON messages (sender_id, id) WHERE sender_id IS NOT NULL;
DROP TABLE speakers;
