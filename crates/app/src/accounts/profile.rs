//! What an account shows of itself, to its owner and to others, and changing it.

use store::{AccountChange, AccountUpdated, Personal, PersonalKind, Profile, UserId};

use super::{AccountError, Accounts, check_username};

/// Bytes of a text of the profile.
pub const PROFILE_TEXT_BYTES_MAX: usize = 512;
/// Bytes of metadata, and of preferences.
pub(super) const OBJECT_BYTES_MAX: usize = 16 << 10;
/// Users that can be asked for at once.
pub const USERS_MAX: usize = 100;

/// A user as others see one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownUser {
    /// Who.
    pub user: UserId,
    /// What the store holds of the profile.
    pub profile: Profile,
    /// Where the player is.
    pub location: Option<String>,
    /// The player's time zone.
    pub timezone: Option<String>,
    /// A socket is open.
    pub online: bool,
}

/// An account as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// What others see too.
    pub user: ShownUser,
    /// The e-mail address, if one is linked.
    pub email: Option<String>,
    /// What it is logged in to with.
    pub credentials: store::Credentials,
    /// What it has of each currency.
    pub wallet: Vec<store::Balance>,
}

/// What a player changes. What is not named stays; an empty text takes the thing away.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Update {
    /// The username.
    pub username: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// Language.
    pub lang_tag: Option<String>,
    /// Where the player is.
    pub location: Option<String>,
    /// The player's time zone.
    pub timezone: Option<String>,
    /// A JSON object that server code writes.
    pub metadata: Option<String>,
    /// A JSON object of the player's own.
    pub preferences: Option<String>,
}

impl Accounts {
    /// An account as its owner sees it.
    pub async fn account(&self, user: UserId) -> Result<Shown, AccountError> {
        let account = self.core.read(store::AccountGet { user }).await?.ok_or(AccountError::NotFound)?;
        let email = self.unsealed(&account.personal, PersonalKind::Email)?;
        let shown = self.shown(user, account.profile, &account.personal)?;
        Ok(Shown { user: shown, email, credentials: account.credentials, wallet: account.wallet })
    }

    /// Some users as others see them: by id, by name, by Facebook's name for them. Those who do not exist are passed
    /// over.
    pub async fn users(
        &self,
        ids: Vec<UserId>,
        names: Vec<String>,
        facebook: Vec<String>,
    ) -> Result<Vec<ShownUser>, AccountError> {
        if ids.len() + names.len() + facebook.len() > USERS_MAX {
            return Err(AccountError::TooManyUsers);
        }
        let known = facebook.into_iter().map(|id| ("facebook".to_owned(), id)).collect();
        let names = names.into_iter().filter(|name| check_username(name).is_ok()).collect();
        let seen = self.core.read(store::UsersGet { ids, names, known }).await?;
        seen.into_iter().map(|seen| self.shown(seen.user, seen.profile, &seen.personal)).collect()
    }

    /// Changes an account.
    pub async fn update(&self, user: UserId, update: Update) -> Result<(), AccountError> {
        let update = self.prepare(user, update)?;
        match self.core.write(update).await?.into_inner() {
            AccountUpdated::Done => Ok(()),
            AccountUpdated::UsernameTaken => Err(AccountError::UsernameTaken),
            AccountUpdated::NotFound => Err(AccountError::NotFound),
        }
    }

    /// A change that is checked and sealed, to be written together with other things.
    pub fn prepare(&self, user: UserId, update: Update) -> Result<store::AccountUpdate, AccountError> {
        if let Some(name) = &update.username {
            check_username(name)?;
        }
        let texts = [
            ("the display name", &update.display_name),
            ("the avatar URL", &update.avatar_url),
            ("the language tag", &update.lang_tag),
            ("the location", &update.location),
            ("the time zone", &update.timezone),
        ];
        for (name, text) in texts {
            if text.as_ref().is_some_and(|text| !is_text(text)) {
                return Err(AccountError::Text(name));
            }
        }
        for (name, object) in [("the metadata", &update.metadata), ("the preferences", &update.preferences)] {
            if object.as_ref().is_some_and(|object| !object.is_empty() && !is_object(object)) {
                return Err(AccountError::Object(name));
            }
        }
        let seal = |kind, text: String| (kind, (!text.is_empty()).then(|| self.vault.seal(kind, &text)));
        let location = update.location.map(|text| seal(PersonalKind::Location, text));
        let timezone = update.timezone.map(|text| seal(PersonalKind::Timezone, text));
        let change = AccountChange {
            username: update.username,
            display_name: update.display_name,
            avatar_url: update.avatar_url,
            lang_tag: update.lang_tag,
            metadata: update.metadata,
            preferences: update.preferences,
            personal: location.into_iter().chain(timezone).collect(),
        };
        Ok(store::AccountUpdate { user, change, at_ms: self.core.now_ms() })
    }

    fn shown(
        &self,
        user: UserId,
        profile: Profile,
        personal: &[Personal],
    ) -> Result<ShownUser, AccountError> {
        Ok(ShownUser {
            user,
            location: self.unsealed(personal, PersonalKind::Location)?,
            timezone: self.unsealed(personal, PersonalKind::Timezone)?,
            online: self.core.streams().is_online(user),
            profile,
        })
    }

    fn unsealed(&self, personal: &[Personal], kind: PersonalKind) -> Result<Option<String>, AccountError> {
        let found = personal.iter().find(|personal| personal.kind == kind);
        Ok(found.map(|personal| self.vault.open(personal)).transpose()?)
    }
}

fn is_text(text: &str) -> bool {
    text.len() <= PROFILE_TEXT_BYTES_MAX && !text.chars().any(char::is_control)
}

fn is_object(text: &str) -> bool {
    text.len() <= OBJECT_BYTES_MAX
        && !text.contains('\0')
        && serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
}
