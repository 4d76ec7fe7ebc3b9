//! What an operator can set about friends.

use serde::{Deserialize, Serialize};

/// Friends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Friends {
    /// Friends and requests sent that a user may have; as many requests may wait for one, and as many users be blocked.
    pub friends_max: u32,
    /// Friends who are online get a notification when a user comes online.
    pub online_notices: bool,
}

impl Default for Friends {
    fn default() -> Self {
        let app::friends::Settings { friends_max, online_notices } = app::friends::Settings::default();
        Self { friends_max, online_notices }
    }
}

/// As the use cases take it.
pub(crate) fn friend_settings(config: &super::Config) -> app::friends::Settings {
    let Friends { friends_max, online_notices } = config.friends;
    app::friends::Settings { friends_max, online_notices }
}
