//! How many commands in a stretch of time, and how alike the pauses between them are.

use super::thousandths;

/// The shortest pause that is looked at: what comes closer together was one act.
const SHORTEST_MS: i64 = 20;
/// Kinds of pauses by length; each reaches a tenth further than the one before, the last to about a minute.
const KINDS: usize = 84;

/// The most commands in any stretch of this many seconds, as counted in whole seconds.
#[derive(Clone, Debug)]
pub struct Busiest<const SECONDS: usize> {
    counts: [u32; SECONDS],
    /// The second that was counted last.
    second: i64,
    sum: u64,
    most: u64,
    step: u64,
}

impl<const SECONDS: usize> Default for Busiest<SECONDS> {
    fn default() -> Self {
        Self { counts: [0; SECONDS], second: i64::MIN, sum: 0, most: 0, step: 0 }
    }
}

impl<const SECONDS: usize> Busiest<SECONDS> {
    /// One more.
    pub fn note(&mut self, step: u64, ms: i64) {
        let (second, all) = (ms.div_euclid(1_000), SECONDS as i64);
        let gone = second.saturating_sub(self.second).clamp(0, all);
        // The seconds that have left the stretch since are forgotten.
        for past in 0..gone {
            let place = (second - past).rem_euclid(all) as usize;
            self.sum -= u64::from(std::mem::take(&mut self.counts[place]));
        }
        self.second = self.second.max(second);
        self.counts[second.rem_euclid(all) as usize] += 1;
        self.sum += 1;
        if self.sum > self.most {
            (self.most, self.step) = (self.sum, step);
        }
    }

    /// The most.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// Where the stretch with the most begins, about.
    pub fn step(&self) -> u64 {
        self.step.saturating_sub(SECONDS as u64 * u64::from(crate::tuning::STEPS_A_SECOND))
    }
}

/// Pauses by their length.
#[derive(Clone, Debug)]
pub struct Intervals {
    kinds: [u32; KINDS],
    /// The step at which the newest pause of each kind ended that had the most then.
    step: u64,
    most: u64,
    count: u64,
}

impl Default for Intervals {
    fn default() -> Self {
        Self { kinds: [0; KINDS], step: 0, most: 0, count: 0 }
    }
}

impl Intervals {
    /// One more; those that are too short or too long to say anything are passed over.
    pub fn note(&mut self, step: u64, ms: i64) {
        let Some(kind) = kind(ms) else { return };
        self.kinds[kind] = self.kinds[kind].saturating_add(1);
        self.count += 1;
        let most = self.most_alike();
        // The first place at which they were as many as are half of what is wanted at least: from there on one sees it.
        if most > self.most && most <= super::PAUSES_MIN / 2 {
            self.step = step;
        }
        self.most = most;
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Thousandths of them that are as long as each other: of two neighbouring kinds, as a length may lie between two.
    pub fn alike(&self) -> u64 {
        thousandths(self.most_alike(), self.count)
    }

    /// Where to look.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// About the middle one, in milliseconds.
    pub fn middle_ms(&self) -> u64 {
        let mut left = self.count / 2;
        for (kind, edge) in self.kinds.iter().zip(edges()) {
            if u64::from(*kind) > left {
                return edge as u64;
            }
            left -= u64::from(*kind);
        }
        0
    }

    fn most_alike(&self) -> u64 {
        let two = self.kinds.windows(2).map(|two| u64::from(two[0]) + u64::from(two[1]));
        two.max().unwrap_or(0)
    }
}

/// The shortest pause of each kind, in milliseconds.
fn edges() -> impl Iterator<Item = i64> {
    std::iter::successors(Some(SHORTEST_MS), |edge| Some(edge * 11 / 10)).take(KINDS + 1)
}

fn kind(ms: i64) -> Option<usize> {
    edges().position(|edge| ms < edge).and_then(|above| above.checked_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_a_tenth_wide() {
        assert_eq!((kind(19), kind(20), kind(21), kind(22)), (None, Some(0), Some(0), Some(1)));
        let last = edges().last().unwrap();
        assert_eq!((kind(last - 1), kind(last), kind(i64::MAX)), (Some(KINDS - 1), None, None));
        assert!((40_000..80_000).contains(&last), "{last}");
        assert!(edges().zip(edges().skip(1)).all(|(edge, next)| next > edge));
    }

    #[test]
    fn the_busiest_stretch_is_found_and_forgotten_seconds_count_no_more() {
        let mut busiest = Busiest::<10>::default();
        (0..30).for_each(|tenth| busiest.note(tenth * 2, tenth as i64 * 100));
        assert_eq!(busiest.most(), 30);
        (0..20).for_each(|second| busiest.note(1_000 + second * 20, 60_000 + second as i64 * 1_000));
        assert_eq!(busiest.most(), 30);
        (0..40).for_each(|at| busiest.note(9_000 + at, 900_000 + at as i64));
        assert_eq!((busiest.most(), busiest.step()), (40, 9_039 - 200));
        // Of stretches with as many, the first is shown.
        (0..40).for_each(|at| busiest.note(29_000 + at, 1_900_000 + at as i64));
        assert_eq!((busiest.most(), busiest.step()), (40, 9_039 - 200));
    }

    #[test]
    fn the_middle_pause_is_shown_and_the_place_where_they_begin_to_be_alike() {
        let noted = |pauses: &[i64]| {
            let mut intervals = Intervals::default();
            pauses.iter().zip(1..).for_each(|(ms, step)| intervals.note(step, *ms));
            intervals
        };
        assert_eq!(noted(&[100, 1_000, 1_000]).middle_ms(), noted(&[1_000]).middle_ms());
        assert_eq!(noted(&[100, 100, 1_000]).middle_ms(), noted(&[100]).middle_ms());
        assert!((900..=1_000).contains(&noted(&[1_000]).middle_ms()));
        // Twenty that are alike, a few that are not, and more.
        let odd = [100, 300, 900, 2_700, 8_100];
        let pauses: Vec<i64> = [[500; 20].as_slice(), &odd, &[500; 30]].concat();
        assert_eq!(noted(&pauses).step(), 20);
    }
}
