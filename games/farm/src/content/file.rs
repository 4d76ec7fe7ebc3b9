//! The content file as it is written: what may stand in it, before anything is known to make sense. Every value
//! that can be wrong on its own carries its place in the text.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

pub(super) type Text = Spanned<String>;
pub(super) type Amounts = Spanned<BTreeMap<Text, Spanned<u64>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub farm: FarmTable,
    pub shear: ShearTable,
    pub prestige: PrestigeTable,
    #[serde(default)]
    pub wool: Vec<Spanned<WoolTable>>,
    #[serde(default)]
    pub building: Vec<BuildingTable>,
    #[serde(default)]
    pub upgrade: Vec<UpgradeTable>,
    #[serde(default)]
    pub recipe: Vec<Spanned<RecipeTable>>,
    #[serde(default)]
    pub keepsake: Vec<KeepsakeTable>,
    #[serde(default)]
    pub wish: Vec<WishTable>,
    #[serde(default)]
    pub event: Vec<EventTable>,
    #[serde(default)]
    pub achievement: Vec<AchievementTable>,
    pub import: Option<ImportTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FarmTable {
    pub away_minutes: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShearTable {
    pub wool: Text,
    #[serde(rename = "yield")]
    pub base: Spanned<u64>,
    pub interval_ms: Spanned<u32>,
    pub burst: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrestigeTable {
    pub currency: Text,
    pub star_percent: Spanned<u32>,
    pub worth_per_star: Spanned<u64>,
    pub root: Spanned<u32>,
    #[serde(default)]
    pub needs: Vec<Spanned<NeedTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WoolTable {
    pub id: Text,
    pub name: Text,
    pub about: Text,
    pub worth: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BuildingTable {
    pub id: Text,
    pub name: Text,
    pub about: Text,
    #[serde(default)]
    pub llama: bool,
    pub wool: Text,
    pub rate: Spanned<u64>,
    pub cost: Amounts,
    pub ratio_percent: Spanned<u32>,
    pub count_max: Spanned<u32>,
    #[serde(default)]
    pub milestones: Vec<Spanned<u32>>,
    #[serde(default)]
    pub needs: Vec<Spanned<NeedTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UpgradeTable {
    pub id: Text,
    pub name: Text,
    pub about: Text,
    pub cost: Amounts,
    pub ratio_percent: Spanned<u32>,
    pub level_max: Spanned<u32>,
    pub effect: Spanned<EffectTable>,
    #[serde(default)]
    pub needs: Vec<Spanned<NeedTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipeTable {
    pub id: Text,
    pub name: Text,
    pub about: Text,
    pub from: Amounts,
    pub to: Amounts,
    #[serde(default)]
    pub needs: Vec<Spanned<NeedTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeepsakeTable {
    pub id: Text,
    pub name: Text,
    pub about: Text,
    pub currency: Text,
    pub price: Spanned<u32>,
    pub effect: Spanned<EffectTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WishTable {
    pub id: Text,
    pub name: Text,
    pub about: Text,
    pub cost: Spanned<u64>,
    pub ratio_percent: Spanned<u32>,
    pub level_max: Spanned<u32>,
    pub effect: Spanned<EffectTable>,
    #[serde(default)]
    pub needs: Vec<WishNeedTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WishNeedTable {
    pub wish: Text,
    pub level: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventTable {
    pub id: Text,
    pub name: Text,
    pub about: Text,
    pub from: Text,
    pub to: Text,
    pub effect: Spanned<EffectTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AchievementTable {
    pub id: Text,
    pub name: Text,
    pub about: Text,
    pub stat: Text,
    pub goal: Spanned<u64>,
    pub fleece: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportTable {
    pub since: Text,
    pub days_max: Spanned<u32>,
    pub young_llamas: Spanned<u32>,
}

/// Which keys must stand beside which `kind` is checked later: an enum here would lose the places.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EffectTable {
    pub kind: Text,
    pub building: Option<Text>,
    pub wool: Option<Text>,
    pub percent: Option<Spanned<u32>>,
    pub permille: Option<Spanned<u32>>,
    pub minutes: Option<Spanned<u32>>,
    pub count: Option<Spanned<u32>>,
}

/// `{building, count}` or `{upgrade, level}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NeedTable {
    pub building: Option<Text>,
    pub count: Option<Spanned<u32>>,
    pub upgrade: Option<Text>,
    pub level: Option<Spanned<u32>>,
}
