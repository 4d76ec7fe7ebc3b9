DROP TABLE outside_notes;
DROP TABLE outside_sessions;
DROP TABLE subscriptions;
DROP TABLE purchases;
