DROP TABLE room_moments;
