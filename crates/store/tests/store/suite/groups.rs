//! Groups on every engine: a walk through roles, settings, lists and ends.

use store::*;

use super::Engine;
pub use super::friends::people;
use crate::samples::user;

pub const GROUP: GroupId = GroupId(77);

pub fn new_group(id: GroupId, name: &str) -> Group {
    Group {
        id,
        name: name.into(),
        creator: None,
        description: "about".into(),
        avatar_url: String::new(),
        lang_tag: "en".into(),
        metadata: "{}".into(),
        open: true,
        members: 0,
        max_count: 4,
        created_ms: 10,
        updated_ms: 10,
    }
}

pub fn make(engine: &mut impl Engine, id: GroupId, name: &str, by: u128) -> Result<Group, GroupRefusal> {
    engine.run(GroupCreate { creator: user(by), group: new_group(id, name) }).unwrap()
}

pub fn by(number: u128) -> Actor {
    Actor::User(user(number))
}

pub fn act(
    engine: &mut impl Engine,
    actor: Actor,
    act: Act,
    targets: &[u128],
) -> Result<GroupDone, GroupRefusal> {
    let targets = targets.iter().map(|number| user(*number)).collect();
    engine.run(GroupAct { group: GROUP, actor, act, targets, at_ms: 20 }).unwrap()
}

pub fn role(engine: &mut impl Engine, number: u128) -> Option<Role> {
    engine.run(GroupRole { group: GROUP, user: user(number) }).unwrap().map(|member| member.role)
}

fn moves(done: &GroupDone) -> Vec<(u128, Option<Role>, Option<Role>)> {
    done.changes.iter().map(|change| (change.user.0 - user(0).0, change.from, change.to)).collect()
}

pub fn a_group_is_made_changed_and_ends(engine: &mut impl Engine) {
    people(engine, 3);
    let made = make(engine, GROUP, "Farmers", 1).unwrap();
    assert_eq!((made.creator, made.members), (Some(user(1)), 1));
    assert_eq!(make(engine, GroupId(78), "fARMERS", 2), Err(GroupRefusal::NameTaken));
    assert_eq!(make(engine, GroupId(78), "Bakers", 9), Err(GroupRefusal::NoSuchUser(user(9))));
    make(engine, GroupId(78), "Bakers", 2).unwrap();
    assert_eq!(role(engine, 1), Some(Role::Superadmin));
    let update = |actor, settings| GroupUpdate { group: GROUP, actor, settings, at_ms: 30 };
    let renamed = GroupSettings { name: Some("FARMERS".into()), open: Some(false), ..Default::default() };
    assert_eq!(engine.run(update(by(2), renamed.clone())).unwrap(), Err(GroupRefusal::Denied));
    let changed = engine.run(update(by(1), renamed)).unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.open, changed.updated_ms), ("FARMERS", false, 30));
    assert_eq!(changed.description, "about");
    let taken = GroupSettings { name: Some("bakers".into()), ..Default::default() };
    assert_eq!(engine.run(update(Actor::House, taken)).unwrap(), Err(GroupRefusal::NameTaken));
    act(engine, Actor::House, Act::Add, &[2]).unwrap();
    let small = GroupSettings { max_count: Some(1), ..Default::default() };
    assert_eq!(engine.run(update(by(1), small)).unwrap(), Err(GroupRefusal::TooSmall));
    assert_eq!(engine.run(GroupGet { group: GROUP }).unwrap().unwrap().members, 2);
    let delete = |actor| GroupDelete { group: GROUP, actor, at_ms: 40 };
    act(engine, by(1), Act::Promote, &[2]).unwrap();
    assert_eq!(engine.run(delete(by(2))).unwrap(), Err(GroupRefusal::Denied), "an admin may not");
    assert!(engine.run(delete(by(1))).unwrap().is_ok());
    assert_eq!(engine.run(delete(by(1))).unwrap(), Err(GroupRefusal::NotFound));
    assert_eq!(engine.run(GroupGet { group: GROUP }).unwrap(), None);
    assert_eq!(role(engine, 1), None);
    make(engine, GROUP, "Farmers", 1).unwrap();
}

pub fn roles_are_given_and_taken(engine: &mut impl Engine) {
    people(engine, 6);
    make(engine, GROUP, "Farmers", 1).unwrap();
    let joined = act(engine, by(2), Act::Join, &[2]).unwrap();
    assert_eq!(moves(&joined), [(2, None, Some(Role::Member))]);
    assert_eq!((joined.group.members, joined.changes[0].username.as_str()), (2, "User2"));
    assert_eq!(moves(&act(engine, by(2), Act::Join, &[2]).unwrap()), [], "in already");
    let closed = GroupSettings { open: Some(false), ..Default::default() };
    engine.run(GroupUpdate { group: GROUP, actor: by(1), settings: closed, at_ms: 20 }).unwrap().unwrap();
    let asked = act(engine, by(3), Act::Join, &[3]).unwrap();
    assert_eq!((moves(&asked), asked.admins), (vec![(3, None, Some(Role::Request))], vec![user(1)]));
    assert_eq!(act(engine, by(2), Act::Add, &[3]), Err(GroupRefusal::Denied));
    assert_eq!(act(engine, by(1), Act::Add, &[3, 9]), Err(GroupRefusal::NoSuchUser(user(9))));
    assert_eq!(role(engine, 3), Some(Role::Request), "refused for one is refused for all");
    let added = act(engine, by(1), Act::Add, &[3, 4]).unwrap();
    assert_eq!(added.group.members, 4);
    assert_eq!(moves(&added), [(3, Some(Role::Request), Some(Role::Member)), (4, None, Some(Role::Member))]);
    assert_eq!(act(engine, by(1), Act::Add, &[5]), Err(GroupRefusal::Full));
    act(engine, by(1), Act::Promote, &[2]).unwrap();
    assert_eq!(act(engine, by(2), Act::Kick, &[4, 1]), Err(GroupRefusal::Denied));
    assert_eq!(role(engine, 4), Some(Role::Member));
    act(engine, by(2), Act::Ban, &[4, 5]).unwrap();
    assert_eq!(act(engine, by(4), Act::Join, &[4]), Err(GroupRefusal::Banned));
    assert_eq!(act(engine, by(1), Act::Add, &[5]), Err(GroupRefusal::Banned));
    assert_eq!(moves(&act(engine, by(4), Act::Leave, &[4]).unwrap()), [], "leaving lifts no ban");
    act(engine, by(2), Act::Kick, &[5]).unwrap();
    assert_eq!(role(engine, 5), None);
    assert_eq!(act(engine, by(1), Act::Leave, &[1]), Err(GroupRefusal::LastSuperadmin));
    assert_eq!(act(engine, by(1), Act::Demote, &[1]), Err(GroupRefusal::LastSuperadmin));
    assert_eq!(act(engine, by(1), Act::Kick, &[1]), Err(GroupRefusal::Oneself));
    act(engine, by(1), Act::Promote, &[2]).unwrap();
    assert_eq!(role(engine, 2), Some(Role::Superadmin));
    assert_eq!(moves(&act(engine, by(1), Act::Leave, &[1]).unwrap()), [(1, Some(Role::Superadmin), None)]);
    act(engine, by(3), Act::Leave, &[3]).unwrap();
    let last = act(engine, by(2), Act::Leave, &[2]).unwrap();
    assert!(last.ended);
    assert_eq!(engine.run(GroupGet { group: GROUP }).unwrap(), None);
    assert_eq!(role(engine, 4), None, "its bans go with it");
    assert_eq!(act(engine, by(2), Act::Join, &[2]), Err(GroupRefusal::NotFound));
}

pub fn groups_are_listed(engine: &mut impl Engine) {
    people(engine, 2);
    for (number, name) in (1u128..).zip(["Äpfel", "apples", "Application", "Banana", "banana%", "APP"]) {
        let mut group = new_group(GroupId(number), name);
        (group.open, group.lang_tag) = (number % 2 == 0, if number > 3 { "de" } else { "en" }.into());
        engine.run(GroupCreate { creator: user(1), group }).unwrap().unwrap();
    }
    let mut names = |range, lang: Option<&str>, open, after: Option<&str>, limit| -> Vec<String> {
        let (lang_tag, after) = (lang.map(str::to_owned), after.map(str::to_owned));
        let found = engine.run(GroupsPage { range, lang_tag, open, after, limit }).unwrap();
        found.into_iter().map(|group| group.name).collect()
    };
    let prefix = |text: &str| GroupsRange::Prefix(text.into());
    let named = |text: &str| GroupsRange::Named(text.into());
    let all = ["APP", "apples", "Application", "Banana", "banana%", "Äpfel"];
    assert_eq!(names(GroupsRange::All, None, None, None, 9), all);
    assert_eq!(names(GroupsRange::All, None, None, Some("Apples"), 2), ["Application", "Banana"]);
    assert_eq!(names(prefix("app"), None, None, None, 9), ["APP", "apples", "Application"]);
    assert_eq!(names(prefix("APPL"), None, None, Some("apples"), 9), ["Application"]);
    assert_eq!(names(prefix("ä"), None, None, None, 9), ["Äpfel"]);
    assert_eq!(names(named("BANANA%"), None, None, None, 9), ["banana%"]);
    assert_eq!(names(named("banan"), None, None, None, 9), [""; 0]);
    assert_eq!(names(GroupsRange::All, Some("en"), None, None, 9), ["apples", "Application", "Äpfel"]);
    assert_eq!(names(prefix("b"), Some("de"), None, None, 9), ["Banana", "banana%"]);
    assert_eq!(names(GroupsRange::All, None, Some(true), None, 9), ["APP", "apples", "Banana"]);
    let page = |after| UserGroupsList { user: user(1), role: None, after, limit: 4 };
    let first = engine.run(page(None)).unwrap();
    let (last, member) = first.last().unwrap();
    let rest = engine.run(page(Some((member.role, member.since_ms, last.id.0)))).unwrap();
    let ids: Vec<_> = first.iter().chain(&rest).map(|(group, _)| group.id.0).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
    assert!(engine.run(UserGroupsList { role: Some(Role::Banned), ..page(None) }).unwrap().is_empty());
}

pub fn people_of_a_group_are_listed(engine: &mut impl Engine) {
    people(engine, 6);
    make(engine, GROUP, "Farmers", 1).unwrap();
    act(engine, Actor::House, Act::Add, &[4, 3, 2]).unwrap();
    act(engine, by(1), Act::Promote, &[3]).unwrap();
    act(engine, by(1), Act::Ban, &[5]).unwrap();
    let mut list = |role, after, limit| -> Option<Vec<(u128, Role, i64)>> {
        let list = GroupMembersList { group: GROUP, role, after, limit };
        let found = engine.run(list).unwrap()?;
        Some(found.into_iter().map(|(one, at)| (one.0 - user(0).0, at.role, at.since_ms)).collect())
    };
    let all = [(1, Role::Superadmin, 10), (3, Role::Admin, 20), (2, Role::Member, 20), (4, Role::Member, 20)];
    assert_eq!(list(None, None, 9).unwrap(), all);
    assert_eq!(list(None, Some((Role::Admin, 20, user(3).0)), 1).unwrap(), all[2..3]);
    assert_eq!(list(Some(Role::Member), None, 9).unwrap(), all[2..]);
    assert_eq!(list(Some(Role::Banned), None, 9).unwrap(), [(5, Role::Banned, 20)]);
    assert_eq!(list(Some(Role::Request), None, 9).unwrap(), []);
    let nowhere = GroupMembersList { group: GroupId(1), role: None, after: None, limit: 9 };
    assert_eq!(engine.run(nowhere).unwrap(), None);
}

pub fn groups_outlive_users_who_are_erased(engine: &mut impl Engine) {
    people(engine, 4);
    make(engine, GROUP, "Farmers", 1).unwrap();
    make(engine, GroupId(78), "Alone", 1).unwrap();
    act(engine, Actor::House, Act::Add, &[2, 3]).unwrap();
    act(engine, by(1), Act::Promote, &[3]).unwrap();
    let mut left = engine.run(GroupsForget { user: user(1), at_ms: 50 }).unwrap();
    left.sort_unstable();
    assert_eq!(left, [GROUP, GroupId(78)]);
    assert_eq!(role(engine, 3), Some(Role::Superadmin), "the highest of those who remain takes over");
    let group = engine.run(GroupGet { group: GROUP }).unwrap().unwrap();
    assert_eq!((group.creator, group.members), (None, 2));
    assert_eq!(engine.run(GroupGet { group: GroupId(78) }).unwrap(), None);
    assert!(engine.run(GroupsForget { user: user(1), at_ms: 50 }).unwrap().is_empty());
}

pub fn a_user_is_in_so_many_groups(engine: &mut impl Engine) {
    people(engine, 2);
    for number in 0..u128::from(GROUPS_PER_USER_MAX) {
        make(engine, GroupId(1_000 + number), &format!("Group {number}"), 1).unwrap();
    }
    assert_eq!(make(engine, GROUP, "One more", 1), Err(GroupRefusal::TooMany(user(1))));
    make(engine, GROUP, "One more", 2).unwrap();
    assert_eq!(act(engine, by(1), Act::Join, &[1]), Err(GroupRefusal::TooMany(user(1))));
    assert_eq!(act(engine, by(2), Act::Add, &[1]), Err(GroupRefusal::TooMany(user(1))));
    act(engine, by(2), Act::Ban, &[1]).unwrap();
}
