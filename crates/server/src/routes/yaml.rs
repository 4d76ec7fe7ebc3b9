//! Writes a JSON value as YAML that people like to read: blocks instead of brackets, texts quoted only where they must
//! be. It reads nothing.

use serde_json::Value;
use std::fmt::Write;

/// The value as a YAML document.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(fields) if !fields.is_empty() => block(value, 0, &mut out),
        Value::Array(items) if !items.is_empty() => block(value, 0, &mut out),
        _ => {
            scalar(value, &mut out);
            out.push('\n');
        }
    }
    out
}

/// A map or a list that is not empty, one line for each entry or more.
fn block(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                indent(depth, out);
                text(name, out);
                out.push(':');
                entry(inner, depth + 1, out);
            }
        }
        Value::Array(items) => {
            for inner in items {
                indent(depth, out);
                out.push('-');
                entry(inner, depth + 1, out);
            }
        }
        _ => {}
    }
}

fn entry(value: &Value, depth: usize, out: &mut String) {
    let is_block = value.as_object().is_some_and(|fields| !fields.is_empty())
        || value.as_array().is_some_and(|items| !items.is_empty());
    if is_block {
        out.push('\n');
        block(value, depth, out);
    } else {
        out.push(' ');
        scalar(value, out);
        out.push('\n');
    }
}

fn scalar(value: &Value, out: &mut String) {
    match value {
        Value::String(string) => text(string, out),
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => out.push_str("[]"),
        other => write!(out, "{other}").expect("a String takes every text"),
    }
}

/// A text: plain if nobody could take it for something else, else in JSON's quotes, which YAML shares.
fn text(string: &str, out: &mut String) {
    let word =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.' | b'$' | b'{' | b'}');
    let starts_well = string.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'/');
    let means_more = matches!(
        string.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    if starts_well && string.bytes().all(word) && !means_more {
        out.push_str(string);
    } else {
        write!(out, "{}", Value::from(string)).expect("a String takes every text");
    }
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use serde_json::json;

    #[test]
    fn rows() {
        let check = |value: serde_json::Value, expected: &str| assert_eq!(write(&value), expected);
        check(json!({}), "{}\n");
        check(json!("a b"), "\"a b\"\n");
        check(
            json!({"a": 1, "/v2/{id}": {"w": [], "x": {}, "z": null}}),
            "/v2/{id}:\n  w: []\n  x: {}\n  z: null\na: 1\n",
        );
        check(
            json!({"list": ["plain", "200", "no", "a: b", "tab\t", -1.5, true]}),
            "list:\n  - plain\n  - \"200\"\n  - \"no\"\n  - \"a: b\"\n  - \"tab\\t\"\n  - -1.5\n  - true\n",
        );
        check(json!([[1, [2]], {"k": {"l": "m"}}]), "-\n  - 1\n  -\n    - 2\n-\n  k:\n    l: m\n");
        check(
            json!({"200": "é", "~": "#", "ref": "#/components/a"}),
            "\"200\": \"é\"\nref: \"#/components/a\"\n\"~\": \"#\"\n",
        );
    }
}
