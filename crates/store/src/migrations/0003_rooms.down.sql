DROP TABLE contents;
DROP TABLE room_answers;
DROP TABLE room_snapshots;
DROP TABLE room_log;
DROP TABLE room_seats;
DROP TABLE rooms;
