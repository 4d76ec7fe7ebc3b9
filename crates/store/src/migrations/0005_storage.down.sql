DROP TABLE object_indexes;
DROP TABLE object_entries;
DROP TABLE objects;
