//! The values of the content file, one by one: ids and texts, numbers in their bounds, references that lead somewhere,
//! prices, needs and effects. Whatever is wrong becomes a fault and a stand-in.

use std::collections::BTreeSet;

use toml::Spanned;

use super::check::Check;
use super::file::{Amounts, EffectTable, NeedTable, Text};
use super::{
    ABOUT_BYTES_MAX, AWAY_MINUTES_MAX, COUNT_MAX, Effect, ID_BYTES_MAX, LEVEL_MAX, NAME_BYTES_MAX, Need,
    Title,
};
use crate::cost::{Price, RATIO_PERCENT};

/// A price in whole wool, or a rate in milli-wool: what TOML's integers hold with room for a factor of 1,000. Below
/// 2^53, because a view gives base prices as numbers and a page reads them as such.
const AMOUNT_MAX: u64 = 9_000_000_000_000_000;
const _: () = assert!(AMOUNT_MAX < 1 << 53);
/// Where an effect stands: not every kind makes sense everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// An upgrade or a keepsake.
    Run,
    /// A wish, which is there when a run begins and ends.
    Wish,
    /// An event, which is there for a while.
    Festival,
}

impl Place {
    fn takes(self, effect: Effect) -> bool {
        match effect {
            Effect::Building { .. } | Effect::Wool { .. } | Effect::All { .. } | Effect::Shear { .. } => true,
            Effect::ShearShare { .. } | Effect::Away { .. } => self != Self::Festival,
            Effect::HeadStart { .. } | Effect::Gain { .. } => self == Self::Wish,
        }
    }
}

/// An effect multiplies by at most a hundred.
const EFFECT_PERCENT: std::ops::RangeInclusive<u32> = 101..=10_000;

impl Check {
    pub(super) fn title(
        &mut self,
        seen: &mut BTreeSet<String>,
        id: &Text,
        name: &Text,
        about: &Text,
    ) -> Title {
        let title = Title {
            id: self.id("id", id),
            name: self.text("name", name, NAME_BYTES_MAX),
            about: self.text("about", about, ABOUT_BYTES_MAX),
        };
        if !seen.insert(title.id.clone()) {
            self.fault(id.span(), format!("id {:?} is used twice", title.id));
        }
        title
    }

    pub(super) fn id(&mut self, key: &str, text: &Text) -> String {
        let id = text.get_ref();
        let plain = id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if id.is_empty() || id.len() > ID_BYTES_MAX || !plain {
            self.fault(text.span(), format!("{key} must be 1 to {ID_BYTES_MAX} of a-z, 0-9 and _"));
        }
        id.clone()
    }

    fn text(&mut self, key: &str, text: &Text, most: usize) -> String {
        if text.get_ref().trim().is_empty() || text.get_ref().len() > most {
            self.fault(text.span(), format!("{key} must have 1 to {most} bytes"));
        }
        text.get_ref().clone()
    }

    pub(super) fn within(
        &mut self,
        key: &str,
        value: &Spanned<u32>,
        range: std::ops::RangeInclusive<u32>,
    ) -> u32 {
        if !range.contains(value.get_ref()) {
            let (low, high) = (range.start(), range.end());
            self.fault(value.span(), format!("{key} must be from {low} to {high}, not {}", value.get_ref()));
        }
        *value.get_ref()
    }

    pub(super) fn amount(&mut self, key: &str, value: &Spanned<u64>) -> u64 {
        if !(1..=AMOUNT_MAX).contains(value.get_ref()) {
            self.fault(
                value.span(),
                format!("{key} must be from 1 to {AMOUNT_MAX}, not {}", value.get_ref()),
            );
        }
        *value.get_ref()
    }

    pub(super) fn price(&mut self, cost: &Amounts, ratio: &Spanned<u32>) -> Price {
        let ratio = self.within("ratio_percent", ratio, RATIO_PERCENT);
        Price::new(self.amounts(cost), ratio)
    }

    /// In the order of the wools, so that the file's order changes nothing.
    pub(super) fn amounts(&mut self, amounts: &Amounts) -> Vec<(usize, u64)> {
        if amounts.get_ref().is_empty() {
            self.fault(amounts.span(), "at least one wool must stand here");
        }
        let mut list: Vec<_> = Vec::new();
        for (wool, amount) in amounts.get_ref() {
            list.push((self.wool(wool), self.amount(wool.get_ref(), amount)));
        }
        list.sort_by_key(|(wool, _)| *wool);
        list
    }

    pub(super) fn wool(&mut self, id: &Text) -> usize {
        let found = self.wools.iter().position(|w| w == id.get_ref());
        self.known("wool", id, found)
    }

    pub(super) fn building(&mut self, id: &Text) -> usize {
        let found = self.buildings.iter().position(|b| b == id.get_ref());
        self.known("building", id, found)
    }

    pub(super) fn wish(&mut self, id: &Text) -> usize {
        let found = self.wishes.iter().position(|w| w == id.get_ref());
        self.known("wish", id, found)
    }

    fn known(&mut self, kind: &str, id: &Text, found: Option<usize>) -> usize {
        if found.is_none() {
            self.fault(id.span(), format!("there is no {kind} {:?}", id.get_ref()));
        }
        found.unwrap_or(0)
    }

    pub(super) fn needs(&mut self, tables: &[Spanned<NeedTable>]) -> Vec<Need> {
        tables.iter().filter_map(|table| self.need(table)).collect()
    }

    fn need(&mut self, table: &Spanned<NeedTable>) -> Option<Need> {
        let t = table.get_ref();
        match (&t.building, &t.count, &t.upgrade, &t.level) {
            (Some(building), Some(count), None, None) => Some(Need::Building {
                building: self.building(building),
                count: self.within("count", count, 1..=COUNT_MAX),
            }),
            (None, None, Some(upgrade), Some(level)) => {
                let found = self.upgrades.iter().position(|u| u == upgrade.get_ref());
                let upgrade = self.known("upgrade", upgrade, found);
                Some(Need::Upgrade { upgrade, level: self.within("level", level, 1..=LEVEL_MAX) })
            }
            _ => {
                self.fault(table.span(), "a need is {building, count} or {upgrade, level}");
                None
            }
        }
    }

    pub(super) fn effect(&mut self, table: &Spanned<EffectTable>, place: Place) -> Effect {
        let effect = self.any_effect(table);
        if !place.takes(effect) {
            let kind = table.get_ref().kind.get_ref();
            self.fault(table.span(), format!("the effect {kind} has no meaning here"));
        }
        effect
    }

    fn any_effect(&mut self, table: &Spanned<EffectTable>) -> Effect {
        let t = table.get_ref();
        let keys = (&t.building, &t.wool, &t.percent, &t.permille, &t.minutes, &t.count);
        match (t.kind.get_ref().as_str(), keys) {
            ("building", (Some(building), None, Some(percent), None, None, None)) => {
                Effect::Building { building: self.building(building), percent: self.percent(percent) }
            }
            ("wool", (None, Some(wool), Some(percent), None, None, None)) => {
                Effect::Wool { wool: self.wool(wool), percent: self.percent(percent) }
            }
            ("all", (None, None, Some(percent), None, None, None)) => {
                Effect::All { percent: self.percent(percent) }
            }
            ("shear", (None, None, Some(percent), None, None, None)) => {
                Effect::Shear { percent: self.percent(percent) }
            }
            ("shear_share", (None, None, None, Some(permille), None, None)) => {
                Effect::ShearShare { permille: self.within("permille", permille, 1..=1_000) }
            }
            ("away", (None, None, None, None, Some(minutes), None)) => {
                Effect::Away { minutes: self.within("minutes", minutes, 1..=AWAY_MINUTES_MAX) }
            }
            ("head_start", (Some(building), None, None, None, None, Some(count))) => Effect::HeadStart {
                building: self.building(building),
                count: self.within("count", count, 1..=COUNT_MAX),
            },
            ("gain", (None, None, Some(percent), None, None, None)) => {
                Effect::Gain { percent: self.percent(percent) }
            }
            _ => {
                let kinds = "building {building, percent}, wool {wool, percent}, all {percent}, shear {percent}, \
                             shear_share {permille}, away {minutes}, head_start {building, count} or gain {percent}";
                self.fault(table.span(), format!("an effect's kind and keys are one of: {kinds}"));
                Effect::All { percent: 100 }
            }
        }
    }

    fn percent(&mut self, value: &Spanned<u32>) -> u32 {
        self.within("percent", value, EFFECT_PERCENT)
    }
}
