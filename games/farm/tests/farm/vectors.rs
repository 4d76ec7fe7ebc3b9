//! Golden vectors: what any other implementation of the rules must do as well. The README tells their shape. They are
//! written by the rules themselves (`FARM_VECTORS=write`), and this test fails when the rules say something else.

mod cases;
mod exact;
mod saves;
mod seeded;
mod tape;

use std::path::Path;

use farm::DEFAULT_CONTENT;
use serde_json::{Value, json};

use crate::yard::full;
pub use exact::exact;
pub use saves::honest;
use tape::{Tape, catalogue};

#[test]
fn the_vectors_are_what_the_rules_say() {
    let cases: Vec<Value> = cases::all().into_iter().map(Tape::into_case).collect();
    let contents = json!({"quick": catalogue(&full()), "standard": catalogue(DEFAULT_CONTENT)});
    let found = json!({"contents": contents, "cases": cases});
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors.json");
    if std::env::var_os("FARM_VECTORS").is_some_and(|value| value == "write") {
        std::fs::write(&path, text(&found)).expect("the folder can be written");
    }
    let kept = std::fs::read(&path).expect("the vectors are in the tree");
    let kept: Value = serde_json::from_slice(&kept).expect("the vectors are JSON");
    for (index, case) in cases.iter().enumerate() {
        assert_eq!(
            kept["cases"][index], *case,
            "case {} is another now; is it a new version of the rules?",
            case["name"]
        );
    }
    assert!(kept == found, "the vectors are of other contents or have more cases");
}

/// Every code that a page can meet stands in some case, and so does every kind of input.
#[test]
fn the_vectors_leave_nothing_out() {
    let all: Vec<Value> = cases::all().into_iter().map(Tape::into_case).collect();
    let steps = || all.iter().flat_map(|case| case["steps"].as_array().expect("a list"));
    let refused = |code: u64| {
        steps().any(|step| {
            let late = step["answer"]["results"].as_array();
            step["outcome"]["code"] == code || late.is_some_and(|l| l.iter().any(|r| r["code"] == code))
        })
    };
    for code in 101..=115 {
        assert!(refused(code), "no case is refused with {code}");
    }
    for act in
        ["shear", "buy", "upgrade", "craft", "prestige", "wish", "keepsake", "sync", "import", "report"]
    {
        let done = steps().any(|step| step["input"]["command"]["do"] == act && step["outcome"] == "ok");
        assert!(done, "no case does {act}");
    }
    assert!(all.len() >= 60, "{} cases", all.len());
}

/// One line for each step, so that a change can be read.
fn text(vectors: &Value) -> String {
    let line = |value: &Value| serde_json::to_string(value).expect("a value is JSON");
    let contents = vectors["contents"].as_object().expect("an object");
    let contents: Vec<String> =
        contents.iter().map(|(name, content)| format!("  {name:?}: {}", line(content))).collect();
    let cases = vectors["cases"].as_array().expect("a list").iter().map(|case| {
        let steps = case["steps"].as_array().expect("a list");
        let steps: Vec<String> = steps.iter().map(|step| format!("    {}", line(step))).collect();
        let (name, content, start) = (line(&case["name"]), line(&case["content"]), line(&case["start"]));
        format!(
            "  {{\"name\": {name}, \"content\": {content},\n   \"start\": {start},\n   \"steps\": [\n{}\n  ]}}",
            steps.join(",\n")
        )
    });
    let cases: Vec<String> = cases.collect();
    format!("{{\"contents\": {{\n{}\n}},\n\"cases\": [\n{}\n]}}\n", contents.join(",\n"), cases.join(",\n"))
}
