//! The layers, and what is said about a wrong one: each fault names the key, the place and what is allowed.

use server::config::{Loaded, Sources, load, show};

fn with(file: &str, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("longhouse.toml");
    std::fs::write(&path, file).unwrap();
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let flags = flags.iter().map(|(key, value)| ((*key).into(), (*value).into(), "--set".into())).collect();
    load(&Sources { file: Some(path), variables, flags }).map_err(|error| error.to_string())
}

#[test]
fn each_layer_lies_over_the_one_before() {
    let file = "cluster = \"file\"\nlisten = \"127.0.0.1:1\"\n[rooms]\ngrace_ms = 1\nworkers = 7\n";
    let variables = [("LONGHOUSE_LISTEN", "127.0.0.1:2"), ("LONGHOUSE_ROOMS_GRACE_MS", "2"), ("PATH", "x")];
    let loaded = with(file, &variables, &[("listen", "127.0.0.1:3")]).unwrap();
    let config = &loaded.config;
    assert_eq!(config.cluster, "file");
    assert_eq!(config.listen, "127.0.0.1:3");
    assert_eq!((config.rooms.grace_ms, config.rooms.workers), (2, 7));
    assert_eq!(config.socket.message_bytes_max, 4_096);

    let shown = show(&loaded);
    let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("listen").ends_with("# the flag --set"), "{}", line("listen"));
    assert!(line("grace_ms").ends_with("# the variable LONGHOUSE_ROOMS_GRACE_MS"), "{}", line("grace_ms"));
    assert!(line("workers =").contains("longhouse.toml"), "{}", line("workers ="));
    assert!(line("message_bytes_max").ends_with("# default"));
    let parsed = shown.parse::<toml::Table>().unwrap();
    assert_eq!(parsed["rooms"]["grace_ms"].as_integer(), Some(2), "what is shown is TOML again");
}

#[test]
fn the_variable_longhouse_config_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("named.toml");
    std::fs::write(&path, "cluster = \"named\"").unwrap();
    let variables = vec![("LONGHOUSE_CONFIG".into(), path.clone().into())];
    let loaded = load(&Sources { variables, ..Sources::default() }).unwrap();
    assert_eq!(loaded.config.cluster, "named");
    std::fs::remove_file(&path).unwrap();
    let variables = vec![("LONGHOUSE_CONFIG".into(), path.into())];
    let error = load(&Sources { variables, ..Sources::default() }).unwrap_err().to_string();
    assert!(error.contains("named.toml cannot be read"), "{error}");
}

#[test]
fn secrets_are_not_shown() {
    let loaded = with("[keys]\nserver_key = \"a-secret-of-ours\"", &[], &[]).unwrap();
    let everything = format!("{}{:?}", show(&loaded), loaded);
    assert!(!everything.contains("a-secret-of-ours"));
    assert!(!everything.contains("defaultsessionkey"));
}

#[test]
fn faults_name_the_key_the_place_and_what_is_allowed() {
    let check = |file: &str, variables: &[(&str, &str)], flags: &[(&str, &str)], words: &[&str]| {
        let error = with(file, variables, flags).unwrap_err();
        for word in words {
            assert!(error.contains(word), "{word:?} is not in: {error}");
        }
    };
    check("colour = 1", &[], &[], &["colour is not a known key", "longhouse.toml"]);
    check("[rooms]\ngrace = 1", &[], &[], &["rooms.grace is not a known key", "longhouse.toml", "grace_ms"]);
    check("[key]\nserver_key = \"x\"", &[], &[], &["key is not a known key"]);
    check("[games.farm]\ncontents = \"x\"", &[], &[], &["games.farm.contents is not a known key"]);
    check(
        "",
        &[("LONGHOUSE_LISTN", "x")],
        &[],
        &["the variable LONGHOUSE_LISTN is not a known key", "listen"],
    );
    check("", &[], &[("socket.ping_second", "5")], &["socket.ping_second", "--set", "ping_seconds"]);
    check("listen = 5", &[], &[], &["listen", "longhouse.toml", "string"]);
    check("[rooms]\ngrace_ms = \"long\"", &[], &[], &["rooms.grace_ms", "longhouse.toml"]);
    check("[rooms]\ngrace_ms = -1", &[], &[], &["rooms.grace_ms"]);
    check(
        "",
        &[("LONGHOUSE_ROOMS_GRACE_MS", "long")],
        &[],
        &["rooms.grace_ms", "LONGHOUSE_ROOMS_GRACE_MS", "number"],
    );
    check(
        "[socket]\nmessage_bytes_max = 5",
        &[],
        &[],
        &["socket.message_bytes_max is 5", "256 to 1048576", "toml"],
    );
    check("[log]\nformat = \"xml\"", &[], &[], &["log.format", "pretty, json"]);
    check("cluster = \"a.b\"", &[], &[], &["cluster", "without a dot"]);
    check("listen = \"nonsense\"", &[], &[], &["listen is \"nonsense\"", "HOST:PORT"]);
    check("[keys]\nserver_key = \"a:b:c:d:e\"", &[], &[], &["keys.server_key", "without a colon"]);
    check("[keys]\nsession_key = \"short\"", &[], &[], &["keys.session_key", "8 to 256"]);
    check("[keys]\nsession_key = \"defaultrefreshkey\"", &[], &[], &["keys.refresh_key must differ"]);
    check(
        "[limits]\nfailed_logins_account_max = 20",
        &[],
        &[],
        &["must be more than limits.failed_logins_max, 20"],
    );
    check("listen = ", &[], &[], &["longhouse.toml"]);
    // Every fault is said, not only the first.
    check("[http]\nhead_ms_max = 1\nbody_ms_max = 1", &[], &[], &["http.head_ms_max", "http.body_ms_max"]);
}

#[test]
fn default_keys_stay_on_loopback() {
    let ours = "[keys]\nserver_key = \"own-server\"\nhttp_key = \"own-http-key\"\nsession_key = \"own-session\"\n\
                refresh_key = \"own-refresh\"\npersonal_key = \"own-personal\"\nlookup_key = \"own-lookup\"\n";
    for listen in ["0.0.0.0:7350", "[::]:7350", "192.0.2.1:7350"] {
        let error = with("", &[], &[("listen", listen)]).unwrap_err();
        for word in
            ["keys.server_key", "LONGHOUSE_KEYS_SERVER_KEY", "LONGHOUSE_KEYS_REFRESH_KEY", "127.0.0.1"]
        {
            assert!(error.contains(word), "{listen}: {word} is not in: {error}");
        }
        assert!(with(ours, &[], &[("listen", listen)]).is_ok(), "{listen} with keys of one's own");
    }
    let three = ours.replace("refresh_key = \"own-refresh\"\n", "");
    let error = with(&three, &[], &[("listen", "0.0.0.0:1")]).unwrap_err();
    assert!(error.contains("keys.refresh_key") && !error.contains("keys.server_key"), "{error}");
    for listen in ["127.0.0.1:0", "[::1]:7350", "127.8.8.8:1", "localhost:7350"] {
        assert!(with("", &[], &[("listen", listen)]).is_ok(), "{listen}");
    }
}

#[test]
fn issuers_come_from_every_layer_and_their_secrets_are_not_shown() {
    let file = "[identity.house]\nissuer = \"https://login.example/players\"\nclient_id = \"longhouse\"\n";
    let variables = [
        ("LONGHOUSE_IDENTITY_HOUSE_CLIENT_SECRET", "a-secret-of-theirs"),
        ("LONGHOUSE_LOGIN_STEAM_KEY", "another-secret"),
        ("LONGHOUSE_LOGIN_STEAM_APP_ID", "480"),
    ];
    let loaded = with(file, &variables, &[("identity.house.recheck_seconds", "60")]).unwrap();
    let issuer = &loaded.config.identity["house"];
    assert_eq!((issuer.client_secret.reveal(), issuer.recheck_seconds), ("a-secret-of-theirs", 60));
    let everything = format!("{}{:?}", show(&loaded), loaded);
    assert!(!everything.contains("a-secret-of-theirs") && !everything.contains("another-secret"));
    assert!(everything.contains("client_secret = \"****\""), "{everything}");
    assert!(everything.contains("the variable LONGHOUSE_IDENTITY_HOUSE_CLIENT_SECRET"));
}

#[test]
fn what_others_vouch_for_is_set_up_soundly_or_not_at_all() {
    let refused = |lines: &str, says: &str| {
        let good = "issuer = \"https://login.example\"\nclient_id = \"longhouse\"\n";
        let file = lines.replace("GOOD", good);
        let error = with(&file, &[], &[]).unwrap_err();
        assert!(error.contains(says), "{error}");
    };
    refused(
        "[identity.house]\nissuer = \"http://login.example\"\nclient_id = \"a\"",
        "identity.house.issuer must be an https",
    );
    refused("[identity.house]\nissuer = \"https://login.example\"", "identity.house.client_id must be set");
    refused("[identity.house]\nGOODserves = \"steam\"", "identity.house.serves must be");
    refused("[identity.house]\nGOODserves = \"custom:google\"", "identity.house.serves must be");
    refused("[identity.house]\nGOODscopes = \"email\"", "identity.house.scopes must contain openid");
    refused(
        "[identity.house]\nGOODreturn_origins = \"https://a.example/path\"",
        "identity.house.return_origins",
    );
    refused("[identity.house]\nGOODreturn_origins = \"http://a.example\"", "identity.house.return_origins");
    refused("[identity.House]\nGOOD", "identity.House must be named");
    refused("[identity.google]\nGOOD", "identity.google must be named");
    refused("[identity.device]\nGOOD", "identity.device must be named");
    refused(
        "[identity.a]\nGOODserves = \"google\"\n[identity.b]\nGOODserves = \"google\"",
        "identity.b must not vouch for the same people (google) as identity.a",
    );
    refused("[identity.house]\nGOODcolour = \"red\"", "colour");
    refused("[login]\nsteam_key = \"a\"", "login.steam_app_id must be set as well");
    refused("[login]\nsteam_url = \"http://steam.example\"", "login.steam_url must be an https URL");
    refused("[receipts]\ngoogle_account_file = \"a\"", "receipts.google_packages must be set as well");
    with(
        "[identity.google]\nissuer = \"http://127.0.0.1:1\"\nclient_id = \"a\"\nserves = \"google\"",
        &[],
        &[],
    )
    .unwrap();
}
