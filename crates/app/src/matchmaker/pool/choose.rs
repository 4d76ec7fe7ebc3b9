//! The search: each ticket gathers those that go with it, and picks from them a set of the right size.

use super::compiled::Compiled;
use super::index::{Index, Where};
use super::{COUNT_MAX, Entry, Found, MatchRules};

/// Sums from 0 to [`COUNT_MAX`], as bits.
type Sums = [u64; COUNT_MAX as usize / 64 + 1];

/// See the module.
pub struct Search<'a> {
    entries: &'a [Entry<'a>],
    rules: &'a MatchRules,
    compiled: Compiled<'a>,
    index: Index,
    /// The same or the next ticket that still waits, with shortcuts.
    waiting: Vec<u32>,
    /// Users and their tickets, sorted.
    users: Vec<(u128, u32)>,
    /// Looks that are left in this interval, and for the ticket that looks now.
    work: u64,
    share: u64,
}

impl<'a> Search<'a> {
    pub fn new(entries: &'a [Entry<'a>], rules: &'a MatchRules, work_max: u64) -> Self {
        let compiled = Compiled::new(entries, rules);
        let index = Index::new(&compiled);
        let mut users: Vec<_> = (0..)
            .zip(entries)
            .flat_map(|(at, entry)| entry.users.iter().map(move |user| (*user, at)))
            .collect();
        users.sort_unstable();
        let waiting = (0..=entries.len() as u32).collect();
        Self { entries, rules, compiled, index, waiting, users, work: work_max, share: 0 }
    }

    pub fn run(mut self, first: usize) -> Found {
        let mut found = Found::default();
        let count = self.entries.len();
        let first = first.min(count);
        for (done, ticket) in (first..count).chain(0..first).enumerate() {
            if !self.waits(ticket) {
                continue;
            }
            if self.work == 0 {
                found.unfinished = Some(ticket);
                break;
            }
            // Twice what is left for each; and enough for a full match of tickets that all go together.
            let each = 2 * self.work / (count - done) as u64;
            let full = u64::from(self.entries[ticket].max).pow(2);
            let share = each.max(full).min(self.work);
            self.share = share;
            if let Some(tickets) = self.look(ticket) {
                self.take(&tickets);
                found.matches.push(tickets.into_iter().map(|ticket| ticket as usize).collect());
            }
            // Looking at nothing is work too.
            self.work = self.work.saturating_sub((share - self.share).max(1));
        }
        found
    }

    fn waits(&mut self, ticket: usize) -> bool {
        self.next_waiting(ticket) == ticket
    }

    /// This ticket or the next that still waits; the number of tickets if there is none.
    fn next_waiting(&mut self, ticket: usize) -> usize {
        let mut end = ticket;
        while self.waiting[end] as usize != end {
            end = self.waiting[end] as usize;
        }
        let mut at = ticket;
        while at != end {
            at = std::mem::replace(&mut self.waiting[at], end as u32) as usize;
        }
        end
    }

    /// These are matched: they wait no more, and neither do, in this interval, their users' other tickets.
    fn take(&mut self, tickets: &[u32]) {
        for ticket in tickets {
            for user in self.entries[*ticket as usize].users {
                let start = self.users.partition_point(|(other, _)| other < user);
                let same = self.users[start..].iter().take_while(|(other, _)| other == user);
                for (_, ticket) in same {
                    self.waiting[*ticket as usize] = ticket + 1;
                }
            }
        }
    }

    /// Takes one look off the share; `false` if there is none left.
    fn spend(&mut self) -> bool {
        let some = self.share > 0;
        self.share -= u64::from(some);
        some
    }

    fn finds(&self, from: u32, to: u32) -> bool {
        self.compiled.finders[from as usize].finds(&self.compiled.docs[to as usize])
    }

    fn apart(&self, a: u32, b: u32) -> bool {
        let (a, b) = (self.entries[a as usize].users, self.entries[b as usize].users);
        a.iter().all(|user| !b.contains(user))
    }

    /// May they be in one match, where the ticket that looks is another?
    fn together(&self, a: u32, b: u32) -> bool {
        self.apart(a, b) && (!self.rules.mutual || self.finds(a, b) && self.finds(b, a))
    }

    fn size(&self, ticket: u32) -> u32 {
        self.entries[ticket as usize].size()
    }

    fn takes(&self, ticket: u32, users: u32) -> bool {
        self.entries[ticket as usize].takes(users, self.rules.intervals_max)
    }

    /// A match for a ticket, itself first.
    fn look(&mut self, ticket: usize) -> Option<Vec<u32>> {
        let (one, max) = (ticket as u32, self.entries[ticket].max);
        // Where all find each other, the younger ones are enough.
        let low = if self.rules.mutual { ticket + 1 } else { 0 };
        let mut candidates = self.candidates(ticket, low);
        let prefers = self.compiled.finders[ticket].prefers;
        let mut gathered: Vec<u32> = Vec::new();
        let mut users = self.size(one);
        let mut wanted = if prefers { u32::MAX } else { max };
        loop {
            let mut all = false;
            while users < wanted {
                let Some(other) = candidates.next(self) else {
                    all = true;
                    break;
                };
                if !self.spend() {
                    all = true;
                    break;
                }
                let fits = other != one && self.size(one) + self.size(other) <= max;
                let goes = fits
                    && self.finds(one, other)
                    && self.apart(one, other)
                    && (!self.rules.mutual || self.finds(other, one));
                if goes {
                    gathered.push(other);
                    users = users.saturating_add(self.size(other));
                }
            }
            if prefers {
                let finder = &self.compiled.finders[ticket];
                let score = |other: &u32| finder.score(&self.compiled.docs[*other as usize]);
                // Stable: the older ones first where none is preferred.
                gathered.sort_by(|a, b| score(b).total_cmp(&score(a)));
            }
            let chosen = self.choose(one, &gathered, users, all);
            if chosen.is_some() || all || self.share == 0 {
                return chosen;
            }
            wanted = users.saturating_mul(2);
        }
    }

    fn candidates(&self, ticket: usize, low: usize) -> Candidates {
        let younger = |list: &[u32]| list[list.partition_point(|other| (*other as usize) < low)..].to_vec();
        let list = match self.index.candidates(&self.compiled.finders[ticket]) {
            Where::All => None,
            Where::These(list) => Some(younger(list)),
            Where::Gathered(list) => Some(younger(&list)),
        };
        let (low, high) = match &list {
            None => (low, self.entries.len()),
            Some(list) => (0, list.len()),
        };
        // Whoever cannot look at everybody begins elsewhere each time.
        let long = high - low;
        let turned = u128::from(self.entries[ticket].intervals) * u128::from(self.share);
        let at = if (long as u64) <= self.share { low } else { low + (turned % long as u128) as usize };
        Candidates { list, low, high, at, left: long }
    }

    /// A set of the right size, from those that go with a ticket: a full one, or, if these are `all`, the largest.
    fn choose(&mut self, one: u32, gathered: &[u32], users: u32, all: bool) -> Option<Vec<u32>> {
        let Entry { min, max, .. } = self.entries[one as usize];
        let least = if all { min.max(self.size(one)) } else { max };
        for count in (least..=max.min(users)).rev() {
            if !self.takes(one, count) {
                continue;
            }
            let need = count - self.size(one);
            let fit = gathered.iter().copied().filter(|other| self.takes(*other, count)).collect::<Vec<_>>();
            // Adding sizes up costs about as much as looking.
            self.share = self.share.saturating_sub(gathered.len() as u64 / 16 + fit.len() as u64);
            let reach = self.sums(&fit);
            let mut chosen = vec![one];
            if self.pick(&fit, &reach, 0, need, &mut chosen) {
                return Some(chosen);
            }
        }
        None
    }

    /// For each place, which sums the sizes from there on can make.
    fn sums(&self, fit: &[u32]) -> Vec<Sums> {
        let mut none: Sums = [0; _];
        none[0] = 1;
        let mut reach = vec![none; fit.len() + 1];
        for at in (0..fit.len()).rev() {
            let (mut sums, size) = (reach[at + 1], self.size(fit[at]) as usize);
            for word in (size / 64..sums.len()).rev() {
                let from = word - size / 64;
                let mut shifted = reach[at + 1][from] << (size % 64);
                if from > 0 && size % 64 > 0 {
                    shifted |= reach[at + 1][from - 1] >> (64 - size % 64);
                }
                sums[word] |= shifted;
            }
            reach[at] = sums;
        }
        reach
    }

    /// Goes on from `chosen` with those from `at` on until `need` users more are in.
    fn pick(&mut self, fit: &[u32], reach: &[Sums], at: usize, need: u32, chosen: &mut Vec<u32>) -> bool {
        if need == 0 {
            return true;
        }
        for place in at..fit.len() {
            if reach[place][need as usize / 64] >> (need % 64) & 1 == 0 {
                return false;
            }
            let other = fit[place];
            if self.size(other) > need {
                continue;
            }
            let mut goes = true;
            for known in &chosen[1..] {
                if !self.spend() {
                    return false;
                }
                goes = self.together(*known, other);
                if !goes {
                    break;
                }
            }
            if goes {
                chosen.push(other);
                if self.pick(fit, reach, place + 1, need - self.size(other), chosen) {
                    return true;
                }
                chosen.pop();
            }
            if !self.spend() {
                return false;
            }
        }
        false
    }
}

/// Goes through those that a ticket should look at.
struct Candidates {
    /// Nothing is everybody.
    list: Option<Vec<u32>>,
    low: usize,
    high: usize,
    at: usize,
    left: usize,
}

impl Candidates {
    fn next(&mut self, search: &mut Search<'_>) -> Option<u32> {
        while self.left > 0 {
            if self.at >= self.high {
                self.at = self.low;
            }
            match &self.list {
                Some(list) => {
                    let ticket = list[self.at];
                    self.at += 1;
                    self.left -= 1;
                    if search.waits(ticket as usize) {
                        return Some(ticket);
                    }
                }
                None => {
                    let ticket = search.next_waiting(self.at).min(self.high);
                    let passed = ticket - self.at;
                    self.at = ticket;
                    self.left = self.left.saturating_sub(passed);
                    if self.left > 0 && ticket < self.high {
                        self.at += 1;
                        self.left -= 1;
                        return Some(ticket as u32);
                    }
                }
            }
        }
        None
    }
}
