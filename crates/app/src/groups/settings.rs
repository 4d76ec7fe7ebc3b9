//! What a group says of itself, looked at before it goes to the store.

use store::{Actor, Group, GroupCreate, GroupId, GroupSettings, GroupUpdate, UserId};

use super::{GroupError, Groups};

/// Bytes of a group's name.
pub const NAME_BYTES_MAX: usize = 255;
/// Bytes of a group's description.
pub const DESCRIPTION_BYTES_MAX: usize = 2_048;
/// Bytes of the address of a group's picture.
pub const AVATAR_URL_BYTES_MAX: usize = 512;
/// Bytes of a language's tag.
pub const LANG_TAG_BYTES_MAX: usize = 18;
/// Bytes of a group's metadata.
pub const METADATA_BYTES_MAX: usize = 16 << 10;
/// Members that a group takes where nothing else is said.
pub const MAX_COUNT_DEFAULT: u32 = 100;
/// The language of a group that names none.
const LANG_TAG_DEFAULT: &str = "en";

/// A group as it is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewGroup {
    /// Unique without regard to case.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// Where its picture is.
    pub avatar_url: String,
    /// The language that is spoken; empty: English.
    pub lang_tag: String,
    /// A JSON object as text; empty: an empty one.
    pub metadata: String,
    /// May anybody come in?
    pub open: bool,
    /// How many may be in it; 0: [`MAX_COUNT_DEFAULT`].
    pub max_count: u32,
}

impl Groups {
    /// Makes a group; `creator` is its first superadmin.
    pub async fn create(&self, creator: UserId, new: NewGroup) -> Result<Group, GroupError> {
        let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
        let max_count = if new.max_count == 0 { MAX_COUNT_DEFAULT } else { new.max_count };
        let settings = GroupSettings {
            name: Some(new.name),
            description: Some(new.description),
            avatar_url: Some(new.avatar_url),
            lang_tag: Some(or(new.lang_tag, LANG_TAG_DEFAULT)),
            open: Some(new.open),
            max_count: Some(max_count),
            metadata: Some(or(new.metadata, "{}")),
        };
        check_settings(&settings)?;
        let at_ms = self.core.now_ms();
        let group = Group {
            id: GroupId(self.core.new_id()),
            name: settings.name.unwrap_or_default(),
            creator: Some(creator),
            description: settings.description.unwrap_or_default(),
            avatar_url: settings.avatar_url.unwrap_or_default(),
            lang_tag: settings.lang_tag.unwrap_or_default(),
            metadata: settings.metadata.unwrap_or_default(),
            open: new.open,
            members: 1,
            max_count,
            created_ms: at_ms,
            updated_ms: at_ms,
        };
        Ok(self.core.write(GroupCreate { creator, group }).await?.into_inner()?)
    }

    /// Changes a group's settings. Its admins may.
    pub async fn update(
        &self,
        actor: Actor,
        group: GroupId,
        settings: GroupSettings,
    ) -> Result<Group, GroupError> {
        check_settings(&settings)?;
        let update = GroupUpdate { group, actor, settings, at_ms: self.core.now_ms() };
        Ok(self.core.write(update).await?.into_inner()?)
    }
}

/// Could a group have these settings?
pub(crate) fn check_settings(settings: &GroupSettings) -> Result<(), GroupError> {
    let GroupSettings { name, description, avatar_url, lang_tag, open: _, max_count, metadata } = settings;
    if *settings == GroupSettings::default() {
        return Err(GroupError::Nothing);
    }
    if let Some(name) = name {
        let fits = name.len() <= NAME_BYTES_MAX && !name.trim().is_empty();
        if !fits || name.chars().any(char::is_control) {
            return Err(GroupError::Name);
        }
    }
    // A description may have several lines.
    let text = |value: &Option<String>, name, most, lines: bool| {
        let bad =
            |character: char| character.is_control() && !(lines && matches!(character, '\n' | '\t' | '\r'));
        match value {
            Some(text) if text.len() > most || text.chars().any(bad) => Err(GroupError::Text(name, most)),
            _ => Ok(()),
        }
    };
    text(description, "description", DESCRIPTION_BYTES_MAX, true)?;
    text(avatar_url, "avatar_url", AVATAR_URL_BYTES_MAX, false)?;
    text(lang_tag, "lang_tag", LANG_TAG_BYTES_MAX, false)?;
    if max_count.is_some_and(|count| !(1..=store::GROUP_MEMBERS_MAX).contains(&count)) {
        return Err(GroupError::MaxCount);
    }
    if metadata.as_deref().is_some_and(|text| !is_metadata(text)) {
        return Err(GroupError::Metadata);
    }
    Ok(())
}

fn is_metadata(text: &str) -> bool {
    text.len() <= METADATA_BYTES_MAX
        && serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
}
