DROP TABLE wallet_ledger;
DROP TABLE wallets;
