use proptest::prelude::*;

use super::compiled::{Compiled, wider};
use super::*;
use crate::query::{Clause, Test};

/// A ticket that owns what an [`Entry`] borrows.
#[derive(Clone, Debug)]
struct Owned {
    users: Vec<u128>,
    min: u32,
    max: u32,
    multiple: u32,
    query: Query,
    doc: Doc,
    intervals: u32,
}

impl Owned {
    fn entry(&self) -> Entry<'_> {
        let Self { users, min, max, multiple, query, doc, intervals } = self;
        let (min, max, multiple, intervals) = (*min, *max, *multiple, *intervals);
        Entry { users, min, max, multiple, query, doc, intervals }
    }
}

fn one(user: u128, min: u32, max: u32, query: &str, doc: Doc) -> Owned {
    let query = Query::parse(query).unwrap();
    Owned { users: vec![user], min, max, multiple: 1, query, doc, intervals: 0 }
}

fn region(name: &str) -> Doc {
    Doc::default().with("properties.region", name)
}

fn skill(skill: f64) -> Doc {
    Doc::default().with("properties.skill", skill)
}

fn run(tickets: &[Owned], rules: &MatchRules) -> Vec<Vec<usize>> {
    let entries: Vec<_> = tickets.iter().map(Owned::entry).collect();
    let found = find(&entries, rules, 0, WORK_MAX);
    assert_eq!(found.unfinished, None);
    found.matches
}

#[test]
fn the_oldest_are_matched_first() {
    let tickets: Vec<_> = (0..5).map(|user| one(user, 2, 2, "*", Doc::default())).collect();
    assert_eq!(run(&tickets, &MatchRules::default()), [[0, 1], [2, 3]]);
}

#[test]
fn both_must_want_each_other() {
    let tickets = [
        one(1, 2, 2, "+properties.region:eu", region("us")),
        one(2, 2, 2, "*", region("eu")),
        one(3, 2, 2, "+properties.region:us", region("us")),
        one(4, 2, 2, "+properties.region:us", region("eu")),
    ];
    // The first finds the second, who takes anybody; the third is not found by the fourth.
    assert_eq!(run(&tickets, &MatchRules::default()), [[0, 1]]);
    let rules = MatchRules { mutual: false, ..MatchRules::default() };
    assert_eq!(run(&tickets, &rules), [[0, 1], [3, 2]]);
}

#[test]
fn fewer_are_enough_after_a_while() {
    let mut tickets: Vec<_> = (0..3).map(|user| one(user, 2, 4, "*", Doc::default())).collect();
    let rules = MatchRules { intervals_max: 2, ..MatchRules::default() };
    for intervals in 0..2 {
        tickets.iter_mut().for_each(|ticket| ticket.intervals = intervals);
        assert!(run(&tickets, &rules).is_empty());
    }
    tickets.iter_mut().for_each(|ticket| ticket.intervals = 2);
    assert_eq!(run(&tickets, &rules), [[0, 1, 2]]);
    tickets.iter_mut().for_each(|ticket| ticket.multiple = 2);
    assert_eq!(run(&tickets, &rules), [[0, 1]]);
    // Not before all of them are content with it.
    tickets[1].intervals = 1;
    assert_eq!(run(&tickets, &rules), [[0, 2]]);
    // And never fewer than the least of any of them.
    tickets.iter_mut().for_each(|ticket| (ticket.intervals, ticket.multiple, ticket.min) = (9, 1, 4));
    assert!(run(&tickets, &rules).is_empty());
    tickets.iter_mut().for_each(|ticket| ticket.min = 2);
    tickets[1].min = 4;
    assert_eq!(run(&tickets, &rules), [[0, 2]]);
}

#[test]
fn parties_stay_together() {
    let mut tickets: Vec<_> = (0..4).map(|user| one(user * 10, 4, 4, "*", Doc::default())).collect();
    tickets[0].users.extend([1, 2]);
    tickets[1].users.push(11);
    assert_eq!(run(&tickets, &MatchRules::default()), [[0, 2]]);
    tickets[0].users.pop();
    assert_eq!(run(&tickets, &MatchRules::default()), [[0, 1]]);
}

#[test]
fn a_user_is_matched_once_and_not_with_itself() {
    let tickets = [
        one(1, 2, 2, "*", Doc::default()),
        one(1, 2, 2, "*", Doc::default()),
        one(2, 2, 2, "*", Doc::default()),
        one(3, 2, 2, "*", Doc::default()),
    ];
    assert_eq!(run(&tickets, &MatchRules::default()), [[0, 2]]);
}

#[test]
fn bounds_widen_with_the_wait() {
    let mut rules = MatchRules::default();
    rules.widening.insert("properties.skill".into(), Widening { step: 10.0, most: 15.0 });
    let near = "+properties.skill:>=90 +properties.skill:<=110";
    let mut tickets = [one(1, 2, 2, near, skill(100.0)), one(2, 2, 2, "*", skill(125.0))];
    let mut check = |intervals, other: f64, expected: bool| {
        tickets[0].intervals = intervals;
        tickets[1].doc = skill(other);
        assert_eq!(!run(&tickets, &rules).is_empty(), expected, "{intervals} {other}");
    };
    check(0, 111.0, false);
    check(1, 120.0, true);
    check(1, 121.0, false);
    check(1, 80.0, true);
    check(9, 125.0, true);
    check(9, 126.0, false);
}

#[test]
fn those_who_are_preferred_come_first() {
    let tickets = [
        one(1, 2, 2, "* properties.region:eu^5", region("eu")),
        one(2, 2, 2, "*", region("us")),
        one(3, 2, 2, "*", region("eu")),
    ];
    assert_eq!(run(&tickets, &MatchRules::default()), [[0, 2]]);
}

#[test]
fn what_the_bound_leaves_over_goes_first_next_time() {
    let tickets: Vec<_> = (0..100).map(|user| one(user, 2, 2, "+properties.x:y", Doc::default())).collect();
    let entries: Vec<_> = tickets.iter().map(Owned::entry).collect();
    let found = find(&entries, &MatchRules::default(), 0, 10);
    assert_eq!((found.matches.len(), found.unfinished), (0, Some(10)));
    assert_eq!(find(&entries, &MatchRules::default(), 95, 10).unfinished, Some(5));
}

/// As the definition says, for any set of tickets.
fn is_match(tickets: &[&Owned], rules: &MatchRules) -> bool {
    let users: Vec<_> = tickets.iter().flat_map(|ticket| &ticket.users).collect();
    let apart = (1..users.len()).all(|at| !users[..at].contains(&users[at]));
    let sizes = tickets.iter().all(|ticket| ticket.entry().takes(users.len() as u32, rules.intervals_max));
    let finds_all = |ticket: &Owned| {
        let query = as_wide_as_it_is(ticket, rules);
        tickets.iter().all(|other| std::ptr::eq(*other, ticket) || query.matches(&other.doc))
    };
    let found = match rules.mutual {
        true => tickets.iter().all(|ticket| finds_all(ticket)),
        false => tickets.iter().any(|ticket| finds_all(ticket)),
    };
    apart && sizes && found
}

fn as_wide_as_it_is(ticket: &Owned, rules: &MatchRules) -> Query {
    ticket.query.map_clauses(|clause| match clause.test {
        Test::Number(comparison, bound) => {
            let field = clause.field.as_deref();
            let bound = wider(clause.occur, comparison, bound, field, rules, ticket.intervals);
            Clause { test: Test::Number(comparison, bound), ..clause.clone() }
        }
        _ => clause.clone(),
    })
}

fn query() -> impl Strategy<Value = Query> {
    let text = prop_oneof![
        Just("*".to_owned()),
        "[+-]properties\\.region:[ab]",
        "properties\\.region:[ab] properties\\.skill:[0-9]\\^2",
        (0..10, 0..10).prop_map(|(low, more)| {
            format!("+properties.skill:>={low} +properties.skill:<{}", low + more)
        }),
        "\\+properties\\.region:/[ab]/ -properties\\.skill:>[0-9]",
    ];
    text.prop_map(|text| Query::parse(&text).unwrap())
}

fn ticket() -> impl Strategy<Value = Owned> {
    let users = prop::collection::btree_set(0..12u128, 1..4);
    let doc = (prop::option::of("[ab]"), prop::option::of(0..10u8)).prop_map(|(region, skill)| {
        let mut doc = Doc::default();
        if let Some(region) = region {
            doc = doc.with("properties.region", region);
        }
        if let Some(skill) = skill {
            doc = doc.with("properties.skill", f64::from(skill));
        }
        doc
    });
    (users, 1..4u32, 0..4u32, 1..3u32, query(), doc, 0..4u32).prop_map(
        |(users, min, more, multiple, query, doc, intervals)| {
            let users: Vec<_> = users.into_iter().collect();
            let min = min.max(2) * multiple;
            let max = (min + more * multiple).max((users.len() as u32).next_multiple_of(multiple));
            Owned { users, min, max, multiple, query, doc, intervals }
        },
    )
}

fn rules() -> impl Strategy<Value = MatchRules> {
    (any::<bool>(), 0..4u32, 0..3u8).prop_map(|(mutual, intervals_max, step)| {
        let by = Widening { step: f64::from(step), most: 4.0 };
        MatchRules { mutual, intervals_max, widening: [("properties.skill".to_owned(), by)].into() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_finder_finds_what_the_query_does(a in ticket(), b in ticket()) {
        let rules = MatchRules::default();
        let entries = [a.entry(), b.entry()];
        let compiled = Compiled::new(&entries, &rules);
        prop_assert_eq!(compiled.finders[0].finds(&compiled.docs[1]), a.query.matches(&b.doc));
    }

    #[test]
    fn matches_are_right_and_none_is_left(
        tickets in prop::collection::vec(ticket(), 0..9), rules in rules(), first in 0..9usize,
    ) {
        let entries: Vec<_> = tickets.iter().map(Owned::entry).collect();
        let found = find(&entries, &rules, first, WORK_MAX);
        prop_assert_eq!(found.unfinished, None);
        let mut busy: Vec<u128> = Vec::new();
        let mut used = vec![false; tickets.len()];
        for places in &found.matches {
            let set: Vec<_> = places.iter().map(|place| &tickets[*place]).collect();
            prop_assert!(is_match(&set, &rules), "{:?}", places);
            for place in places {
                prop_assert!(!used[*place], "a ticket is in two");
                used[*place] = true;
            }
            for user in set.iter().flat_map(|ticket| &ticket.users) {
                prop_assert!(!busy.contains(user), "a user is in two");
                busy.push(*user);
            }
        }
        let left: Vec<_> =
            tickets.iter().filter(|ticket| ticket.users.iter().all(|user| !busy.contains(user))).collect();
        for set in 1..1usize << left.len() {
            let chosen: Vec<_> =
                (0..left.len()).filter(|at| set >> at & 1 == 1).map(|at| left[at]).collect();
            prop_assert!(!is_match(&chosen, &rules), "{:?} could play and wait", chosen);
        }
    }
}
