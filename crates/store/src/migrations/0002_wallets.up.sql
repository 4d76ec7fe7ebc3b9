CREATE TABLE wallets (
    user_id {blob} NOT NULL,
    currency {key} NOT NULL,
    amount {int} NOT NULL,
    PRIMARY KEY (user_id, currency)
){rowless};

CREATE TABLE wallet_ledger (
    room_id {blob} NOT NULL,
    seq {int} NOT NULL,
    idx {int} NOT NULL,
    user_id {blob} NOT NULL,
    currency {key} NOT NULL,
    amount {int} NOT NULL,
    balance {int} NOT NULL,
    at_ms {int} NOT NULL,
    PRIMARY KEY (room_id, seq, idx)
){rowless};
