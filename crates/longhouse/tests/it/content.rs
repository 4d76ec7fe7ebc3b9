//! Contents by the command line: what is wrong in a file, what players would lose, publishing, looking.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::process::{Serving, longhouse, said};

/// A folder for a server's data, and for content files beside it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The game's own content with one line changed.
    fn file(&self, name: &str, line: &str, changed: &str) -> String {
        let own = std::str::from_utf8(farm::DEFAULT_CONTENT).unwrap();
        assert!(own.contains(line), "the content has no {line:?}");
        let path = self.folder.path().join(name);
        std::fs::write(&path, own.replacen(line, changed, 1)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> (bool, String, String) {
        let data = self.data();
        let arguments = [&["content"], arguments, &["--data", data.to_str().unwrap()]].concat();
        let output = longhouse(&arguments, &[]);
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned(), said(&output))
    }
}

/// A farm with a llama, which nobody has joined: it is asleep for the command line.
fn farm_with_a_llama(serving: &Serving) {
    let (token, _) = serving.log_in("ada");
    let actions = json!([
        { "n": 1, "at_ms": 0, "do": "shear", "count": 12 },
        { "n": 2, "at_ms": 0, "do": "buy", "building": "meadow_llama", "count": 1 },
    ]);
    let chunk = json!({ "device": "0".repeat(32), "after": 0, "clock_ms": 0, "actions": actions });
    let bearer = format!("Bearer {token}");
    let answer = serving.ask("POST", "/v2/rpc/farm_sync?unwrap", &bearer, &chunk.to_string());
    assert_eq!(answer.1["farm"]["buildings"]["meadow_llama"]["count"], 1, "{}", answer.1);
}

const RATE: &str = "rate = 500\n";

#[test]
fn a_content_goes_from_check_to_publish_to_list_and_back() {
    let place = Place::new();
    std::fs::create_dir(place.data()).unwrap();
    let serving = Serving::start(&place.data());
    let url = serving.url();
    farm_with_a_llama(&serving);
    let own = std::str::from_utf8(farm::DEFAULT_CONTENT).unwrap();
    let same = place.file("same.toml", RATE, RATE);
    let richer = place.file("richer.toml", RATE, "rate = 800\n");
    let poorer = place.file("poorer.toml", RATE, "rate = 250\n");

    // Beside the running server, from its folder.
    assert_eq!(place.run(&["show", "farm"]), (true, own.to_owned(), own.to_owned()));
    let (good, _, told) = place.run(&["check", "farm", &same]);
    assert!(good && told.contains("1 room was looked at\nnobody loses anything"), "{told}");
    assert!(place.run(&["check", "farm", &richer]).0);
    let (good, table, told) = place.run(&["check", "farm", &poorer]);
    assert!(!good, "{told}");
    let row =
        table.lines().find(|line| line.starts_with("wool.plain.rate")).unwrap_or_else(|| panic!("{told}"));
    assert!(row.contains("50.0 %") && row.contains("500 -> 250"), "{row}");

    // Through the server.
    let (good, table, told) = place.run(&["check", "farm", &poorer, "--url", &url, "--json"]);
    let found: Value = serde_json::from_str(&table).unwrap_or_else(|_| panic!("{told}"));
    let is_rate = |row: &Value| row["measure"] == "wool.plain.rate" && row["before"] == "500";
    assert!(!good && found["worse"].as_array().unwrap().iter().any(is_rate), "{told}");
    let (good, table, told) = place.run(&["publish", "farm", &poorer, "--url", &url]);
    assert!(!good && table.contains("wool.plain.rate") && told.contains("--accept-losses"), "{told}");
    assert_eq!(place.run(&["show", "farm"]).1, own, "nothing was published");
    for (file, flags) in [(&richer, &[][..]), (&poorer, &["--accept-losses"])] {
        let (good, _, told) = place.run(&[&["publish", "farm", file, "--url", &url], flags].concat());
        assert!(good && told.contains("published: farm"), "{told}");
        assert_eq!(place.run(&["show", "farm"]).1, std::fs::read_to_string(file).unwrap());
    }
    let (_, listed, told) = place.run(&["list", "farm"]);
    let in_force: Vec<_> = listed.lines().filter(|line| line.ends_with("in force")).collect();
    assert_eq!((listed.lines().count(), in_force.len()), (3, 1), "{told}");
    let (_, listed, _) = place.run(&["list", "farm", "--json"]);
    let rows: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let current = rows.iter().find(|row| row["current"] == true).unwrap()["hash"].as_str().unwrap();
    assert!(in_force[0].starts_with(current), "{listed}");

    // An earlier one by its hash, also with the server down; and back to it.
    assert_eq!(serving.terminate(), Some(0));
    let earlier = rows.iter().filter(|row| row["current"] == false).map(|row| row["hash"].as_str().unwrap());
    let shown: Vec<_> = earlier.map(|hash| place.run(&["show", "farm", "--hash", &hash[..12]]).1).collect();
    assert!(shown.contains(&own.to_owned()) && shown.contains(&std::fs::read_to_string(&richer).unwrap()));
    let serving = Serving::start(&place.data());
    let (good, _, told) = place.run(&["publish", "farm", &same, "--url", &serving.url()]);
    assert!(good, "from poorer to the first nobody loses: {told}");
}

#[test]
fn what_is_wrong_is_said_with_the_files_own_lines() {
    let place = Place::new();
    std::fs::create_dir(place.data()).unwrap();
    let serving = Serving::start(&place.data());
    let url = serving.url();
    let wrong = place.file("wrong.toml", RATE, "rate = \"fast\"\n");
    let line = 1 + std::str::from_utf8(farm::DEFAULT_CONTENT)
        .unwrap()
        .find(RATE)
        .map_or(0, |at| farm::DEFAULT_CONTENT[..at].iter().filter(|byte| **byte == b'\n').count());
    for arguments in [
        &["check", "farm", &wrong][..],
        &["check", "farm", &wrong, "--url", &url],
        &["publish", "farm", &wrong, "--url", &url],
    ] {
        let (good, out, told) = place.run(arguments);
        assert!(!good && out.is_empty(), "{arguments:?}: {told}");
        assert!(told.contains(&format!("{wrong}:{line}: ")), "{arguments:?}: {told}");
    }
    let good = place.file("good.toml", RATE, RATE);
    let check = |arguments: &[&str], words: &str| {
        let (good, _, told) = place.run(arguments);
        assert!(!good && told.contains(words), "{arguments:?}: {words:?} is not in:\n{told}");
    };
    check(&["check", "chess", &good], "chess");
    check(&["show", "chess"], "chess");
    check(&["check", "farm", "/no/such/file.toml"], "/no/such/file.toml");
    check(&["show", "farm", "--hash", "zz"], "begins with");
    check(&["publish", "farm", &good, "--url", "http://127.0.0.1:1"], "127.0.0.1:1");
    check(&["publish", "farm", &good, "--url", "not an address"], "not an address");
    check(&["publish", "farm", &good, "--url", &url, "--set", "keys.http_key=another-key"], "HTTP key");
}
