ALTER TABLE emails ADD COLUMN verified_ms {int};
