//! Roles in a group under any course of acts, against a model that is no more than a map.

use std::collections::BTreeMap;

use proptest::prelude::*;
use store::*;

use crate::samples::user;
use crate::suite::groups::{GROUP, new_group, people};

const USERS: u128 = 5;
const MAX: usize = 4;

#[derive(Clone, Debug)]
struct Deed {
    /// Nobody is the house.
    actor: Option<u128>,
    act: Act,
    targets: Vec<u128>,
}

#[derive(Clone, Debug)]
enum Event {
    Deed(Deed),
    Open(bool),
    Erase(u128),
}

fn events() -> impl Strategy<Value = Event> {
    // One more than there are users: somebody who is not there.
    let others = prop::collection::vec(0..=USERS, 1..4);
    let actor = prop_oneof![1 => Just(None), 4 => (0..USERS).prop_map(Some)];
    let deed = (actor, prop::sample::select(Act::ALL.to_vec()), others);
    let deed = deed.prop_map(|(actor, act, targets)| {
        let own = matches!(act, Act::Join | Act::Leave) && actor.is_some();
        let targets = if own { actor.into_iter().collect() } else { targets };
        Event::Deed(Deed { actor, act, targets })
    });
    prop_oneof![
        20 => deed,
        1 => any::<bool>().prop_map(Event::Open),
        1 => (0..USERS).prop_map(Event::Erase),
    ]
}

/// The group as a map; nothing once it has ended.
#[derive(Clone, Debug)]
struct Model {
    open: bool,
    roles: BTreeMap<u128, Role>,
}

impl Model {
    fn members(&self) -> usize {
        self.roles.values().filter(|role| role.is_member()).count()
    }

    fn has_superadmin(&self) -> bool {
        self.roles.values().any(|role| *role == Role::Superadmin)
    }

    /// What it would be afterwards, or why it may not be. The rules in the words of the protocol, user by user.
    fn after(&self, deed: &Deed) -> Result<Model, ()> {
        let mut next = self.clone();
        let own = deed.actor.and_then(|actor| self.roles.get(&actor).copied());
        for &target in &deed.targets {
            let role = next.roles.get(&target).copied();
            let oneself = deed.actor == Some(target);
            let admin = deed.actor.is_none() || own.is_some_and(|own| own <= Role::Admin);
            let all = deed.actor.is_none() || own == Some(Role::Superadmin);
            let above = all || (admin && role.is_none_or(|role| role > Role::Admin));
            let to = match deed.act {
                Act::Join if oneself => match role {
                    Some(Role::Banned) => return Err(()),
                    None if !self.open => Some(Role::Request),
                    None | Some(Role::Request) if self.open => Some(Role::Member),
                    role => role,
                },
                Act::Leave if oneself => role.filter(|role| *role == Role::Banned),
                Act::Join | Act::Leave => return Err(()),
                Act::Demote if oneself => match role {
                    Some(Role::Superadmin) => Some(Role::Admin),
                    Some(Role::Admin | Role::Member) => Some(Role::Member),
                    _ => return Err(()),
                },
                _ if oneself || !admin => return Err(()),
                Act::Add => match role {
                    Some(Role::Banned) => return Err(()),
                    Some(role) if role.is_member() => Some(role),
                    _ => Some(Role::Member),
                },
                Act::Kick if above => None,
                Act::Ban if above => Some(Role::Banned),
                Act::Promote => match role {
                    Some(Role::Member) => Some(Role::Admin),
                    Some(Role::Admin) if all => Some(Role::Superadmin),
                    Some(Role::Admin) => return Err(()),
                    role => role,
                },
                Act::Demote if above => match role {
                    Some(Role::Superadmin) => Some(Role::Admin),
                    Some(Role::Admin) => Some(Role::Member),
                    role => role,
                },
                Act::Kick | Act::Ban | Act::Demote => return Err(()),
            };
            if to != role && target >= USERS {
                return Err(());
            }
            match to {
                Some(to) => next.roles.insert(target, to),
                None => next.roles.remove(&target),
            };
        }
        if next.members() > MAX && next.members() > self.members() {
            return Err(());
        }
        if next.members() > 0 && !next.has_superadmin() {
            return Err(());
        }
        Ok(next)
    }

    fn erase(&mut self, gone: u128, order: &[u128]) {
        self.roles.remove(&gone);
        if !self.has_superadmin()
            && let Some(role) = self.roles.values().copied().filter(|role| role.is_member()).min()
        {
            // Among equals it is who has the role longest: the store's list is in that order.
            let heir = order.iter().find(|one| self.roles.get(one) == Some(&role)).copied();
            self.roles.insert(heir.expect("somebody has the highest role"), Role::Superadmin);
        }
    }
}

fn number(user_id: UserId) -> u128 {
    user_id.0 - user(1).0
}

/// Everybody of the group in the order of its list, by role.
fn listed(store: &Store) -> Option<Vec<(u128, Role)>> {
    let mut all = Vec::new();
    for role in Role::ALL {
        let list = GroupMembersList { group: GROUP, role: Some(role), after: None, limit: 100 };
        let part = store.write_now(list).unwrap().into_inner()?;
        all.extend(part.into_iter().map(|(one, member)| (number(one), member.role)));
    }
    Some(all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_group_does_what_the_model_does(course in prop::collection::vec(events(), 1..60)) {
        let mut store = Store::open_manual(Place::Memory, Options::default()).unwrap();
        people(&mut store, USERS);
        let mut group = new_group(GROUP, "Model");
        group.max_count = u32::try_from(MAX).unwrap();
        store.write_now(GroupCreate { creator: user(1), group }).unwrap().into_inner().unwrap();
        let mut model = Model { open: true, roles: BTreeMap::from([(0, Role::Superadmin)]) };
        for (step, event) in course.iter().enumerate() {
            let at_ms = 100 + i64::try_from(step).unwrap();
            match event {
                Event::Deed(deed) => {
                    let done = store.write_now(GroupAct {
                        group: GROUP,
                        actor: deed.actor.map_or(Actor::House, |actor| Actor::User(user(actor + 1))),
                        act: deed.act,
                        targets: deed.targets.iter().map(|one| user(one + 1)).collect(),
                        at_ms,
                    });
                    let done = done.unwrap().into_inner();
                    let expected = model.after(deed);
                    prop_assert_eq!(done.is_ok(), expected.is_ok(), "{:?}: {:?}", deed, done);
                    if let Ok(next) = expected {
                        prop_assert_eq!(done.unwrap().ended, next.members() == 0);
                        model = next;
                    }
                }
                Event::Open(open) => {
                    let settings = GroupSettings { open: Some(*open), ..GroupSettings::default() };
                    let update = GroupUpdate { group: GROUP, actor: Actor::House, settings, at_ms };
                    store.write_now(update).unwrap().into_inner().unwrap();
                    model.open = *open;
                }
                Event::Erase(gone) => {
                    let order: Vec<_> = listed(&store).unwrap().into_iter().map(|(one, _)| one).collect();
                    store.write_now(GroupsForget { user: user(gone + 1), at_ms }).unwrap();
                    model.erase(*gone, &order);
                }
            }
            let group = store.write_now(GroupGet { group: GROUP }).unwrap().into_inner();
            if model.members() == 0 {
                prop_assert_eq!(group, None);
                prop_assert_eq!(listed(&store), None);
                break;
            }
            let found: BTreeMap<_, _> = listed(&store).unwrap().into_iter().collect();
            prop_assert_eq!(&found, &model.roles);
            prop_assert_eq!(group.unwrap().members as usize, model.members());
            prop_assert!(model.has_superadmin());
        }
    }
}
