//! From the file as written to [`Content`]: references become positions, and every fault is collected with its
//! line before any is reported, so that one look at the answer mends the file.

use std::collections::BTreeSet;
use std::ops::Range;

use kernel::Unreadable;
use num_bigint::BigUint;
use toml::Spanned;

use super::file::File;
use super::values::Place;
use super::{
    ACHIEVEMENTS_MAX, AWAY_MINUTES_MAX, BUILDINGS_MAX, Building, CONTENT_BYTES_MAX, CONTENT_FILE, COUNT_MAX,
    Content, FESTIVALS_MAX, KEEPSAKES_MAX, Keepsake, LEVEL_MAX, Need, Prestige, RECIPES_MAX, Recipe, Shear,
    UPGRADES_MAX, Upgrade, WISHES_MAX, WOOLS_MAX, Wool, cycles,
};

/// Faults told at once.
const FAULTS_MAX: usize = 20;

pub(super) fn parse(bytes: &[u8]) -> Result<Content, Unreadable> {
    if bytes.len() > CONTENT_BYTES_MAX {
        return Err(Unreadable(format!("{CONTENT_FILE}:1: more than {CONTENT_BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = line_at(bytes, e.valid_up_to());
        Unreadable(format!("{CONTENT_FILE}:{line}: not UTF-8"))
    })?;
    let file: File = toml::from_str(text).map_err(|e| {
        let line = line_at(bytes, e.span().map_or(0, |span| span.start));
        Unreadable(format!("{CONTENT_FILE}:{line}: {}", e.message()))
    })?;
    let mut check = Check::of(&file);
    let content = check.content(&file);
    if check.faults.is_empty() {
        return Ok(content);
    }
    check.faults.sort();
    check.faults.truncate(FAULTS_MAX);
    let lines =
        check.faults.iter().map(|(at, what)| format!("{CONTENT_FILE}:{}: {what}", line_at(bytes, *at)));
    Err(Unreadable(lines.collect::<Vec<_>>().join("\n")))
}

/// Lines are counted from 1.
fn line_at(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|&&b| b == b'\n').count()
}

/// Faults so far, by byte; and the ids that references may name. A fault leaves a stand-in value behind, which
/// nobody sees because the content is thrown away.
pub(super) struct Check {
    faults: Vec<(usize, String)>,
    pub(super) wools: Vec<String>,
    pub(super) buildings: Vec<String>,
    pub(super) upgrades: Vec<String>,
    pub(super) wishes: Vec<String>,
}

impl Check {
    fn of(file: &File) -> Self {
        Self {
            faults: Vec::new(),
            wools: file.wool.iter().map(|w| w.get_ref().id.get_ref().clone()).collect(),
            buildings: file.building.iter().map(|b| b.id.get_ref().clone()).collect(),
            upgrades: file.upgrade.iter().map(|u| u.id.get_ref().clone()).collect(),
            wishes: file.wish.iter().map(|w| w.id.get_ref().clone()).collect(),
        }
    }

    pub(super) fn fault(&mut self, span: Range<usize>, what: impl Into<String>) {
        self.faults.push((span.start, what.into()));
    }

    fn content(&mut self, file: &File) -> Content {
        self.lists(file);
        let content = Content {
            away_minutes: self.within("away_minutes", &file.farm.away_minutes, 1..=AWAY_MINUTES_MAX),
            shear: Shear {
                wool: self.wool(&file.shear.wool),
                base: self.amount("yield", &file.shear.base),
                interval_ms: self.within("interval_ms", &file.shear.interval_ms, 1..=10_000),
                burst: self.within("burst", &file.shear.burst, 1..=1_000),
            },
            prestige: self.prestige(file),
            wools: self.wools(file),
            buildings: self.buildings(file),
            upgrades: self.upgrades(file),
            recipes: self.recipes(file),
            keepsakes: self.keepsakes(file),
            wishes: self.wishes(file),
            festivals: self.festivals(file),
            achievements: self.achievements(file),
            import: file.import.as_ref().map(|table| self.import(table)),
        };
        // Only when every reference is sound do positions mean anything.
        if self.faults.is_empty() {
            self.sources(file, &content);
            self.circles(file, &content);
            self.wish_circles(file, &content);
        }
        content
    }

    fn lists(&mut self, file: &File) {
        let rows = [
            ("wool", file.wool.len(), WOOLS_MAX),
            ("building", file.building.len(), BUILDINGS_MAX),
            ("upgrade", file.upgrade.len(), UPGRADES_MAX),
            ("recipe", file.recipe.len(), RECIPES_MAX),
            ("keepsake", file.keepsake.len(), KEEPSAKES_MAX),
            ("wish", file.wish.len(), WISHES_MAX),
            ("event", file.event.len(), FESTIVALS_MAX),
            ("achievement", file.achievement.len(), ACHIEVEMENTS_MAX),
        ];
        for (kind, count, most) in rows {
            if count > most {
                self.fault(0..0, format!("{count} [[{kind}]] tables, at most {most} are allowed"));
            }
        }
    }

    fn prestige(&mut self, file: &File) -> Prestige {
        let table = &file.prestige;
        Prestige {
            currency: self.id("currency", &table.currency),
            star_percent: self.within("star_percent", &table.star_percent, 1..=10_000),
            worth_per_star: BigUint::from(self.amount("worth_per_star", &table.worth_per_star)),
            root: self.within("root", &table.root, 1..=5),
            needs: self.needs(&table.needs),
        }
    }

    fn wools(&mut self, file: &File) -> Vec<Wool> {
        let mut seen = BTreeSet::new();
        let tables = file.wool.iter().map(Spanned::get_ref);
        tables
            .map(|t| Wool { title: self.title(&mut seen, &t.id, &t.name, &t.about), worth: t.worth })
            .collect()
    }

    fn buildings(&mut self, file: &File) -> Vec<Building> {
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for t in &file.building {
            let count_max = self.within("count_max", &t.count_max, 1..=COUNT_MAX);
            let mut last = 0;
            for m in &t.milestones {
                if *m.get_ref() <= last || *m.get_ref() > count_max {
                    self.fault(m.span(), format!("milestones must ascend and end by count_max {count_max}"));
                }
                last = *m.get_ref();
            }
            list.push(Building {
                title: self.title(&mut seen, &t.id, &t.name, &t.about),
                llama: t.llama,
                wool: self.wool(&t.wool),
                rate: self.amount("rate", &t.rate),
                price: self.price(&t.cost, &t.ratio_percent),
                count_max,
                milestones: t.milestones.iter().map(|m| *m.get_ref()).collect(),
                needs: self.needs(&t.needs),
            });
        }
        list
    }

    fn upgrades(&mut self, file: &File) -> Vec<Upgrade> {
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for t in &file.upgrade {
            list.push(Upgrade {
                title: self.title(&mut seen, &t.id, &t.name, &t.about),
                price: self.price(&t.cost, &t.ratio_percent),
                level_max: self.within("level_max", &t.level_max, 1..=LEVEL_MAX),
                effect: self.effect(&t.effect, Place::Run),
                needs: self.needs(&t.needs),
            });
        }
        list
    }

    fn recipes(&mut self, file: &File) -> Vec<Recipe> {
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for t in file.recipe.iter().map(Spanned::get_ref) {
            list.push(Recipe {
                title: self.title(&mut seen, &t.id, &t.name, &t.about),
                from: self.amounts(&t.from),
                to: self.amounts(&t.to),
                needs: self.needs(&t.needs),
            });
        }
        list
    }

    fn keepsakes(&mut self, file: &File) -> Vec<Keepsake> {
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for t in &file.keepsake {
            list.push(Keepsake {
                title: self.title(&mut seen, &t.id, &t.name, &t.about),
                currency: self.id("currency", &t.currency),
                price: i64::from(self.within("price", &t.price, 1..=1_000_000)),
                effect: self.effect(&t.effect, Place::Run),
            });
        }
        list
    }

    /// Every wool that something costs must come from somewhere.
    fn sources(&mut self, file: &File, content: &Content) {
        let mut made = BTreeSet::from([content.shear.wool]);
        made.extend(content.buildings.iter().map(|b| b.wool));
        made.extend(content.recipes.iter().flat_map(|r| r.to.iter().map(|(wool, _)| *wool)));
        for (index, wool) in file.wool.iter().enumerate() {
            if !made.contains(&index) {
                let id = &content.wools[index].title.id;
                self.fault(wool.get_ref().id.span(), format!("nothing makes the wool {id:?}"));
            }
        }
    }

    fn circles(&mut self, file: &File, content: &Content) {
        // Buildings first, then upgrades, as nodes of one graph; an edge leads from a thing to what it needs.
        let first_upgrade = content.buildings.len();
        let needs =
            content.buildings.iter().map(|b| &b.needs).chain(content.upgrades.iter().map(|u| &u.needs));
        let mut edges = Vec::new();
        for (node, list) in needs.enumerate() {
            edges.extend(list.iter().map(|need| match *need {
                Need::Building { building, .. } => (node, building),
                Need::Upgrade { upgrade, .. } => (node, first_upgrade + upgrade),
            }));
        }
        if let Some(node) = cycles::find(first_upgrade + content.upgrades.len(), &edges) {
            let id = match node.checked_sub(first_upgrade) {
                None => &file.building[node].id,
                Some(upgrade) => &file.upgrade[upgrade].id,
            };
            self.fault(id.span(), format!("{:?} needs itself, by way of its needs", id.get_ref()));
        }
        let mut edges = Vec::new();
        for recipe in &content.recipes {
            edges.extend(
                recipe.from.iter().flat_map(|(from, _)| recipe.to.iter().map(|(to, _)| (*from, *to))),
            );
        }
        if let Some(wool) = cycles::find(content.wools.len(), &edges) {
            // The recipe that closes the circle last is as good a place to look as any.
            let on_it = content.recipes.iter().rposition(|r| r.to.iter().any(|(to, _)| *to == wool));
            let place = on_it.map_or(0..0, |r| file.recipe[r].get_ref().to.span());
            let id = &content.wools[wool].title.id;
            self.fault(
                place,
                format!("recipes lead from {id:?} back to itself: wool could be made from nothing"),
            );
        }
    }
}
