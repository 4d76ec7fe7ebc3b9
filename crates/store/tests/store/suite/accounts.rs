//! Accounts: what they are logged in to with, what they show, what is sealed, how they end.

use store::*;

use super::{Engine, create};
use crate::samples::{chunk, effect, open, room, user};

fn device(id: &str) -> Credential {
    Credential::Device(id.into())
}

fn identity(provider: &str, subject: &str) -> Credential {
    Credential::Identity { provider: provider.into(), subject: subject.into() }
}

fn sealed(kind: PersonalKind, key_id: i64, text: &str) -> Personal {
    Personal { kind, key_id, sealed: text.into() }
}

fn email(found_by: u128, password: &str) -> Credential {
    let address = sealed(PersonalKind::Email, 1, "an address");
    Credential::Email { found_by, password: password.into(), address }
}

fn register(credential: Credential, number: u128, name: &str) -> Register {
    Register { credential, user: user(number), username: name.into(), at_ms: 7 }
}

fn login(number: u128, name: &str) -> Login {
    Login { user: user(number), username: name.into(), disabled: false }
}

fn link(number: u128, credential: Credential) -> Link {
    Link { user: user(number), credential, at_ms: 8 }
}

fn unlink(number: u128, what: Unlinking) -> Unlink {
    Unlink { user: user(number), what, at_ms: 9 }
}

fn of_provider(provider: &str, subject: Option<&str>) -> Unlinking {
    Unlinking::Identity { provider: provider.into(), subject: subject.map(str::to_owned) }
}

pub fn accounts_are_read_whole(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    engine.run(open(room(1), Some(user(1)), false)).unwrap();
    let mut paid = chunk(room(1), 1, 3, 3);
    paid.effects = vec![effect(3, 0, user(1), 12, false)];
    engine.append(paid).unwrap();
    assert_eq!(engine.run(link(1, identity("custom", "ann-of-old"))).unwrap(), Linked::Done);
    assert_eq!(engine.run(link(1, email(5, "hash"))).unwrap(), Linked::Done);
    let account = engine.run(AccountGet { user: user(1) }).unwrap().unwrap();
    assert_eq!(
        account,
        Account {
            user: user(1),
            profile: Profile { username: "Ann".into(), created_ms: 7, updated_ms: 8, ..Profile::default() },
            credentials: Credentials {
                devices: vec!["phone-0001".into()],
                identities: vec![("custom".into(), "ann-of-old".into())],
                email: true,
                email_verified_ms: None,
            },
            personal: vec![sealed(PersonalKind::Email, 1, "an address")],
            wallet: vec![Balance { currency: "coins".into(), amount: 12 }],
        }
    );
    assert_eq!(engine.run(AccountGet { user: user(2) }).unwrap(), None);
}

pub fn whatever_one_logs_in_with_makes_one_account(engine: &mut impl Engine) {
    let kinds = [device("phone-0001"), identity("apple", "a-1"), email(5, "hash")];
    for (number, credential) in (1..).zip(kinds) {
        let name = format!("Ann{number}");
        let made = engine.run(register(credential.clone(), number, &name)).unwrap();
        assert_eq!(made, Registered::Created(login(number, &name)), "{credential:?}");
        let again = engine.run(register(credential.clone(), number + 10, "Other")).unwrap();
        assert_eq!(again, Registered::Found(login(number, &name)), "{credential:?}");
    }
    assert_eq!(engine.run(register(device("phone-0009"), 9, "aNN1")).unwrap(), Registered::UsernameTaken);
    assert_eq!(engine.run(AccountGet { user: user(9) }).unwrap(), None);
    let find =
        |provider: &str, subject: &str| FindByIdentity { provider: provider.into(), subject: subject.into() };
    assert_eq!(engine.run(find("apple", "a-1")).unwrap(), Some(login(2, "Ann2")));
    assert_eq!(engine.run(find("google", "a-1")).unwrap(), None);
    let by = |who| FindByPassword { who };
    let known = PasswordLogin { login: login(3, "Ann3"), password: "hash".into() };
    assert_eq!(engine.run(by(PasswordOf::Email(5))).unwrap(), Some(known.clone()));
    assert_eq!(engine.run(by(PasswordOf::Username("ANN3".into()))).unwrap(), Some(known));
    assert_eq!(engine.run(by(PasswordOf::Email(6))).unwrap(), None);
    assert_eq!(engine.run(by(PasswordOf::Username("Ann1".into()))).unwrap(), None, "it has no password");
}

pub fn what_is_linked_is_one_accounts_alone(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    engine.run(create("phone-0002", 2, "Bea")).unwrap();
    for credential in [device("phone-0003"), identity("google", "g-1"), email(5, "hash")] {
        assert_eq!(engine.run(link(1, credential.clone())).unwrap(), Linked::Done);
        assert_eq!(engine.run(link(1, credential.clone())).unwrap(), Linked::Done, "again changes nothing");
        assert_eq!(engine.run(link(2, credential.clone())).unwrap(), Linked::Taken, "{credential:?}");
        assert_eq!(engine.run(link(7, credential)).unwrap(), Linked::NoAccount);
    }
    assert_eq!(engine.run(link(1, email(6, "hash"))).unwrap(), Linked::Taken, "it has an address already");
    assert_eq!(engine.run(link(1, email(5, "newer"))).unwrap(), Linked::Done);
    let known = engine.run(FindByPassword { who: PasswordOf::Email(5) }).unwrap().unwrap();
    assert_eq!(known.password, "newer");
    for number in 3..DEVICES_MAX {
        assert_eq!(engine.run(link(1, device(&format!("phone-1{number:03}")))).unwrap(), Linked::Done);
    }
    assert_eq!(engine.run(link(1, device("phone-2000"))).unwrap(), Linked::Done);
    assert_eq!(engine.run(link(1, device("phone-2001"))).unwrap(), Linked::TooMany);
}

pub fn the_last_way_in_stays(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    let phone = || Unlinking::Device("phone-0001".into());
    assert_eq!(engine.run(unlink(1, phone())).unwrap(), Unlinked::Last);
    engine.run(link(1, identity("custom", "ann-1"))).unwrap();
    engine.run(link(1, identity("custom", "ann-2"))).unwrap();
    engine.run(link(1, email(5, "hash"))).unwrap();
    assert_eq!(engine.run(unlink(2, phone())).unwrap(), Unlinked::NotLinked, "somebody else's");
    assert_eq!(engine.run(unlink(1, phone())).unwrap(), Unlinked::Done);
    assert_eq!(engine.run(unlink(1, phone())).unwrap(), Unlinked::NotLinked);
    assert_eq!(engine.run(unlink(1, of_provider("apple", None))).unwrap(), Unlinked::NotLinked);
    assert_eq!(engine.run(unlink(1, of_provider("custom", Some("ann-3")))).unwrap(), Unlinked::NotLinked);
    assert_eq!(engine.run(unlink(1, of_provider("custom", Some("ann-2")))).unwrap(), Unlinked::Done);
    assert_eq!(engine.run(unlink(1, Unlinking::Email)).unwrap(), Unlinked::Done);
    let left = engine.run(AccountGet { user: user(1) }).unwrap().unwrap();
    assert_eq!((left.credentials.count(), left.personal), (1, vec![]), "the address is forgotten");
    assert_eq!(engine.run(unlink(1, of_provider("custom", None))).unwrap(), Unlinked::Last);
    engine.run(link(1, identity("custom", "ann-2"))).unwrap();
    // All of a provider's at once would leave nothing: none goes.
    assert_eq!(engine.run(unlink(1, of_provider("custom", None))).unwrap(), Unlinked::Last);
    let left = engine.run(AccountGet { user: user(1) }).unwrap().unwrap();
    assert_eq!(left.credentials.count(), 2);
}

pub fn an_address_is_verified_until_it_is_unlinked(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    engine.run(create("phone-0002", 2, "Bea")).unwrap();
    engine.run(link(1, email(5, "hash"))).unwrap();
    let mut verify = |number, found_by, at_ms, expected| {
        let verify = EmailVerify { user: user(number), found_by, at_ms };
        assert_eq!(engine.run(verify).unwrap(), expected, "{number} has {found_by}");
        engine.run(AccountGet { user: user(1) }).unwrap().unwrap().credentials.email_verified_ms
    };
    assert_eq!(verify(1, 6, 10, false), None, "another address");
    assert_eq!(verify(2, 5, 10, false), None, "another's address");
    assert_eq!(verify(1, 5, 11, true), Some(11));
    assert_eq!(verify(1, 5, 12, true), Some(11), "the first time stands");
    let mut linked = |credential| {
        assert_eq!(engine.run(link(1, credential)).unwrap(), Linked::Done);
        engine.run(AccountGet { user: user(1) }).unwrap().unwrap().credentials.email_verified_ms
    };
    assert_eq!(linked(email(5, "another password")), Some(11));
    engine.run(unlink(1, Unlinking::Email)).unwrap();
    engine.run(link(1, email(5, "hash"))).unwrap();
    let again = engine.run(AccountGet { user: user(1) }).unwrap().unwrap();
    assert_eq!(again.credentials.email_verified_ms, None, "unlinked in between");
}

pub fn profiles_change_in_parts(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    engine.run(create("phone-0002", 2, "Bea")).unwrap();
    let change = |change| AccountUpdate { user: user(1), change, at_ms: 9 };
    let text = |text: &str| Some(text.to_owned());
    let first = AccountChange {
        display_name: text("Ann the First"),
        avatar_url: text("https://pictures.example/ann"),
        preferences: text(r#"{"sound":false}"#),
        personal: vec![
            (PersonalKind::Location, Some(sealed(PersonalKind::Location, 1, "here"))),
            (PersonalKind::Timezone, Some(sealed(PersonalKind::Timezone, 1, "CET"))),
        ],
        ..AccountChange::default()
    };
    assert_eq!(engine.run(change(first)).unwrap(), AccountUpdated::Done);
    let second = AccountChange {
        username: text("ANN"),
        display_name: text(""),
        lang_tag: text("de"),
        personal: vec![
            (PersonalKind::Location, None),
            (PersonalKind::Timezone, Some(sealed(PersonalKind::Timezone, 2, "UTC"))),
        ],
        ..AccountChange::default()
    };
    assert_eq!(engine.run(change(second)).unwrap(), AccountUpdated::Done);
    let account = engine.run(AccountGet { user: user(1) }).unwrap().unwrap();
    assert_eq!(
        account.profile,
        Profile {
            username: "ANN".into(),
            created_ms: 7,
            updated_ms: 9,
            avatar_url: text("https://pictures.example/ann"),
            lang_tag: text("de"),
            preferences: text(r#"{"sound":false}"#),
            ..Profile::default()
        }
    );
    assert_eq!(account.personal, [sealed(PersonalKind::Timezone, 2, "UTC")]);
    let taken = AccountChange { username: text("bEA"), lang_tag: text("fr"), ..AccountChange::default() };
    assert_eq!(engine.run(change(taken)).unwrap(), AccountUpdated::UsernameTaken);
    let account = engine.run(AccountGet { user: user(1) }).unwrap().unwrap();
    assert_eq!((account.profile.username.as_str(), account.profile.lang_tag.as_deref()), ("ANN", Some("de")));
    let nobody = AccountUpdate { user: user(3), change: AccountChange::default(), at_ms: 9 };
    assert_eq!(engine.run(nobody).unwrap(), AccountUpdated::NotFound);
    // The old name is free again.
    let free = AccountChange { username: text("Cea"), ..AccountChange::default() };
    assert_eq!(engine.run(change(free)).unwrap(), AccountUpdated::Done);
    let ann = register(device("phone-0003"), 3, "Ann");
    assert_eq!(engine.run(ann).unwrap(), Registered::Created(login(3, "Ann")));
}

pub fn users_are_found_in_three_ways(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    engine.run(create("phone-0002", 2, "Bea")).unwrap();
    engine.run(register(identity("facebook", "f-3"), 3, "Cea")).unwrap();
    let get = UsersGet {
        ids: vec![user(2), user(9), user(2)],
        names: vec!["aNN".into(), "Bea".into(), "nobody".into()],
        known: vec![("facebook".into(), "f-3".into()), ("google".into(), "f-3".into())],
    };
    let found = engine.run(get).unwrap();
    let names: Vec<_> = found.iter().map(|seen| (seen.user, seen.profile.username.as_str())).collect();
    assert_eq!(names, [(user(2), "Bea"), (user(1), "Ann"), (user(3), "Cea")]);
}

pub fn what_is_sealed_moves_to_another_key(engine: &mut impl Engine) {
    for number in 1..=5u128 {
        let credential = Credential::Email {
            found_by: number,
            password: "hash".into(),
            address: sealed(PersonalKind::Email, if number < 4 { 1 } else { -2 }, &number.to_string()),
        };
        engine.run(register(credential, number, &format!("Ann{number}"))).unwrap();
    }
    assert_eq!(engine.run(PersonalKeys).unwrap(), [(-2, 2), (1, 3)]);
    let under = |after| PersonalUnder { key_id: 1, after, limit: 2 };
    let page = engine.run(under(None)).unwrap();
    assert_eq!(page.iter().map(|(user, _)| *user).collect::<Vec<_>>(), [user(1), user(2)]);
    // One of them changes before it is sealed again: what is newer stays.
    let newer = sealed(PersonalKind::Email, -2, "newer");
    let change = AccountChange {
        personal: vec![(PersonalKind::Email, Some(newer.clone()))],
        ..AccountChange::default()
    };
    engine.run(AccountUpdate { user: user(2), change, at_ms: 9 }).unwrap();
    let again = |(user, text): (UserId, Personal)| (user, text.key_id, Personal { key_id: -2, ..text });
    let resealed = page.into_iter().map(again).collect();
    assert_eq!(engine.run(PersonalReseal { resealed }).unwrap(), 1);
    let rest = engine.run(under(Some((user(2), PersonalKind::Email)))).unwrap();
    let resealed = rest.into_iter().map(again).collect();
    assert_eq!(engine.run(PersonalReseal { resealed }).unwrap(), 1);
    assert_eq!(engine.run(PersonalKeys).unwrap(), [(-2, 5)]);
    assert_eq!(engine.run(AccountGet { user: user(2) }).unwrap().unwrap().personal, [newer]);
}

pub fn ends_of_all_sessions_are_kept_while_they_matter(engine: &mut impl Engine) {
    for (number, at_ms) in [(1, 50), (2, 60), (3, 60), (1, 70)] {
        engine.run(SessionsEnd { user: user(number), at_ms }).unwrap();
    }
    let after = |ended_ms, number| SessionsEndedAfter {
        after: SessionsEnded { user: user(number), ended_ms },
        limit: 2,
    };
    let ended = |number, ended_ms| SessionsEnded { user: user(number), ended_ms };
    assert_eq!(engine.run(after(0, 0)).unwrap(), [ended(2, 60), ended(3, 60)]);
    assert_eq!(engine.run(after(60, 3)).unwrap(), [ended(1, 70)]);
    let prune = |limit| SessionsEndedPrune { before_ms: 60, limit };
    assert_eq!(engine.run(prune(1)).unwrap(), 1);
    assert_eq!(engine.run(prune(5)).unwrap(), 1);
    assert_eq!(engine.run(after(0, 0)).unwrap(), [ended(1, 70)]);
}

pub fn an_erased_account_leaves_nothing_that_names_a_person(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    engine.run(link(1, identity("apple", "a-1"))).unwrap();
    engine.run(link(1, email(5, "hash"))).unwrap();
    let change = AccountChange {
        personal: vec![(PersonalKind::Location, Some(sealed(PersonalKind::Location, 1, "here")))],
        ..AccountChange::default()
    };
    engine.run(AccountUpdate { user: user(1), change, at_ms: 9 }).unwrap();
    let family = FamilyRotate { family: FamilyId(5), user: user(1), expected: 0, expires_ms: 100 };
    engine.run(family).unwrap();
    assert!(engine.run(AccountErase { user: user(1), at_ms: 10 }).unwrap());
    assert_eq!(engine.run(AccountGet { user: user(1) }).unwrap(), None);
    assert_eq!(engine.run(FindByDevice { device: "phone-0001".into() }).unwrap(), None);
    let find = FindByIdentity { provider: "apple".into(), subject: "a-1".into() };
    assert_eq!(engine.run(find).unwrap(), None);
    assert_eq!(engine.run(FindByPassword { who: PasswordOf::Email(5) }).unwrap(), None);
    assert_eq!(engine.run(PersonalKeys).unwrap(), []);
    assert_eq!(engine.run(FamilyGet { family: FamilyId(5) }).unwrap(), None);
    let after = SessionsEndedAfter { after: SessionsEnded { user: UserId(0), ended_ms: 0 }, limit: 5 };
    assert_eq!(
        engine.run(after).unwrap(),
        [SessionsEnded { user: user(1), ended_ms: 10 }],
        "its tokens are over"
    );
    assert!(!engine.run(AccountErase { user: user(1), at_ms: 11 }).unwrap());
    // All of it is free for a new account.
    let again = register(identity("apple", "a-1"), 2, "Ann");
    assert_eq!(engine.run(again).unwrap(), Registered::Created(login(2, "Ann")));
}
