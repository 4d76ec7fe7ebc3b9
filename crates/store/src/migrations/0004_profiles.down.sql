DROP TABLE session_ends;
DROP TABLE personal;
DROP TABLE emails;
DROP TABLE identities;
ALTER TABLE users DROP COLUMN preferences;
ALTER TABLE users DROP COLUMN metadata;
ALTER TABLE users DROP COLUMN lang_tag;
ALTER TABLE users DROP COLUMN avatar_url;
ALTER TABLE users DROP COLUMN display_name;
