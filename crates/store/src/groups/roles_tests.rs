//! The table of who may do what to whom, written out.

use super::{Act, GroupRefusal, Role, Verdict, Who, verdict};

/// One letter for each verdict: `.` stays, a digit for the new role, `x` goes, `!` denied, `o` not to oneself, `b` banned.
fn letter(verdict: Verdict) -> char {
    match verdict {
        Verdict::Stays => '.',
        Verdict::Becomes(role) => char::from(b'0' + role as u8),
        Verdict::Goes => 'x',
        Verdict::Refused(GroupRefusal::Denied) => '!',
        Verdict::Refused(GroupRefusal::Oneself) => 'o',
        Verdict::Refused(GroupRefusal::Banned) => 'b',
        Verdict::Refused(_) => '?',
    }
}

/// Each column is what the target is: superadmin, admin, member, join request, banned, nothing.
fn row(act: Act, who: Who, open: bool) -> String {
    let targets = Role::ALL.into_iter().map(Some).chain([None]);
    targets.map(|target| letter(verdict(act, who, target, open))).collect()
}

const SUPERADMIN: Who = Who::Other(Some(Role::Superadmin));
const ADMIN: Who = Who::Other(Some(Role::Admin));

#[test]
fn the_table() {
    #[rustfmt::skip]
    let table = [
        // act         who              closed    open
        (Act::Join,    Who::Themselves, "....b3", "...2b2"),
        (Act::Leave,   Who::Themselves, "xxxx..", "xxxx.."),
        (Act::Add,     Who::Themselves, "oo!!!!", "oo!!!!"),
        (Act::Kick,    Who::Themselves, "oo!!!!", "oo!!!!"),
        (Act::Ban,     Who::Themselves, "oo!!!!", "oo!!!!"),
        (Act::Promote, Who::Themselves, "oo!!!!", "oo!!!!"),
        (Act::Demote,  Who::Themselves, "12.!!!", "12.!!!"),
        (Act::Add,     Who::House,      "...2b2", "...2b2"),
        (Act::Kick,    Who::House,      "xxxxx.", "xxxxx."),
        (Act::Ban,     Who::House,      "4444.4", "4444.4"),
        (Act::Promote, Who::House,      ".01...", ".01..."),
        (Act::Demote,  Who::House,      "12....", "12...."),
        (Act::Add,     SUPERADMIN,      "...2b2", "...2b2"),
        (Act::Kick,    SUPERADMIN,      "xxxxx.", "xxxxx."),
        (Act::Ban,     SUPERADMIN,      "4444.4", "4444.4"),
        (Act::Promote, SUPERADMIN,      ".01...", ".01..."),
        (Act::Demote,  SUPERADMIN,      "12....", "12...."),
        (Act::Add,     ADMIN,           "...2b2", "...2b2"),
        (Act::Kick,    ADMIN,           "!!xxx.", "!!xxx."),
        (Act::Ban,     ADMIN,           "!!44.4", "!!44.4"),
        (Act::Promote, ADMIN,           ".!1...", ".!1..."),
        (Act::Demote,  ADMIN,           "!!....", "!!...."),
    ];
    for (act, who, closed, open) in table {
        assert_eq!(row(act, who, false), closed, "{act:?} by {who:?}, closed");
        assert_eq!(row(act, who, true), open, "{act:?} by {who:?}, open");
    }
}

#[test]
fn nobody_else_may_do_anything_to_others() {
    for act in Act::ALL {
        for role in [None, Some(Role::Member), Some(Role::Request), Some(Role::Banned)] {
            for open in [false, true] {
                assert_eq!(row(act, Who::Other(role), open), "!!!!!!", "{act:?} by {role:?}");
            }
        }
    }
    for who in [Who::House, SUPERADMIN, ADMIN] {
        for act in [Act::Join, Act::Leave] {
            assert_eq!(row(act, who, true), "!!!!!!", "{act:?} for somebody else by {who:?}");
        }
    }
}

#[test]
fn numbers_of_roles_are_the_protocols() {
    let numbers: Vec<_> = Role::ALL.into_iter().map(|role| role as u8).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
    assert_eq!((Role::of(4), Role::of(5), Role::of(-1)), (Some(Role::Banned), None, None));
}
