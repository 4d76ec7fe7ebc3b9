DROP TABLE friends;
ALTER TABLE users DROP COLUMN edge_count;
