//! Rust source as the checks see it: code without comments and without the insides of literals, each line known to be
//! test code or not. A small scanner, not a parser: it need only never take a comment or a string for code.

/// One line of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Number in the file, from 1.
    pub number: usize,
    /// The code; comments are gone and literals are empty.
    pub code: String,
    /// Whether it belongs to an item under `#[cfg(test)]`, or the file is one of tests.
    pub test: bool,
}

/// Splits a file into lines of code. Lines that `tidy-allow <check>:` excuses are left out.
pub fn lines(path: &str, text: &str, check: &str) -> Vec<Line> {
    let whole_file_is_test = is_test_path(path);
    let code = blank(text);
    let mut lines: Vec<Line> = code
        .lines()
        .enumerate()
        .map(|(index, code)| Line { number: index + 1, code: code.to_owned(), test: whole_file_is_test })
        .collect();
    mark_tests(&mut lines);
    let original: Vec<&str> = text.lines().collect();
    lines.retain(|line| !is_allowed(&original, line.number - 1, check));
    lines
}

/// Files that hold only tests: an integration test, or a module of tests beside its code.
pub fn is_test_path(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs"))
}

/// Whether this line, or a comment line just above it, carries an excuse with a reason.
pub fn is_allowed(lines: &[&str], index: usize, check: &str) -> bool {
    let mark = format!("tidy-allow {check}:");
    let excused = |line: &str| line.split_once(&mark).is_some_and(|(_, why)| why.trim().len() >= 10);
    if lines.get(index).is_some_and(|line| excused(line)) {
        return true;
    }
    lines[..index.min(lines.len())]
        .iter()
        .rev()
        .take_while(|line| line.trim_start().starts_with("//") || line.trim_start().starts_with('#'))
        .any(|line| excused(line))
}

/// Whether `word` stands in `code` on its own: no letter, digit or underscore at either side.
pub fn has_word(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].chars().next_back().is_some_and(part)
            && !code[at + word.len()..].chars().next().is_some_and(part)
    })
}

/// The text with comments and the insides of literals turned into spaces; line breaks stay.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let rest = &chars[i..];
        let end = if rest.starts_with(&['/', '/']) {
            i + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
        } else if rest.starts_with(&['/', '*']) {
            i + comment_length(rest)
        } else if let Some(length) = literal_length(rest, i.checked_sub(1).map(|before| chars[before])) {
            i + length
        } else {
            out.push(chars[i]);
            i += 1;
            continue;
        };
        out.extend(chars[i..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        i = end;
    }
    out
}

/// Length of a block comment; they nest.
fn comment_length(rest: &[char]) -> usize {
    let mut depth = 0_usize;
    let mut i = 0;
    while i < rest.len() {
        if rest[i..].starts_with(&['/', '*']) {
            depth += 1;
            i += 2;
        } else if rest[i..].starts_with(&['*', '/']) {
            depth -= 1;
            i += 2;
            if depth == 0 {
                return i;
            }
        } else {
            i += 1;
        }
    }
    rest.len()
}

/// Length of a string or character literal that begins here, if one does.
fn literal_length(rest: &[char], before: Option<char>) -> Option<usize> {
    let inside_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    match rest[0] {
        '"' => Some(quoted_length(rest, '"')),
        'r' if !inside_word || before == Some('b') => {
            let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
            if rest.get(1 + hashes) != Some(&'"') {
                return None;
            }
            let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            let body = 2 + hashes;
            let length =
                (body..rest.len()).find(|at| rest[*at..].starts_with(&close)).map(|at| at + close.len());
            Some(length.unwrap_or(rest.len()))
        }
        // A lifetime has no closing quote after one character.
        '\'' if rest.get(1) == Some(&'\\') => Some(quoted_length(rest, '\'')),
        '\'' if rest.get(2) == Some(&'\'') => Some(3),
        _ => None,
    }
}

fn quoted_length(rest: &[char], quote: char) -> usize {
    let mut i = 1;
    while i < rest.len() {
        match rest[i] {
            '\\' => i += 2,
            c if c == quote => return i + 1,
            _ => i += 1,
        }
    }
    rest.len()
}

/// Marks the lines of every item that follows `#[cfg(test)]`, up to its closing brace or semicolon.
fn mark_tests(lines: &mut [Line]) {
    let mut i = 0;
    while i < lines.len() {
        if !lines[i].code.contains("cfg(test)") {
            i += 1;
            continue;
        }
        let mut depth = 0_i64;
        let mut opened = false;
        while i < lines.len() {
            lines[i].test = true;
            for c in lines[i].code.chars() {
                match c {
                    '{' => {
                        depth += 1;
                        opened = true;
                    }
                    '}' => depth -= 1,
                    _ => {}
                }
            }
            let ended = if opened { depth <= 0 } else { lines[i].code.trim_end().ends_with(';') };
            i += 1;
            if ended {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        blank(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        for (text, expected) in [
            ("a(); // HashMap", "a();"),
            ("a(); /* one /* two */ HashMap */ b();", "a(); b();"),
            (r#"a("HashMap // \" no"); b();"#, "a( ); b();"),
            ("a(r#\"Hash\"Map\"#); b();", "a( ); b();"),
            ("a(br\"Hash\"); b();", "a(b ); b();"),
            ("fn f<'a>(x: &'a str) -> char { '\"' }", "fn f<'a>(x: &'a str) -> char { }"),
            (r"let q = '\''; HashMap", "let q = ; HashMap"),
            ("for_r\"x\"", "for_r"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn test_items_are_marked_to_their_end() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { if x {} }\n}\nfn c() {}\n#[cfg(test)]\nuse x;\nfn d() {}";
        let marked: Vec<usize> = lines("src/a.rs", text, "none")
            .into_iter()
            .filter(|line| line.test)
            .map(|line| line.number)
            .collect();
        assert_eq!(marked, [2, 3, 4, 5, 7, 8]);
        assert!(lines("crates/x/tests/a.rs", "fn a() {}", "none")[0].test);
    }

    #[test]
    fn an_excuse_needs_the_checks_name_and_a_reason() {
        let kept = |text: &str| lines("src/a.rs", text, "waits").len();
        assert_eq!(kept("sleep(); // tidy-allow waits: the kernel has no event for it"), 0);
        assert_eq!(kept("// tidy-allow waits: the kernel has no event for it\nsleep();"), 0);
        assert_eq!(kept("sleep(); // tidy-allow waits:"), 1);
        assert_eq!(kept("sleep(); // tidy-allow queues: the kernel has no event for it"), 1);
    }

    #[test]
    fn words_stand_alone() {
        assert!(has_word("x: HashMap<u8>", "HashMap"));
        assert!(!has_word("x: IndexHashMap<u8>", "HashMap"));
        assert!(!has_word("x: HashMapLike", "HashMap"));
    }
}
