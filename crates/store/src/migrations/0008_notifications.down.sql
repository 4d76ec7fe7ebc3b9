DROP TABLE notification_heads;
DROP TABLE notifications;
