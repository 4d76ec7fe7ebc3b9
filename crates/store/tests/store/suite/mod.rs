//! What every engine must do. Each function gets a fresh, migrated store.

mod accounts;
mod agents;
mod chat;
mod events;
mod friends;
pub mod governance;
pub mod groups;
mod leaderboards;
mod notifications;
mod outside;
mod points;
mod receipts;
mod rooms;
mod storage;
mod wallets;

use accounts::*;
use agents::*;
use chat::*;
use events::*;
use friends::*;
use governance::*;
use groups::*;
use kernel::{RoomId, Seq};
use leaderboards::*;
use notifications::*;
use outside::*;
use points::*;
use receipts::*;
use rooms::*;
use storage::*;
use store::*;
use wallets::*;

use crate::samples::{append_now, chunk, open, user};

/// An engine under test.
pub trait Engine {
    /// Runs an operation in a transaction of its own and commits it.
    fn run<O: Operation>(&mut self, operation: O) -> Result<O::Output, StoreError>;
    /// Appends to a room, or does nothing.
    fn append(&mut self, append: RoomAppend) -> Result<AppendReceipt, AppendError>;
}

impl Engine for Store {
    fn run<O: Operation>(&mut self, operation: O) -> Result<O::Output, StoreError> {
        self.write_now(operation).map(Committed::into_inner)
    }

    fn append(&mut self, append: RoomAppend) -> Result<AppendReceipt, AppendError> {
        append_now(self, vec![append]).pop().expect("one append has one answer")
    }
}

macro_rules! suite {
    ($($name:ident),* $(,)?) => {
        /// Every part of the suite, for engines that are slow to start.
        pub fn all<E: Engine>(mut fresh: impl FnMut(&'static str) -> E) {
            $($name(&mut fresh(stringify!($name)));)*
        }

        mod sqlite {
            $(#[test]
            fn $name() {
                let memory = store::Store::open_manual(store::Place::Memory, store::Options::default());
                super::$name(&mut memory.unwrap());
                let dir = tempfile::tempdir().unwrap();
                super::$name(&mut store::Store::open(dir.path(), store::Options::default()).unwrap());
            })*
        }
    };
}

suite![
    devices_log_in,
    a_username_is_taken_without_regard_to_case,
    accounts_are_read_whole,
    an_address_is_verified_until_it_is_unlinked,
    whatever_one_logs_in_with_makes_one_account,
    what_is_linked_is_one_accounts_alone,
    the_last_way_in_stays,
    profiles_change_in_parts,
    users_are_found_in_three_ways,
    what_is_sealed_moves_to_another_key,
    ends_of_all_sessions_are_kept_while_they_matter,
    an_erased_account_leaves_nothing_that_names_a_person,
    families_rotate,
    families_are_revoked_and_pruned,
    rooms_open_once_for_their_owner,
    rooms_are_claimed_and_closed,
    rooms_are_listed,
    rooms_wake_when_due,
    old_terms_and_wrong_numbers_are_refused,
    logs_are_read_in_pages_and_pruned,
    effects_change_wallets_once,
    an_append_is_whole_or_not_at_all,
    seats_have_one_person_each,
    snapshots_are_whole_or_damaged,
    contents_are_kept_by_hash,
    the_content_that_was_published_last_is_current,
    points_are_noted_with_their_inputs,
    snapshots_of_points_are_not_thinned_out,
    moments_stay_as_long_as_the_log_after_them,
    events_of_an_append_are_kept_with_it,
    sessions_are_found_by_what_an_issuer_calls_them,
    notes_are_written_once_and_read_once,
    purchases_are_kept_once_for_one_account,
    subscriptions_are_brought_up_to_date_and_listed,
    events_are_kept_in_order,
    old_events_go_but_the_order_goes_on,
    a_due_job_is_claimed_once,
    what_workers_remember_is_kept_and_forgotten,
    a_job_is_given_once_and_ends_once,
    rooms_hear_of_their_jobs_in_order,
    boards_are_made_once_and_listed,
    scores_meet_by_their_operator,
    records_are_listed_in_the_order_of_ranks,
    tournaments_have_room_and_attempts,
    what_is_over_and_what_is_gone_is_removed,
    friends_are_asked_accepted_blocked_and_removed,
    friends_have_bounds,
    friends_are_listed_in_pages,
    friends_of_friends_are_found,
    friends_from_elsewhere_are_friends_at_once,
    notifications_are_kept_in_order_and_bounded,
    notifications_reach_everybody_in_steps,
    messages_are_kept_in_the_order_of_commits,
    messages_are_changed_by_those_who_may,
    messages_are_found_by_their_sender_and_erased,
    sanctions_hold_until_they_end,
    objects_are_written_under_conditions,
    objects_are_listed_in_pages,
    indexes_are_walked_both_ways,
    writes_apply_once_under_a_key,
    wallets_change_together_or_not_at_all,
    one_ledger_shows_changes_by_rooms_and_by_server_code,
    achievements_are_unlocked_once,
    a_group_is_made_changed_and_ends,
    roles_are_given_and_taken,
    groups_are_listed,
    people_of_a_group_are_listed,
    groups_outlive_users_who_are_erased,
    a_user_is_in_so_many_groups,
    open_votes_are_counted_and_shown,
    secret_votes_lead_to_nobody,
    who_may_open_is_the_groups_policy,
    a_decision_changes_the_group_once,
    hooks_are_claimed_and_noted,
    everybody_of_the_house_may_vote,
    proposals_end_with_their_group_their_people_and_time,
    texts_with_nul_are_refused,
    large_numbers_come_back,
    parameters_are_bound_by_their_numbers,
];

fn login(user: UserId, name: &str) -> Login {
    Login { user, username: name.into(), disabled: false }
}

fn create(device: &str, number: u128, name: &str) -> Register {
    let credential = Credential::Device(device.to_owned());
    Register { credential, user: user(number), username: name.to_owned(), at_ms: 7 }
}

fn devices_log_in(engine: &mut impl Engine) {
    let ann = login(user(1), "Ann");
    assert_eq!(engine.run(create("phone-0001", 1, "Ann")).unwrap(), Registered::Created(ann.clone()));
    assert_eq!(engine.run(create("phone-0001", 2, "Bea")).unwrap(), Registered::Found(ann.clone()));
    let find = |device: &str| FindByDevice { device: device.into() };
    assert_eq!(engine.run(find("phone-0001")).unwrap(), Some(ann.clone()));
    assert_eq!(engine.run(find("PHONE-0001")).unwrap(), None);
    let disable = |disabled_ms| SetDisabled { user: user(1), disabled_ms, at_ms: 9 };
    assert!(engine.run(disable(Some(9))).unwrap());
    assert_eq!(engine.run(find("phone-0001")).unwrap(), Some(Login { disabled: true, ..ann.clone() }));
    assert!(engine.run(disable(None)).unwrap());
    assert_eq!(engine.run(find("phone-0001")).unwrap(), Some(ann));
    assert!(!engine.run(SetDisabled { user: user(9), disabled_ms: None, at_ms: 9 }).unwrap());
}

fn a_username_is_taken_without_regard_to_case(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Änn_100%")).unwrap();
    assert_eq!(engine.run(create("phone-0002", 2, "äNN_100%")).unwrap(), Registered::UsernameTaken);
    let near = engine.run(create("phone-0002", 2, "ann_100%")).unwrap();
    assert_eq!(near, Registered::Created(login(user(2), "ann_100%")));
}

fn rotate(family: u128, expected: u64) -> FamilyRotate {
    FamilyRotate { family: FamilyId(family), user: user(1), expected, expires_ms: 100 }
}

fn families_rotate(engine: &mut impl Engine) {
    let get = || FamilyGet { family: FamilyId(5) };
    assert_eq!(engine.run(get()).unwrap(), None);
    assert_eq!(engine.run(rotate(5, 3)).unwrap(), Rotation::Unknown);
    assert_eq!(engine.run(rotate(5, 0)).unwrap(), Rotation::Rotated(1));
    assert_eq!(engine.run(rotate(5, 0)).unwrap(), Rotation::Reused { generation: 1 });
    assert_eq!(engine.run(rotate(5, 1)).unwrap(), Rotation::Rotated(2));
    assert_eq!(engine.run(FamilyRotate { user: user(2), ..rotate(5, 2) }).unwrap(), Rotation::Unknown);
    let row = engine.run(get()).unwrap().unwrap();
    assert_eq!((row.generation, row.revoked, row.expires_ms, row.user), (2, false, 100, user(1)));
    let revoke = || FamilyRevoke { family: FamilyId(5), user: user(1), expires_ms: 100 };
    assert!(!engine.run(FamilyRevoke { user: user(2), ..revoke() }).unwrap());
    assert!(engine.run(revoke()).unwrap());
    assert!(!engine.run(revoke()).unwrap());
    assert_eq!(engine.run(rotate(5, 2)).unwrap(), Rotation::Revoked);
}

fn families_are_revoked_and_pruned(engine: &mut impl Engine) {
    for family in 1..=6u128 {
        let expires_ms = if family < 4 { 50 } else { 60 };
        let revoke = FamilyRevoke { family: FamilyId(family), user: user(1), expires_ms };
        assert!(engine.run(revoke).unwrap());
    }
    engine.run(rotate(7, 0)).unwrap();
    let mut after = (40, FamilyId(0));
    let mut seen = Vec::new();
    loop {
        let page = engine.run(FamiliesRevoked { after, limit: 4 }).unwrap();
        seen.extend(page.iter().map(|row| row.family.0));
        let Some(last) = page.last() else { break };
        after = (last.expires_ms, last.family);
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
    let mine = engine.run(FamiliesOfUser { user: user(1), now_ms: 55, limit: 10 }).unwrap();
    assert_eq!(mine.iter().map(|row| row.family.0).collect::<Vec<_>>(), [4, 5, 6, 7]);
    assert_eq!(engine.run(FamiliesPrune { now_ms: 50, limit: 2 }).unwrap(), 2);
    assert_eq!(engine.run(FamiliesPrune { now_ms: 50, limit: 2 }).unwrap(), 1);
    assert_eq!(engine.run(FamiliesPrune { now_ms: 50, limit: 2 }).unwrap(), 0);
    assert_eq!(engine.run(rotate(1, 1)).unwrap(), Rotation::Unknown);
}

fn contents_are_kept_by_hash(engine: &mut impl Engine) {
    let put = |hash: &[u8], body: &[u8]| ContentPut {
        rules: "farm".into(),
        hash: hash.to_vec(),
        body: body.to_vec(),
        at_ms: 3,
    };
    assert!(engine.run(put(b"h1", b"one")).unwrap());
    assert!(!engine.run(put(b"h1", b"other")).unwrap());
    let get = |rules: &str, hash: &[u8]| ContentGet { rules: rules.into(), hash: hash.to_vec() };
    assert_eq!(engine.run(get("farm", b"h1")).unwrap(), Some(b"one".to_vec()));
    assert_eq!(engine.run(get("farm", b"h2")).unwrap(), None);
    assert_eq!(engine.run(get("ledger", b"h1")).unwrap(), None);
}

fn texts_with_nul_are_refused(engine: &mut impl Engine) {
    let refused = Err(StoreError::NotStorable("a text with a NUL byte"));
    assert_eq!(engine.run(create("phone\0", 1, "Ann")), refused);
    assert_eq!(engine.run(create("phone-0001", 1, "A\0nn")), refused);
    assert_eq!(engine.run(FindByDevice { device: "phone-0001".into() }).unwrap(), None);
}

fn large_numbers_come_back(engine: &mut impl Engine) {
    engine.run(open(RoomId(u128::MAX - 1), None, false)).unwrap();
    let last = i64::MAX.cast_unsigned();
    let mut far = chunk(RoomId(u128::MAX - 1), 1, 3, last);
    (far.at_ms, far.sum) = (i64::MIN, u64::MAX);
    engine.append(far).unwrap();
    let page =
        engine.run(LoadLog { room: RoomId(u128::MAX - 1), after: Seq(2), bytes_max: 1 << 20 }).unwrap();
    let back = &page.chunks[0];
    assert_eq!((back.last_seq, back.at_ms, back.sum), (Seq(last), i64::MIN, u64::MAX));
    let beyond = engine.append(chunk(RoomId(u128::MAX - 1), 1, last + 1, last + 1));
    assert!(matches!(beyond, Err(AppendError::Store(StoreError::NotStorable(_)))), "{beyond:?}");
}

static SHUFFLED: Statement = Statement::new(
    "tests::SHUFFLED",
    "SELECT CAST($2 AS TEXT), CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($1 AS BIGINT)",
);
static GAPPED: Statement = Statement::new("tests::GAPPED", "SELECT CAST($1 AS BIGINT), CAST($3 AS BIGINT)");

/// Parameters out of order, and used again.
struct Shuffled(i64, &'static str, i64);

impl Operation for Shuffled {
    type Output = (String, i64, String, i64, i64);

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.one(&SHUFFLED, &[self.0.into(), self.1.into(), self.2.into()], |row| {
            Ok((row.text(0)?, row.int(1)?, row.text(2)?, row.int(3)?, row.int(4)?))
        })
        .await
    }
}

fn parameters_are_bound_by_their_numbers(engine: &mut impl Engine) {
    let back = engine.run(Shuffled(1, "two", 3)).unwrap();
    assert_eq!(back, ("two".to_owned(), 1, "two".to_owned(), 3, 1));
}

/// Faults of the program that SQLite would forgive, and must not.
struct Misbound(&'static Statement, Vec<i64>);

impl Operation for Misbound {
    type Output = Vec<()>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values: Vec<Value<'_>> = self.1.iter().map(|&number| number.into()).collect();
        tx.rows(self.0, &values, |_| Ok(())).await
    }
}

#[test]
fn a_wrong_number_of_parameters_is_an_error() {
    let mut engine = Store::open_manual(Place::Memory, Options::default()).unwrap();
    for (statement, values) in
        [(&SHUFFLED, vec![1, 2]), (&SHUFFLED, vec![1, 2, 3, 4]), (&GAPPED, vec![1, 2, 3])]
    {
        assert!(matches!(engine.run(Misbound(statement, values)), Err(StoreError::NotStorable(_))));
    }
}
