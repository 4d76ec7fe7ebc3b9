//! A war for those whom the matchmaker brought together. A party's ticket is matched as one, so that its members are in
//! the same war.

use app::matchmaker::{Matched, RoomPlan, plan as house_plan};
use sovereign::Setup;

use super::RULES;

/// Where all tickets ask for a war, a war of their own: as the oldest ticket's `setup` says, with seats for everybody
/// and not shown in lists, so that no stranger takes a seat of theirs. A setup that cannot be is passed over. Other games
/// are planned as the house plans them.
pub fn plan(matched: &Matched) -> Option<RoomPlan> {
    let planned = house_plan(matched)?;
    if planned.rules != RULES {
        return Some(planned);
    }
    let mut setup = Setup::read(&planned.setup).unwrap_or_default();
    let people = u16::try_from(matched.users.len()).unwrap_or(u16::MAX);
    setup.seats = people.clamp(1, Setup::SEATS_MAX);
    setup.private = true;
    let setup = serde_json::to_vec(&setup).expect("a setup is plain numbers and a text");
    Some(RoomPlan { rules: planned.rules, setup })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use app::matchmaker::MatchedUser;
    use store::UserId;
    use wire::envelope::UserPresence;

    use super::*;

    fn matched(tickets: &[&[(&str, &str)]]) -> Matched {
        let users = tickets.iter().zip(1..).map(|(strings, id)| MatchedUser {
            user: UserId(id),
            presence: UserPresence::default(),
            party: None,
            strings: strings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            numbers: BTreeMap::new(),
        });
        Matched { users: users.collect() }
    }

    fn planned(tickets: &[&[(&str, &str)]]) -> Option<(String, Setup)> {
        plan(&matched(tickets)).map(|plan| (plan.rules, Setup::read(&plan.setup).unwrap()))
    }

    #[test]
    fn wars_have_seats_for_those_who_were_matched() {
        let wants: &[(&str, &str)] = &[("mode", "authoritative"), ("rules", "sovereign")];
        let with =
            [wants, &[("setup", r#"{"size":"tiny","tribes":7,"seats":150,"private":false}"#)]].concat();
        let (rules, setup) = planned(&[&with, wants, wants]).unwrap();
        assert_eq!((rules.as_str(), setup.seats, setup.tribes, setup.private), ("sovereign", 3, 7, true));
        // Nobody is kept from playing by what the oldest ticket says.
        let bad = [wants, &[("setup", r#"{"seats":"all"}"#)]].concat();
        let (_, setup) = planned(&[&bad, wants]).unwrap();
        assert_eq!((setup.seats, setup.tribes), (2, Setup::default().tribes));
    }

    #[test]
    fn other_matches_are_as_the_house_plans_them() {
        let war: &[(&str, &str)] = &[("mode", "authoritative"), ("rules", "sovereign")];
        let ledger: &[(&str, &str)] = &[("mode", "authoritative"), ("rules", "ledger"), ("setup", "{}")];
        assert_eq!(plan(&matched(&[war, ledger])), None);
        assert_eq!(plan(&matched(&[war, &[]])), None);
        let kept = RoomPlan { rules: "ledger".into(), setup: b"{}".to_vec() };
        assert_eq!(plan(&matched(&[ledger, ledger])), Some(kept));
    }
}
