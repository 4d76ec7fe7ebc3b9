DROP INDEX notifications_sender;
