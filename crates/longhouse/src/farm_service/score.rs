//! What a farm reports of itself: the properties of a `farm_score` event, read. The rules write them, so one that is not
//! as it should be is a fault and is passed over with a line in the log.

use std::collections::BTreeMap;

use app::events::Event;
use farm::SCORE_EVENT;
use store::UserId;

/// What a farm is worth in ranks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Score {
    /// Won, of all time.
    pub stars: i64,
    /// The week that the next is of.
    pub week: i64,
    /// Wool of the week, as a magnitude.
    pub week_magnitude: i64,
    /// Every figure that an achievement may count, by name.
    pub stats: BTreeMap<String, u64>,
}

impl Score {
    /// Reads an event of the rules. `None`: it is another one. What a client reports under this name is another one too.
    pub fn of(event: Event) -> Option<(UserId, Self)> {
        if event.name != SCORE_EVENT || event.outside {
            return None;
        }
        let score = event.user.and_then(|user| Some((user, Self::read(&event.properties)?)));
        if score.is_none() {
            tracing::error!(seq = event.seq, "a farm's score cannot be read; it is passed over");
        }
        score
    }

    fn read(properties: &BTreeMap<String, String>) -> Option<Self> {
        let number = |name: &str| properties.get(name)?.parse::<i64>().ok().filter(|number| *number >= 0);
        let stats = properties.iter().filter_map(|(name, value)| Some((name.clone(), value.parse().ok()?)));
        Some(Self {
            stars: number("stars")?,
            week: number("week")?,
            week_magnitude: number("week_magnitude")?,
            stats: stats.collect(),
        })
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// An event as the rules report it.
    pub fn event(seq: u64, user: u128, properties: &[(&str, &str)]) -> Event {
        let properties = properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Event {
            seq,
            name: SCORE_EVENT.into(),
            user: Some(UserId(user)),
            properties: properties.collect(),
            at_ms: 0,
            outside: false,
        }
    }

    #[test]
    fn only_the_rules_word_counts() {
        let good =
            event(1, 7, &[("stars", "5"), ("week", "2968"), ("week_magnitude", "33"), ("shears", "4")]);
        let (user, score) = Score::of(good.clone()).unwrap();
        assert_eq!((user, score.stars, score.week, score.week_magnitude), (UserId(7), 5, 2968, 33));
        assert_eq!((score.stats["shears"], score.stats["stars"]), (4, 5));
        assert_eq!(Score::of(Event { outside: true, ..good.clone() }), None);
        assert_eq!(Score::of(Event { name: "level_up".into(), ..good.clone() }), None);
        assert_eq!(Score::of(Event { user: None, ..good }), None);
        let check = |properties: &[(&str, &str)]| {
            assert_eq!(Score::of(event(1, 7, properties)), None, "{properties:?}")
        };
        check(&[("stars", "5"), ("week", "1")]);
        check(&[("stars", "-5"), ("week", "1"), ("week_magnitude", "1")]);
        check(&[("stars", "many"), ("week", "1"), ("week_magnitude", "1")]);
    }
}
