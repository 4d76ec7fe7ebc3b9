//! REST shapes: what is written, what is read, and the error table.

#![allow(clippy::unwrap_used)] // a test may stop at a surprise

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use wire::rest::{
    Account, AccountDevice, Code, ErrorBody, Friend, FriendState, Group, MatchList, MatchListed, Operator,
    ScoreWrite, Session, SessionLogout, Tournament, User,
};

#[test]
fn empty_fields_are_left_out_and_unknown_ones_ignored() {
    fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, json: &str, also: &str) {
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
        assert_eq!(serde_json::from_str::<T>(json).unwrap(), value);
        assert_eq!(serde_json::from_str::<T>(also).unwrap(), value, "{also}");
    }
    check(
        Session { created: true, token: "a".into(), refresh_token: "b".into() },
        r#"{"created":true,"token":"a","refresh_token":"b"}"#,
        r#"{"refresh_token":"b","token":"a","created":true,"more":[1]}"#,
    );
    check(
        AccountDevice { id: "device-0001".into(), ..AccountDevice::default() },
        r#"{"id":"device-0001"}"#,
        r#"{"id":"device-0001","vars":null}"#,
    );
    check(SessionLogout::default(), "{}", r#"{"token":null,"refresh_token":""}"#);
    check(
        Account {
            user: Some(User { id: "u".into(), username: "n".into(), edge_count: 2, ..User::default() }),
            wallet: "{}".into(),
            devices: vec![AccountDevice { id: "device-0001".into(), ..AccountDevice::default() }],
            ..Account::default()
        },
        r#"{"user":{"id":"u","username":"n","edge_count":2},"wallet":"{}","devices":[{"id":"device-0001"}]}"#,
        r#"{"user":{"id":"u","username":"n","edge_count":"2"},"wallet":"{}","devices":[{"id":"device-0001"}],"email":""}"#,
    );
    check(
        MatchList {
            matches: vec![MatchListed {
                match_id: "m".into(),
                authoritative: true,
                size: 3,
                ..MatchListed::default()
            }],
        },
        r#"{"matches":[{"match_id":"m","authoritative":true,"size":3}]}"#,
        r#"{"matches":[{"match_id":"m","authoritative":true,"size":3,"label":null}]}"#,
    );
    check(
        ErrorBody::new(Code::NotFound, "no such match"),
        r#"{"code":5,"message":"no such match"}"#,
        r#"{"message":"no such match","code":5,"details":[]}"#,
    );
}

#[test]
fn codes_and_statuses() {
    let check = |number: i32, status: u16| {
        let code = Code::from_number(number).unwrap();
        assert_eq!((code as i32, code.http_status()), (number, status));
    };
    check(0, 200);
    check(3, 400);
    check(5, 404);
    check(6, 409);
    check(7, 403);
    check(8, 429);
    check(13, 500);
    check(16, 401);
    assert_eq!(Code::from_number(17), None);
    assert_eq!(Code::from_number(-1), None);
    for code in Code::ALL {
        assert!((200..600).contains(&code.http_status()), "{code:?}");
    }
    for status in [200, 400, 401, 403, 404, 409, 429, 499, 500, 501, 503, 504] {
        assert_eq!(Code::from_http_status(status).http_status(), status);
    }
}

#[test]
fn numbers_and_absent_values_of_newer_shapes() {
    fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(read: &str, expected: T, written: &str) {
        let found: T = serde_json::from_str(read).unwrap();
        assert_eq!(found, expected, "{read}");
        assert_eq!(serde_json::to_string(&found).unwrap(), written);
    }
    let score = |score, operator| ScoreWrite { score, operator, ..ScoreWrite::default() };
    check(r#"{"score":"7","operator":1}"#, score(7, 1), r#"{"score":"7","operator":1}"#);
    check(r#"{"score":-7,"operator":"2"}"#, score(-7, 2), r#"{"score":"-7","operator":2}"#);
    check(r#"{"operator":"DECREMENT"}"#, score(0, Operator::Decrement as i32), r#"{"operator":4}"#);
    check(r#"{"operator":null,"score":null}"#, score(0, 0), "{}");
    let friend = |state| Friend { state, ..Friend::default() };
    check(r#"{"state":0}"#, friend(Some(FriendState::Friend as i32)), r#"{"state":0}"#);
    check(r#"{"state":"3"}"#, friend(Some(3)), r#"{"state":3}"#);
    check(r#"{"state":null}"#, friend(None), "{}");
    check(r#"{"open":false}"#, Group { open: Some(false), ..Group::default() }, r#"{"open":false}"#);
    check(
        r#"{"next_reset":4294967295}"#,
        Tournament { next_reset: u32::MAX, ..Tournament::default() },
        r#"{"next_reset":4294967295}"#,
    );
    for bad in [r#"{"operator":"BEST "}"#, r#"{"operator":1.5}"#, r#"{"score":"9223372036854775808"}"#] {
        assert!(serde_json::from_str::<ScoreWrite>(bad).is_err(), "{bad}");
    }
    assert!(serde_json::from_str::<Tournament>(r#"{"next_reset":-1}"#).is_err());
}
