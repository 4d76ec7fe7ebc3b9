//! A service with wars in it, for the tests of this module.

use std::sync::Arc;

use app::services::Services;
use kernel::RoomId;
use server::config::Config;
use server::serve::{Games, Running, start};
use store::{Credential, UserId};

use super::wars::Wars;
use super::{RULES, prizes};

/// A service whose accounts are 1, 2, 3, …
pub struct Place {
    pub running: Running,
    pub wars: Arc<Wars>,
    _folder: tempfile::TempDir,
}

impl Place {
    pub async fn new(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config =
            Config { listen: "127.0.0.1:0".into(), data: folder.path().join("data"), ..Config::default() };
        let running = start(config, Games::new().with::<sovereign::Sovereign>(b"")).await.unwrap();
        let services = Arc::clone(&running.house.services);
        prizes::create(&services).await.unwrap();
        for (name, number) in names.iter().zip(1..) {
            let credential = Credential::Device(format!("device-of-{name}"));
            let (user, username) = (UserId(number), (*name).to_owned());
            services.core.write(store::Register { credential, user, username, at_ms: 1 }).await.unwrap();
        }
        Self { running, wars: Arc::new(Wars::new(services)), _folder: folder }
    }

    pub fn services(&self) -> &Arc<Services> {
        &self.running.house.services
    }

    /// A war of its own for account 1.
    pub async fn war(&self) -> RoomId {
        let setup = br#"{"size":"tiny","tribes":1,"rivals":0}"#.to_vec();
        self.services().rooms.open(UserId(1), RULES, setup, false).await.unwrap()
    }
}
