//! What keeps a server from starting is said clearly.

use server::serve::{Games, StartError, start};
use store::StoreError;

use crate::client::{Server, config, games, secret};

async fn refused(folder: &tempfile::TempDir, change: impl FnOnce(&mut server::config::Config)) -> StartError {
    let mut config = config(folder);
    change(&mut config);
    match start(config, games()).await {
        Ok(_) => panic!("it should not start"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_data_directory_in_use_is_refused() {
    let server = Server::start().await;
    let error = refused(&server.folder, |_| {}).await;
    assert!(matches!(error, StartError::Store(StoreError::InUse(_))), "{error}");
    assert!(error.to_string().contains("in use by another process"), "{error}");
    assert_eq!(server.ask("GET", "/healthz", &[], b"").await.status, 200, "the first one goes on");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let address = server.running.address.to_string();
    let error = refused(&folder, |config| config.listen = address.clone()).await;
    assert!(error.to_string().contains(&address), "{error}");
}

#[tokio::test]
async fn default_keys_are_refused_where_others_can_reach_them() {
    let folder = tempfile::tempdir().unwrap();
    let error = refused(&folder, |config| config.listen = "0.0.0.0:0".into()).await;
    assert!(error.to_string().contains("LONGHOUSE_KEYS_SERVER_KEY"), "{error}");
    let error = refused(&folder, |config| {
        config.listen = "0.0.0.0:0".into();
        config.keys.server_key = secret("own-server-key");
    })
    .await;
    assert!(!error.to_string().contains("LONGHOUSE_KEYS_SERVER_KEY"), "{error}");
}

#[tokio::test]
async fn contents_and_games_that_are_not_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let game = |path: Option<&str>| server::config::Game { content: path.map(Into::into) };
    let error = refused(&folder, |config| drop(config.games.insert("chess".into(), game(None)))).await;
    assert!(error.to_string().contains("games.chess") && error.to_string().contains("ledger"), "{error}");
    let error =
        refused(&folder, |config| drop(config.games.insert("ledger".into(), game(Some("/no/file"))))).await;
    assert!(error.to_string().contains("games.ledger.content: /no/file cannot be read"), "{error}");
}

#[tokio::test]
async fn a_studios_functions_are_called() {
    let folder = tempfile::tempdir().unwrap();
    let games = Games::new().with::<ledger::Ledger>(b"").with_extension(|house| {
        house.rpc("echo", async |call| Ok(call.payload));
    });
    let running = start(config(&folder), games).await.unwrap();
    let server = Server { running, folder };
    let ada = server.log_in("ada").await;
    assert_eq!(server.post("/v2/rpc/echo?unwrap", &ada.token, "[1,2]").await.text(), "[1,2]");
    let wrapped = server.get("/v2/rpc/echo?payload=%22hi%22", &ada.token).await.json();
    assert_eq!(wrapped["payload"], "hi");
}

#[tokio::test]
async fn a_server_that_stopped_leaves_its_folder_to_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(config(&folder), games()).await.unwrap();
    let first = Server { running, folder };
    first.log_in("ada").await;
    let Server { running, folder } = first;
    running.stop().await;
    let second = Server { running: start(config(&folder), games()).await.unwrap(), folder };
    let body = r#"{"id":"device-of-ada"}"#;
    let known = second.keyed("/v2/account/authenticate/device?create=false", body).await;
    assert_eq!(known.status, 200, "{}", known.text());
}
