DROP TABLE group_policies;
DROP TABLE proposal_acts;
DROP TABLE secret_ballots;
DROP TABLE open_ballots;
DROP TABLE electors;
DROP TABLE proposals;
