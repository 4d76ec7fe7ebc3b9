ALTER TABLE emails DROP COLUMN verified_ms;
