//! Texts that are not taken letter by letter: wildcards, small mistakes, regular expressions. Each takes time in
//! proportion to the text times the pattern at most.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::{EXPRESSION_BYTES_MAX, EXPRESSION_MEMORY_BYTES_MAX};

/// A part of a text with wildcards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece {
    /// This character.
    Char(char),
    /// `?`: any one.
    One,
    /// `*`: any number of any.
    Many,
}

/// Is the text as the pieces say?
pub fn is_like(pieces: &[Piece], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut piece, mut at) = (0, 0);
    // Where to go on if what follows the last `*` does not fit: only the last one ever has to grow.
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pieces.get(piece) {
            Some(Piece::Many) => {
                retry = Some((piece, at));
                piece += 1;
                continue;
            }
            Some(Piece::One) => {}
            Some(Piece::Char(wanted)) if *wanted == text[at] => {}
            _ => {
                let Some((many, from)) = retry else { return false };
                retry = Some((many, from + 1));
                (piece, at) = (many + 1, from + 1);
                continue;
            }
        }
        piece += 1;
        at += 1;
    }
    pieces[piece..].iter().all(|piece| *piece == Piece::Many)
}

/// Does the text become the term by at most so many letters added, taken away or replaced?
pub fn is_near(term: &str, text: &str, edits: u8) -> bool {
    let edits = usize::from(edits);
    // A character has one to four bytes: a text that is far too long is not looked at.
    if text.len() > (term.len() + edits) * 4 {
        return false;
    }
    let (a, b): (Vec<char>, Vec<char>) = (term.chars().collect(), text.chars().collect());
    if a.len().abs_diff(b.len()) > edits {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()] <= edits
}

/// A regular expression that was compiled. Two are the same if their texts are.
#[derive(Clone, Debug)]
pub struct Expression {
    source: Arc<str>,
    compiled: Regex,
}

impl Expression {
    /// Compiles one; it has to match a whole text. The matching takes linear time whatever the expression.
    pub fn new(source: &str) -> Result<Self, String> {
        if source.len() > EXPRESSION_BYTES_MAX {
            return Err(format!("it is longer than {EXPRESSION_BYTES_MAX} bytes"));
        }
        // Alone first: `a)|(b` is no expression, though it would be between brackets.
        let compile = |text: &str| {
            RegexBuilder::new(text)
                .size_limit(EXPRESSION_MEMORY_BYTES_MAX)
                .dfa_size_limit(EXPRESSION_MEMORY_BYTES_MAX)
                .nest_limit(16)
                .build()
                .map_err(|error| match error {
                    regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
                    _ => "it is malformed".to_owned(),
                })
        };
        compile(source)?;
        Ok(Self { source: source.into(), compiled: compile(&format!("\\A(?:{source})\\z"))? })
    }

    /// Its text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Does it match the whole text?
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}
