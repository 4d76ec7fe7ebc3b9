//! Alliances: how they are made, what ends them, and what a broken word costs. Votes are in `motions.rs`.

use crate::news::Notice;
use crate::state::Pact;
use crate::tuning::{ASK_STEPS, DECLINED_STEPS, PACT_STEPS, TRAITOR_STEPS};
use crate::{NationId, War};

/// Two nations, the lower number first: how pacts and bans are kept.
pub(crate) fn pair(a: NationId, b: NationId) -> (NationId, NationId) {
    (a.min(b), a.max(b))
}

/// What ends with this step.
pub(crate) fn pass(war: &mut War) {
    let step = war.step;
    let alive = |id: NationId| war.nation(id).is_some_and(crate::Nation::is_alive);
    let over = |a: NationId, b: NationId, until: u32| until <= step || !alive(a) || !alive(b);
    let pacts: Vec<_> =
        war.pacts.iter().filter(|((a, b), pact)| over(*a, *b, pact.until)).map(|(pair, _)| *pair).collect();
    let asks: Vec<_> =
        war.asks.iter().filter(|((a, b), until)| over(*a, *b, **until)).map(|(pair, _)| *pair).collect();
    let bans: Vec<_> =
        war.bans.iter().filter(|((a, b), until)| over(*a, *b, **until)).map(|(pair, _)| *pair).collect();
    war.news.pacts.extend(&pacts);
    war.news.asks |= !asks.is_empty();
    for pair in pacts {
        war.pacts.remove(&pair);
    }
    for ask in asks {
        war.asks.remove(&ask);
    }
    for pair in bans {
        war.bans.remove(&pair);
    }
    crate::motions::pass(war);
}

impl War {
    /// The allies of a nation, in order.
    pub(crate) fn allies(&self, id: NationId) -> impl Iterator<Item = NationId> + '_ {
        let other = move |(a, b): &(NationId, NationId)| match (*a == id, *b == id) {
            (true, _) => Some(*b),
            (_, true) => Some(*a),
            _ => None,
        };
        self.pacts.keys().filter_map(other)
    }

    /// Somebody asks another for an alliance.
    pub(crate) fn ask(&mut self, from: NationId, to: NationId) {
        self.asks.insert((from, to), self.step.saturating_add(ASK_STEPS));
        self.news.asks = true;
    }

    /// The two are allies from now on; what they have sent against each other comes home.
    pub(crate) fn ally(&mut self, a: NationId, b: NationId) {
        self.asks.remove(&(a, b));
        self.asks.remove(&(b, a));
        let until = self.step.saturating_add(PACT_STEPS);
        self.pacts.insert(pair(a, b), Pact { until, renew: (false, false) });
        self.cease(a, b);
        self.cease(b, a);
        self.news.pacts.insert(pair(a, b));
        self.news.asks = true;
        self.news.notices.push(Notice::Allied(a.0, b.0));
    }

    /// One of two allies wishes to go on; when both do, the alliance lasts its time again.
    pub(crate) fn renew(&mut self, me: NationId, with: NationId) {
        let until = self.step.saturating_add(PACT_STEPS);
        let Some(pact) = self.pacts.get_mut(&pair(me, with)) else { return };
        if me < with {
            pact.renew.0 = true;
        } else {
            pact.renew.1 = true;
        }
        if pact.renew == (true, true) {
            *pact = Pact { until, renew: (false, false) };
        }
        self.news.pacts.insert(pair(me, with));
    }

    /// A no: the two do not ask each other again for a moment.
    pub(crate) fn decline(&mut self, me: NationId, from: NationId) {
        self.asks.remove(&(from, me));
        let until = self.step.saturating_add(DECLINED_STEPS);
        let ban = self.bans.entry(pair(me, from)).or_insert(until);
        *ban = (*ban).max(until);
        self.news.asks = true;
    }

    /// They are allies no longer, and nobody has broken a word.
    pub(crate) fn part(&mut self, a: NationId, b: NationId) {
        if self.pacts.remove(&pair(a, b)).is_some() {
            self.news.pacts.insert(pair(a, b));
        }
    }

    /// Breaks an alliance. It costs nothing against one whose own broken word still counts.
    pub(crate) fn betray(&mut self, me: NationId, with: NationId) {
        self.part(me, with);
        let step = self.step;
        self.news.notices.push(Notice::Broke(me.0, with.0));
        if self.nation(with).is_some_and(|nation| nation.traitor_until > step) {
            return;
        }
        if let Some(nation) = self.nation_mut(me) {
            nation.traitor_until = step.saturating_add(TRAITOR_STEPS);
        }
        self.news.nations.insert(me.0);
        crate::ai::betrayed(self, me, with);
    }

    /// What one has sent against another comes home, all of it.
    pub(crate) fn cease(&mut self, from: NationId, on: NationId) {
        for attack in self.attacks.iter_mut().filter(|attack| attack.from == from && attack.on == on) {
            if !attack.retreating {
                attack.retreating = true;
                self.news.attacks.insert(attack.id);
            }
        }
    }
}
