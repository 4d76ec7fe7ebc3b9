CREATE TABLE achievements (
    user_id {blob} NOT NULL,
    achievement {key} NOT NULL,
    progress {int} NOT NULL,
    unlocked_ms {int},
    updated_ms {int} NOT NULL,
    PRIMARY KEY (user_id, achievement)
){rowless};
