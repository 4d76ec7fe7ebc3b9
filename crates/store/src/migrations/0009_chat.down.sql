DROP TABLE chat_sanctions;
DROP TABLE messages;
