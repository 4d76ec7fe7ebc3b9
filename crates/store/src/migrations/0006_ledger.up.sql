-- Changes of wallets by server code. Those by rooms' inputs are in wallet_ledger; a player is shown both as one.
CREATE TABLE ledger (
    id {blob} PRIMARY KEY,
    user_id {blob} NOT NULL,
    changeset {text} NOT NULL,
    metadata {text} NOT NULL,
    created_ms {int} NOT NULL,
    updated_ms {int} NOT NULL
){strict};
CREATE INDEX ledger_user ON ledger (user_id, created_ms, id);
CREATE INDEX wallet_ledger_user ON wallet_ledger (user_id, at_ms, room_id, seq, idx);
