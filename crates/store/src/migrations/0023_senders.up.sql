-- Erasing a user finds what others were told of that user.
CREATE INDEX notifications_sender ON notifications (sender_id, user_id, id) WHERE sender_id IS NOT NULL;
