DROP INDEX contents_kept;
DROP TABLE current_contents;
DROP TABLE restore_points;
