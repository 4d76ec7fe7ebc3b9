//! The other commands, and what they say when something is wrong.

use crate::process::{Serving, longhouse, said};

#[test]
fn check_config_shows_what_is_in_force_and_hides_secrets() {
    let shown = longhouse(
        &["check-config", "--set", "rooms.grace_ms=5000"],
        &[("LONGHOUSE_KEYS_SERVER_KEY", "a-secret-of-ours"), ("LONGHOUSE_CLUSTER", "north")],
    );
    assert!(shown.status.success(), "{}", said(&shown));
    let text = said(&shown);
    for words in ["cluster = \"north\"", "LONGHOUSE_CLUSTER", "grace_ms = 5000", "the flag --set", "****"] {
        assert!(text.contains(words), "{words} is not in:\n{text}");
    }
    assert!(!text.contains("a-secret-of-ours"), "{text}");
}

#[test]
fn wrong_settings_end_every_command_with_the_reason() {
    let check = |arguments: &[&str], variables: &[(&str, &str)], words: &[&str]| {
        let output = longhouse(arguments, variables);
        let text = said(&output);
        assert!(!output.status.success(), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty(), "{arguments:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{arguments:?}: {word:?} is not in:\n{text}");
        }
    };
    check(
        &["check-config"],
        &[("LONGHOUSE_ROOM_GRACE_MS", "1")],
        &["LONGHOUSE_ROOM_GRACE_MS", "rooms.grace_ms"],
    );
    check(&["serve", "--set", "colour=red"], &[], &["colour (the flag --set) is not a known key"]);
    check(&["serve", "--set", "colour"], &[], &["KEY=VALUE"]);
    check(&["serve", "--config", "/no/such/file.toml"], &[], &["/no/such/file.toml cannot be read"]);
    check(&["serve", "--listen", "0.0.0.0:0"], &[], &["LONGHOUSE_KEYS_SERVER_KEY", "127.0.0.1"]);
    check(&["serve", "--log-level", "===="], &[], &["log.level", "====", "--log-level"]);
    check(&["check-config"], &[("LONGHOUSE_GAMES_CHESS_CONTENT", "x")], &["games.chess", "ledger"]);
    check(&["replay", "nonsense"], &[], &["nonsense", "no room id"]);
    check(&["migrate", "status", "--data", "/no/such/folder"], &[], &["/no/such/folder"]);
    check(&["dance"], &[], &["dance", "--help"]);
}

#[test]
fn rooms_and_migrations_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let serving = Serving::start(folder.path());
    let (token, _) = serving.log_in("ada");
    let room = serving.ledger(&token);
    let id = room.split('.').next().unwrap();

    // Beside the running server.
    let listed = longhouse(&["rooms", "--data", data, "--json"], &[]);
    let line: serde_json::Value =
        serde_json::from_slice(&listed.stdout).unwrap_or_else(|_| panic!("{}", said(&listed)));
    assert_eq!((line["room"].as_str(), line["rules"].as_str()), (Some(id), Some("ledger")));
    assert_eq!(
        (line["state"].as_str(), line["seats"].as_u64(), line["last_seq"].as_u64()),
        (Some("open"), Some(1), Some(1))
    );
    let table = longhouse(&["rooms", "--data", data], &[]);
    assert!(said(&table).contains(id), "{}", said(&table));
    let replayed = longhouse(&["replay", id, "--data", data], &[]);
    assert!(
        replayed.status.success() && said(&replayed).contains("leads to the same state"),
        "{}",
        said(&replayed)
    );
    let absent = "01900000-0000-7000-8000-000000000000";
    let nothing = longhouse(&["replay", absent, "--data", data], &[]);
    assert!(!nothing.status.success() && said(&nothing).contains(absent), "{}", said(&nothing));
    let busy = longhouse(&["migrate", "down", "--to", "0", "--data", data], &[]);
    assert!(!busy.status.success() && said(&busy).contains("in use"), "{}", said(&busy));
    assert_eq!(serving.terminate(), Some(0));

    let status = longhouse(&["migrate", "status", "--data", data], &[]);
    assert!(said(&status).contains("taken") && !said(&status).contains("waiting"), "{}", said(&status));
    let down = longhouse(&["migrate", "down", "--to", "1", "--data", data], &[]);
    assert!(down.status.success() && said(&down).contains("undone"), "{}", said(&down));
    let status = longhouse(&["migrate", "status", "--data", data], &[]);
    assert!(said(&status).contains("waiting"), "{}", said(&status));
    let older = longhouse(&["rooms", "--data", data], &[]);
    assert!(!older.status.success() && said(&older).contains("schema"), "{}", said(&older));
    let up = longhouse(&["migrate", "up", "--data", data], &[]);
    assert!(up.status.success() && said(&up).contains("taken"), "{}", said(&up));
    let again = longhouse(&["migrate", "up", "--data", data], &[]);
    assert!(said(&again).contains("nothing to do"), "{}", said(&again));
    Serving::start(folder.path()).terminate();
}

#[test]
fn a_folder_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Serving::start(folder.path()).terminate(), Some(0));
    let database = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let database =
        database.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "db")).unwrap();
    let newer = "INSERT INTO schema_migrations (number, name, applied_ms) VALUES (9999, 'tomorrow', 0)";
    rusqlite::Connection::open(database).unwrap().execute(newer, []).unwrap();
    let data = folder.path().to_str().unwrap();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["rooms"], &["migrate", "up"]] {
        let refused = longhouse(&[command, &["--data", data]].concat(), &[]);
        assert!(!refused.status.success(), "{command:?}: {}", said(&refused));
        assert!(said(&refused).contains("9999"), "{command:?}: {}", said(&refused));
        assert!(refused.stdout.is_empty() || command == ["rooms"], "{command:?}: {}", said(&refused));
    }
}

#[test]
fn personal_data_moves_to_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let serving = Serving::start(folder.path());
    let (token, _) = serving.log_in("ada");
    let bearer = format!("Bearer {token}");
    let change = r#"{"location":"London","timezone":"Europe/London"}"#;
    assert_eq!(serving.ask("PUT", "/v2/account", &bearer, change).0, 200);
    let busy = longhouse(&["personal", "rotate", "--data", data], &[]);
    assert!(!busy.status.success() && said(&busy).contains("in use"), "{}", said(&busy));
    assert_eq!(serving.terminate(), Some(0));

    let new = ("LONGHOUSE_KEYS_PERSONAL_KEY", "another-key-of-ours");
    let both = [new, ("LONGHOUSE_KEYS_PERSONAL_OLD", "defaultpersonalkey")];
    let run =
        |what: &str, variables: &[(&str, &str)]| longhouse(&["personal", what, "--data", data], variables);
    let lost = run("rotate", &[new]);
    assert!(!lost.status.success() && said(&lost).contains("keys.personal_old"), "{}", said(&lost));
    let done = run("rotate", &both);
    assert!(done.status.success() && said(&done).contains("2 texts were sealed again"), "{}", said(&done));
    assert!(said(&run("rotate", &both)).contains("0 texts were sealed again"));
    let status = said(&run("status", &[new]));
    assert!(status.contains("2 texts  current") && !status.contains("MISSING"), "{status}");
    assert!(said(&run("status", &[])).contains("MISSING"), "the key of before opens nothing any more");
}

#[test]
fn versions_and_help() {
    let version = said(&longhouse(&["version"], &[]));
    for words in ["longhouse ", "rules ", "ledger", "farm"] {
        assert!(version.contains(words), "{words} is not in:\n{version}");
    }
    let help = said(&longhouse(&["--help"], &[]));
    for command in ["serve", "check-config", "migrate", "personal", "rooms", "replay", "content", "version"] {
        assert!(help.contains(command), "{command} is not in:\n{help}");
    }
}
