//! Rows of tokens, good and bad, through one check.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::*;

const NOW: i64 = 1_800_000_000;
const FAMILY: FamilyId = FamilyId(7);
const USER: UserId = UserId(9);

fn tokens() -> Tokens {
    Tokens::new(&Settings {
        session_key: SessionKey::Secret(b"a session key".to_vec()),
        refresh_key: b"a refresh key".to_vec(),
        access_seconds: 60,
        refresh_seconds: 3_600,
    })
    .unwrap()
}

fn pair() -> Pair {
    tokens().issue(FAMILY, 3, USER, "ada \"the\" first", &Vars::from([("a".into(), "b".into())]), NOW * 1_000)
}

#[test]
fn a_session_token_says_who_holds_it() {
    let holder = tokens().check(&pair().token, NOW + 59).unwrap();
    assert_eq!((holder.family, holder.user, holder.expires), (FAMILY, USER, NOW + 60));
    assert_eq!(holder.username, "ada \"the\" first");
    assert_eq!(holder.vars["a"], "b");
}

#[test]
fn a_refresh_token_says_its_generation() {
    let renewal = tokens().check_refresh(&pair().refresh_token, NOW + 3_599).unwrap();
    assert_eq!((renewal.family, renewal.user, renewal.generation), (FAMILY, USER, 3));
}

#[test]
fn the_claims_are_the_protocols() {
    let token = pair().token;
    let mut parts = token.split('.').map(|part| BASE64.decode(part).unwrap());
    assert_eq!(parts.next().unwrap(), br#"{"alg":"HS256","typ":"JWT"}"#);
    let claims: serde_json::Value = serde_json::from_slice(&parts.next().unwrap()).unwrap();
    assert_eq!(claims["uid"], "00000000-0000-0000-0000-000000000009");
    assert_eq!(claims["tid"], "00000000-0000-0000-0000-000000000007");
    assert_eq!(claims["exp"], NOW + 60);
    assert_eq!(claims["iat"], NOW);
    assert_eq!(claims["vrs"]["a"], "b");
    assert!(claims.get("gen").is_none());
}

#[test]
fn tokens_that_are_not_taken() {
    let Pair { token, refresh_token } = pair();
    let foreign = Tokens::new(&Settings {
        session_key: SessionKey::Secret(b"another key".to_vec()),
        refresh_key: b"a refresh key".to_vec(),
        access_seconds: 60,
        refresh_seconds: 3_600,
    })
    .unwrap()
    .issue(FAMILY, 0, USER, "eve", &Vars::new(), NOW * 1_000);
    let claims = token.split('.').nth(1).unwrap();
    let signature = token.split('.').nth(2).unwrap();
    let none = BASE64.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let other = BASE64.encode(r#"{"typ":"JWT","alg":"HS256"}"#);
    let mut changed = token.clone().into_bytes();
    changed[60] ^= 1;
    let longer = format!("{token}{}", "A".repeat(TOKEN_BYTES_MAX));
    let check = |what: &str, token: &str, now: i64, wanted: TokenError| {
        assert_eq!(tokens().check(token, now), Err(wanted), "{what}");
    };
    check("expired", &token, NOW + 60, TokenError::Expired);
    check("made with another key", &foreign.token, NOW, TokenError::Invalid);
    check("a refresh token in its place", &refresh_token, NOW, TokenError::Invalid);
    check("algorithm none, no signature", &format!("{none}.{claims}."), NOW, TokenError::Invalid);
    check("algorithm none, a signature", &format!("{none}.{claims}.{signature}"), NOW, TokenError::Invalid);
    check("the header written otherwise", &format!("{other}.{claims}.{signature}"), NOW, TokenError::Invalid);
    check("a changed letter", &String::from_utf8(changed).unwrap(), NOW, TokenError::Invalid);
    check("a cut signature", &token[..token.len() - 1], NOW, TokenError::Invalid);
    check("no signature", token.rsplit_once('.').unwrap().0, NOW, TokenError::Invalid);
    check("too long", &longer, NOW, TokenError::Invalid);
    check("empty", "", NOW, TokenError::Invalid);
    check("dots", "..", NOW, TokenError::Invalid);
    check("not ASCII", "é.é.é", NOW, TokenError::Invalid);
    assert_eq!(tokens().check_refresh(&token, NOW), Err(TokenError::Invalid), "a session token as refresh");
    assert_eq!(tokens().check_refresh(&refresh_token, NOW + 3_600), Err(TokenError::Expired));
}

#[test]
fn one_key_for_both_still_tells_them_apart() {
    let key = b"the same".to_vec();
    let tokens = Tokens::new(&Settings {
        session_key: SessionKey::Secret(key.clone()),
        refresh_key: key,
        access_seconds: 60,
        refresh_seconds: 3_600,
    })
    .unwrap();
    let pair = tokens.issue(FAMILY, 0, USER, "ada", &Vars::new(), NOW * 1_000);
    assert_eq!(tokens.check(&pair.refresh_token, NOW), Err(TokenError::Invalid));
    assert_eq!(tokens.check_refresh(&pair.token, NOW), Err(TokenError::Invalid));
}

#[test]
fn a_revoked_family_is_refused_until_its_tokens_have_expired() {
    let tokens = tokens();
    let token = pair().token;
    tokens.revoke(FAMILY, NOW + 1).unwrap();
    assert_eq!(tokens.check(&token, NOW + 1), Err(TokenError::Revoked));
    assert_eq!(tokens.check_refresh(&pair().refresh_token, NOW + 1), Err(TokenError::Revoked));
    tokens.prune(NOW + 60);
    assert!(tokens.is_revoked(FAMILY));
    tokens.prune(NOW + 61);
    assert!(!tokens.is_revoked(FAMILY), "its last session token expired");
    assert_eq!(tokens.check(&token, NOW + 61), Err(TokenError::Expired));
}

/// Made for these tests, and used for nothing else.
const TEST_KEYS: [&str; 2] = [include_str!("test_key_1.pem"), include_str!("test_key_2.pem")];

fn paired(own: &str, old: &[&str]) -> Tokens {
    let old = old.iter().map(|pem| (*pem).to_owned()).collect();
    let session_key = SessionKey::Pair { own: own.to_owned(), old };
    let refresh_key = b"a refresh key".to_vec();
    Tokens::new(&Settings { session_key, refresh_key, access_seconds: 60, refresh_seconds: 3_600 }).unwrap()
}

#[test]
fn a_key_pair_signs_and_its_successor_still_takes_what_it_signed() {
    let [first, second] = TEST_KEYS;
    let before = paired(first, &[]);
    let token = before.issue(FAMILY, 0, USER, "ada", &Vars::new(), NOW * 1_000).token;
    assert_eq!(before.check(&token, NOW).unwrap().user, USER);
    assert_eq!(paired(second, &[first]).check(&token, NOW).unwrap().user, USER);
    assert_eq!(paired(second, &[]).check(&token, NOW), Err(TokenError::Invalid));
    assert_eq!(tokens().check(&token, NOW), Err(TokenError::Invalid));
    // Neither the published key as a secret nor another claim under the same signature is taken.
    let (message, signature) = token.rsplit_once('.').unwrap();
    let bent = format!("{}x.{signature}", &message[..message.len() - 1]);
    assert_eq!(before.check(&bent, NOW), Err(TokenError::Invalid));
    let published = paired(second, &[first]).published_keys();
    let kids: Vec<_> = published["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
    let header: serde_json::Value =
        serde_json::from_slice(&BASE64.decode(token.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!((header["alg"].as_str(), kids.len()), (Some("RS256"), 2));
    assert_eq!(header["kid"], kids[1]);
    assert!(
        Tokens::new(&Settings {
            session_key: SessionKey::Pair { own: "no key".into(), old: Vec::new() },
            refresh_key: Vec::new(),
            access_seconds: 1,
            refresh_seconds: 1,
        })
        .is_err()
    );
}
