DROP TABLE tournament_entries;
DROP TABLE leaderboard_records;
DROP TABLE leaderboard_periods;
DROP TABLE leaderboards_gone;
DROP TABLE leaderboards;
DROP TABLE leaderboard_numbers;
