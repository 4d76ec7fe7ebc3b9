DROP TABLE token_families;
DROP TABLE devices;
DROP TABLE users;
