//! A query as a text that reads back as the same query.

use std::fmt::{self, Display, Formatter, Write};

use super::parse::SPECIAL;
use super::{Clause, Comparison, Occur, Piece, Query, Test};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, clause) in self.clauses.iter().enumerate() {
            if index > 0 {
                f.write_char(' ')?;
            }
            clause.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.occur {
            Occur::Must => f.write_char('+')?,
            Occur::MustNot => f.write_char('-')?,
            Occur::Should => {}
        }
        if let Some(field) = &self.field {
            word(f, field)?;
            f.write_char(':')?;
        }
        self.test.fmt(f)?;
        if self.boost != 1.0 {
            write!(f, "^{:?}", self.boost)?;
        }
        Ok(())
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Test::Any => f.write_char('*'),
            Test::Term(term) => word(f, term),
            Test::Phrase(text) => quoted(f, text),
            Test::Near(term, edits) => {
                word(f, term)?;
                write!(f, "~{edits}")
            }
            Test::Like(pieces) => pieces.iter().try_for_each(|piece| match piece {
                Piece::Char(letter) => word(f, letter.encode_utf8(&mut [0; 4])),
                Piece::One => f.write_char('?'),
                Piece::Many => f.write_char('*'),
            }),
            Test::Expression(expression) => expression_between_slashes(f, expression.source()),
            Test::Number(comparison, bound) => write!(f, "{comparison}{bound:?}"),
            Test::Text(comparison, bound) => {
                comparison.fmt(f)?;
                quoted(f, bound)
            }
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
        })
    }
}

fn word(f: &mut Formatter<'_>, word: &str) -> fmt::Result {
    word.chars().try_for_each(|letter| {
        if SPECIAL.contains(letter) {
            f.write_char('\\')?;
        }
        f.write_char(letter)
    })
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(letter)?;
    }
    f.write_char('"')
}

fn expression_between_slashes(f: &mut Formatter<'_>, source: &str) -> fmt::Result {
    f.write_char('/')?;
    let mut escaped = false;
    for letter in source.chars() {
        if letter == '/' && !escaped {
            f.write_char('\\')?;
        }
        escaped = letter == '\\' && !escaped;
        f.write_char(letter)?;
    }
    f.write_char('/')
}
