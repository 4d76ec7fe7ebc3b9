CREATE TABLE purchases (
    shop {int} NOT NULL,
    transaction_id {key} NOT NULL,
    user_id {blob} NOT NULL,
    product_id {text} NOT NULL,
    environment {int} NOT NULL,
    purchased_ms {int} NOT NULL,
    refunded_ms {int},
    created_ms {int} NOT NULL,
    updated_ms {int} NOT NULL,
    said {text} NOT NULL,
    PRIMARY KEY (shop, transaction_id)
){strict};
CREATE INDEX purchases_user ON purchases (user_id, purchased_ms, shop, transaction_id);

CREATE TABLE subscriptions (
    shop {int} NOT NULL,
    original_id {key} NOT NULL,
    user_id {blob} NOT NULL,
    product_id {key} NOT NULL,
    environment {int} NOT NULL,
    purchased_ms {int} NOT NULL,
    expires_ms {int} NOT NULL,
    refunded_ms {int},
    created_ms {int} NOT NULL,
    updated_ms {int} NOT NULL,
    said {text} NOT NULL,
    PRIMARY KEY (shop, original_id)
){strict};
CREATE INDEX subscriptions_user ON subscriptions (user_id, purchased_ms, shop, original_id);
CREATE INDEX subscriptions_product ON subscriptions (user_id, product_id, expires_ms);

CREATE TABLE outside_sessions (
    family {blob} PRIMARY KEY,
    user_id {blob} NOT NULL,
    provider {key} NOT NULL,
    subject {key} NOT NULL,
    sid {key} NOT NULL,
    renewal {text},
    checked_ms {int} NOT NULL,
    ends_ms {int} NOT NULL
){rowless};
CREATE INDEX outside_sessions_subject ON outside_sessions (provider, subject, family);
CREATE INDEX outside_sessions_sid ON outside_sessions (provider, sid, family);
CREATE INDEX outside_sessions_ends ON outside_sessions (ends_ms, family);
CREATE INDEX outside_sessions_user ON outside_sessions (user_id, family);

CREATE TABLE outside_notes (
    name {key} PRIMARY KEY,
    said {text} NOT NULL,
    expires_ms {int} NOT NULL
){rowless};
CREATE INDEX outside_notes_expires ON outside_notes (expires_ms, name);
