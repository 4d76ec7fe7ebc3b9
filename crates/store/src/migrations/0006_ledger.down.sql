DROP INDEX wallet_ledger_user;
DROP TABLE ledger;
