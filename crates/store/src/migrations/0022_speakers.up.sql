-- Who has said something where, for those who want to know what they said, or want it gone. An index of messages by their
-- senders cost each commit of a busy chat a page for every sender. A channel that is over may still stand here.
CREATE TABLE speakers (
    sender_id {blob} NOT NULL,
    channel {key} NOT NULL,
    PRIMARY KEY (sender_id, channel)
){rowless};
INSERT INTO speakers (sender_id, channel)
    SELECT DISTINCT sender_id, channel FROM messages WHERE sender_id IS NOT NULL;
DROP INDEX messages_sender;
