//! Logins, links and keys, over a real store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use parking_lot::Mutex;
use proptest::prelude::*;
use store::{Options, PersonalKind, Store};

use super::*;
use crate::ports::{Clock, Entropy, Task};
use crate::tokens::{SessionKey, Settings};

/// Time that stands until it is moved.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
    fn monotonic_us(&self) -> u64 {
        0
    }
}

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn u128(&self) -> u128 {
        let number = u128::from(self.0.fetch_add(1, Ordering::Relaxed));
        // Spread, so that names made of it differ.
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }
}

/// Works at once, and counts.
#[derive(Default)]
struct Here(AtomicU64);

impl Spawn for Here {
    fn task(&self, _task: Task) {
        unreachable!("accounts run nothing that waits");
    }
    fn blocking(&self, work: Box<dyn FnOnce() + Send>) {
        self.0.fetch_add(1, Ordering::Relaxed);
        work();
    }
}

struct House {
    accounts: Accounts,
    clock: Arc<Hands>,
    ended: Arc<Mutex<Vec<Ended>>>,
    busy: Arc<Here>,
    _folder: tempfile::TempDir,
}

fn house_with(settings: AccountSettings) -> House {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Options::default()).unwrap();
    let clock = Arc::new(Hands(AtomicI64::new(1_800_000_000_000)));
    let entropy: Arc<dyn Entropy> = Arc::new(Counting(AtomicU64::new(1)));
    let core = Core::new(store, clock.clone(), Arc::clone(&entropy));
    let tokens = Settings {
        session_key: SessionKey::Secret(b"a session key".to_vec()),
        refresh_key: b"a refresh key".to_vec(),
        access_seconds: 60,
        refresh_seconds: 3_600,
    };
    let ended = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&ended);
    let busy = Arc::new(Here::default());
    let parts = AccountParts {
        tokens: Arc::new(Tokens::new(&tokens).unwrap()),
        vault: Vault::new(entropy, "a personal key", &[], "a lookup key"),
        ticket_key: [7; 32],
        spawn: busy.clone(),
        settings,
        on_ended: Box::new(move |end| notes.lock().push(end)),
    };
    House { accounts: Accounts::new(&core, parts), clock, ended, busy, _folder: folder }
}

fn house() -> House {
    house_with(AccountSettings { registration: true, single: false })
}

fn by_device(device: &str) -> DeviceLogin {
    DeviceLogin { device: device.into(), create: true, username: None, vars: Vars::new() }
}

fn by_email(email: &str, password: &str, create: bool) -> EmailLogin {
    let who = EmailLogins::Email(email.into());
    EmailLogin { who, password: password.into(), create, username: None, vars: Vars::new() }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let accounts = house().accounts;
    let made = accounts.email(by_email("Ada@Example.org", "correct horse", true)).await.unwrap();
    assert!(made.created);
    let again = accounts.email(by_email("ada@example.ORG", "correct horse", false)).await.unwrap();
    assert_eq!((again.user, again.created), (made.user, false));
    assert_eq!(accounts.account(made.user).await.unwrap().email.as_deref(), Some("ada@example.org"));
    for (email, password) in [("ada@example.org", "wrong horse"), ("eve@example.org", "correct horse")] {
        let refused = accounts.email(by_email(email, password, false)).await;
        assert_eq!(refused, Err(AccountError::Credentials), "{email}");
    }
    // To make an account is no way to find out either: an address that is taken wants its password.
    let taken = accounts.email(by_email("ada@example.org", "another horse", true)).await;
    assert_eq!(taken, Err(AccountError::Credentials));
    let name = accounts.account(made.user).await.unwrap().user.profile.username;
    let login = |password: &str| EmailLogin {
        who: EmailLogins::Username(name.to_uppercase()),
        ..by_email("", password, false)
    };
    assert_eq!(accounts.email(login("correct horse")).await.unwrap().user, made.user);
    assert_eq!(accounts.email(login("wrong horse")).await, Err(AccountError::Credentials));
}

/// Whoever measures a refusal learns nothing: one password is hashed, whether there is such an account or not.
#[tokio::test]
async fn every_login_with_a_password_hashes_one() {
    let House { accounts, busy, _folder, .. } = house();
    accounts.email(by_email("ada@example.org", "correct horse", true)).await.unwrap();
    let named = |name: &str| EmailLogin {
        who: EmailLogins::Username(name.into()),
        ..by_email("", "wrong horse", false)
    };
    let hashed = async |accounts: &Accounts, login: EmailLogin| {
        let before = busy.0.load(Ordering::Relaxed);
        let refused = accounts.email(login).await;
        assert_eq!(refused, Err(AccountError::Credentials));
        busy.0.load(Ordering::Relaxed) - before
    };
    for create in [false, true] {
        assert_eq!(hashed(&accounts, by_email("ada@example.org", "wrong horse", create)).await, 1, "known");
    }
    assert_eq!(hashed(&accounts, by_email("eve@example.org", "wrong horse", false)).await, 1, "unknown");
    assert_eq!(hashed(&accounts, named("nobody")).await, 1, "an unknown name");
    let closed = AccountSettings { registration: false, single: false };
    let accounts = Accounts { settings: closed, ..accounts };
    assert_eq!(hashed(&accounts, by_email("eve@example.org", "wrong horse", true)).await, 1, "closed");
}

#[tokio::test]
async fn what_cannot_be_a_login_is_refused() {
    let accounts = house().accounts;
    for email in ["ada", "@host", "ada@", "a b@c.de", "a@b@c.de", "ada\n@c.de", &"x".repeat(300)] {
        assert_eq!(
            accounts.email(by_email(email, "correct horse", true)).await,
            Err(AccountError::Email),
            "{email}"
        );
    }
    for password in ["short", &"x".repeat(PASSWORD_BYTES_MAX + 1)] {
        assert_eq!(accounts.email(by_email("a@b.de", password, true)).await, Err(AccountError::Password));
    }
    for id in ["short", &"x".repeat(129), "with\0nul"] {
        assert_eq!(accounts.custom(by_device(id)).await, Err(AccountError::CustomId), "{id:?}");
    }
}

#[tokio::test]
async fn closed_registration_lets_known_players_in_only() {
    let open = house();
    let known = open.accounts.device(by_device("device-known")).await.unwrap();
    let closed = AccountSettings { registration: false, single: false };
    let accounts = Accounts { settings: closed, ..open.accounts };
    assert_eq!(accounts.device(by_device("device-known")).await.unwrap().user, known.user);
    assert_eq!(accounts.device(by_device("device-fresh")).await, Err(AccountError::Closed));
    assert_eq!(accounts.custom(by_device("custom-fresh")).await, Err(AccountError::Closed));
    // Whether an address is known is not told here either.
    assert_eq!(
        accounts.email(by_email("a@b.de", "correct horse", true)).await,
        Err(AccountError::Credentials)
    );
}

#[tokio::test]
async fn a_log_out_everywhere_ends_what_was_made_before_and_nothing_later() {
    let house = house();
    let accounts = &house.accounts;
    let first = accounts.device(by_device("device-of-ada")).await.unwrap();
    house.clock.0.fetch_add(1, Ordering::Relaxed);
    accounts.end_all(first.user).await.unwrap();
    assert_eq!(*house.ended.lock(), [Ended::User(first.user)]);
    assert_eq!(accounts.holder(&first.tokens.token), Err(TokenError::Revoked));
    let refreshed = accounts.refresh(&first.tokens.refresh_token, Vars::new()).await;
    assert_eq!(refreshed, Err(TokenError::Revoked.into()));
    // In the very same second, a moment later.
    house.clock.0.fetch_add(1, Ordering::Relaxed);
    let second = accounts.device(by_device("device-of-ada")).await.unwrap();
    assert!(accounts.holder(&second.tokens.token).is_ok());
    // A server that starts knows it too.
    accounts.load_revoked().await.unwrap();
    assert_eq!(accounts.holder(&first.tokens.token), Err(TokenError::Revoked));
}

#[tokio::test]
async fn with_single_sessions_a_login_ends_the_ones_before() {
    let house = house_with(AccountSettings { registration: true, single: true });
    let first = house.accounts.device(by_device("device-of-ada")).await.unwrap();
    house.clock.0.fetch_add(1_000, Ordering::Relaxed);
    let second = house.accounts.device(by_device("device-of-ada")).await.unwrap();
    assert_eq!(house.accounts.holder(&first.tokens.token), Err(TokenError::Revoked));
    assert!(house.accounts.holder(&second.tokens.token).is_ok());
}

#[tokio::test]
async fn a_ticket_is_good_once_and_for_its_place() {
    let house = house();
    let accounts = &house.accounts;
    let user = accounts.device(by_device("device-of-ada")).await.unwrap().user;
    let ticket = accounts.ticket(user, "ada", None, "arena-7", 30).unwrap().ticket;
    let elsewhere = accounts.introspect(&ticket, Some("arena-8")).await.unwrap();
    assert!(!elsewhere.active);
    let shown = accounts.introspect(&ticket, Some("arena-7")).await.unwrap();
    assert_eq!((shown.active, shown.token_type, shown.sub), (true, Some("ticket"), Some(user.to_string())));
    assert!(!accounts.introspect(&ticket, None).await.unwrap().active, "it was used");
    let late = accounts.ticket(user, "ada", None, "arena-7", 30).unwrap().ticket;
    house.clock.0.fetch_add(30_000, Ordering::Relaxed);
    assert!(!accounts.introspect(&late, None).await.unwrap().active);
    for (place, seconds) in [("", 1), ("a\nb", 1), ("a", 0), ("a", TICKET_SECONDS_MAX + 1)] {
        assert_eq!(accounts.ticket(user, "ada", None, place, seconds), Err(AccountError::Ticket));
    }
}

#[tokio::test]
async fn a_ticket_ends_with_its_login() {
    let house = house();
    let accounts = &house.accounts;
    let pass = |ms: i64| house.clock.0.fetch_add(ms, Ordering::Relaxed);
    let login = accounts.device(by_device("device-of-ada")).await.unwrap();
    let (user, family) = (login.user, accounts.holder(&login.tokens.token).unwrap().family);
    let make = |family| accounts.ticket(user, "ada", family, "arena-7", TICKET_SECONDS_MAX).unwrap().ticket;
    let is_good = async |ticket: &str| accounts.introspect(ticket, None).await.unwrap().active;

    let (own, other, servers) = (make(Some(family)), make(Some(FamilyId(77))), make(None));
    accounts.end_family(family, user).await.unwrap();
    // Also when the last session token of the family is over and the memory has forgotten it.
    pass(61_000);
    accounts.housekeeping().await.unwrap();
    assert!(!is_good(&own).await, "logged out");
    assert!(is_good(&other).await, "another login goes on");
    assert!(is_good(&servers).await, "so does what a server asked for");

    let before = [make(Some(family)), make(Some(FamilyId(77))), make(None)];
    accounts.end_all(user).await.unwrap();
    assert!(!is_good(&before[0]).await && !is_good(&before[1]).await && !is_good(&before[2]).await);
    pass(1);
    assert!(is_good(&make(None)).await, "made after the log-out everywhere");

    let banned = make(None);
    accounts.set_disabled(user, true).await.unwrap();
    assert!(!is_good(&banned).await, "shut out");
    accounts.set_disabled(user, false).await.unwrap();
    pass(1);
    let erased = make(None);
    pass(1);
    accounts.erase(user).await.unwrap();
    assert!(!is_good(&erased).await, "erased");
}

#[tokio::test]
async fn introspection_tells_old_refresh_tokens_from_new_ones() {
    let house = house();
    let accounts = &house.accounts;
    let first = accounts.device(by_device("device-of-ada")).await.unwrap();
    assert!(accounts.introspect(&first.tokens.token, None).await.unwrap().active);
    assert_eq!(
        accounts.introspect(&first.tokens.refresh_token, None).await.unwrap().token_type,
        Some("refresh")
    );
    let second = accounts.refresh(&first.tokens.refresh_token, Vars::new()).await.unwrap();
    assert!(!accounts.introspect(&first.tokens.refresh_token, None).await.unwrap().active);
    assert!(accounts.introspect(&second.tokens.refresh_token, None).await.unwrap().active);
    assert!(!accounts.introspect("nonsense", None).await.unwrap().active);
}

#[test]
fn a_sealed_text_opens_under_its_key_and_as_its_kind_only() {
    let entropy = || -> Arc<dyn Entropy> { Arc::new(Counting(AtomicU64::new(5))) };
    let old = Vault::new(entropy(), "the old key", &[], "lookup");
    let new = Vault::new(entropy(), "the new key", &["the old key"], "lookup");
    let sealed = old.seal(PersonalKind::Email, "ada@example.org");
    assert!(!sealed.sealed.windows(3).any(|part| part == b"ada"));
    assert_eq!(old.open(&sealed).unwrap(), "ada@example.org");
    assert_eq!(new.open(&sealed).unwrap(), "ada@example.org");
    assert_eq!(old.open(&new.seal(PersonalKind::Email, "x")), Err(VaultError::NoKey(new.key_id())));
    let other = store::Personal { kind: PersonalKind::Location, ..sealed.clone() };
    assert_eq!(old.open(&other), Err(VaultError::Damaged));
    let mut bent = sealed;
    bent.sealed[14] ^= 1;
    assert_eq!(old.open(&bent), Err(VaultError::Damaged));
    assert_eq!(old.found_by("a@b.de"), new.found_by("a@b.de"));
    assert_ne!(old.found_by("a@b.de"), Vault::new(entropy(), "k", &[], "other").found_by("a@b.de"));
}

#[test]
fn nobodys_password_is_hashed_as_everybodys() {
    let parts = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
    let somebodys = passwords::hash("correct horse", 1);
    assert_eq!(
        (parts(passwords::NOBODY), passwords::NOBODY.len()),
        (parts(&somebodys), somebodys.len()),
        "{somebodys}"
    );
}

#[derive(Clone, Debug)]
enum Step {
    Link(u8, u8),
    Unlink(u8, u8),
}

/// Ids of which account `i` has which device, as simply as it can be said.
#[derive(Default)]
struct Model(BTreeMap<u8, u8>);

impl Model {
    fn link(&mut self, account: u8, device: u8) -> Result<(), AccountError> {
        match *self.0.entry(device).or_insert(account) {
            holder if holder == account => Ok(()),
            _ => Err(AccountError::Taken),
        }
    }

    fn unlink(&mut self, account: u8, device: u8) -> Result<(), AccountError> {
        if self.0.get(&device) != Some(&account) {
            return Err(AccountError::NotLinked);
        }
        if self.0.values().filter(|holder| **holder == account).count() == 1 {
            return Err(AccountError::Last);
        }
        self.0.remove(&device);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn links_are_as_in_the_model(steps in prop::collection::vec(
        (any::<bool>(), 0u8..3, 0u8..6)
            .prop_map(|(link, a, d)| if link { Step::Link(a, d) } else { Step::Unlink(a, d) }),
        1..40,
    )) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let accounts = house().accounts;
            let name = |device: u8| format!("device-number-{device}");
            let (mut model, mut users) = (Model::default(), Vec::new());
            for account in 0..3u8 {
                users.push(accounts.device(by_device(&name(account))).await.unwrap().user);
                model.0.insert(account, account);
            }
            for step in steps {
                let (found, expected) = match step {
                    Step::Link(account, device) => (
                        accounts.link_device(users[usize::from(account)], name(device)).await,
                        model.link(account, device),
                    ),
                    Step::Unlink(account, device) => (
                        accounts.unlink_device(users[usize::from(account)], name(device)).await,
                        model.unlink(account, device),
                    ),
                };
                assert_eq!(found, expected, "{step:?}");
            }
            for (account, user) in users.iter().enumerate() {
                let shown = accounts.account(*user).await.unwrap().credentials.devices;
                let expected: Vec<_> = model
                    .0
                    .iter()
                    .filter(|(_, holder)| usize::from(**holder) == account)
                    .map(|(device, _)| name(*device))
                    .collect();
                assert_eq!(shown, expected);
            }
        });
    }
}
