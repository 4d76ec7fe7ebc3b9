//! From text to a query, in one pass. Every text is either read or refused with a reason.

use super::{
    CLAUSES_MAX, Clause, Comparison, EDITS_MAX, EXPRESSIONS_MAX, Expression, Occur, Piece, QUERY_BYTES_MAX,
    Query, Test,
};

/// Characters that a backslash takes the meaning from; before any other it is a letter itself.
pub(super) const SPECIAL: &str = "\\+-=&|><!(){}[]^\"~*?:/ \t\n\r";

/// Why a text is not a query.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum QueryError {
    /// Too long.
    #[error("a query has at most {QUERY_BYTES_MAX} bytes")]
    TooLong,
    /// Too many parts.
    #[error("a query has at most {CLAUSES_MAX} clauses")]
    TooManyClauses,
    /// Too many regular expressions.
    #[error("a query has at most {EXPRESSIONS_MAX} regular expressions")]
    TooManyExpressions,
    /// A regular expression is refused.
    #[error("the query's regular expression at byte {at} is refused: {why}")]
    Expression {
        /// Where it begins.
        at: usize,
        /// What is wrong.
        why: String,
    },
    /// Not a query.
    #[error("the query is malformed at byte {at}: {why}")]
    Malformed {
        /// Where.
        at: usize,
        /// What is wrong.
        why: &'static str,
    },
}

/// A plain decimal number.
pub(crate) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    if text.len() > QUERY_BYTES_MAX {
        return Err(QueryError::TooLong);
    }
    let mut scan = Scan { text, at: 0, expressions: 0 };
    let mut clauses = Vec::new();
    scan.skip_space();
    while scan.peek().is_some() {
        if clauses.len() >= CLAUSES_MAX {
            return Err(QueryError::TooManyClauses);
        }
        clauses.push(scan.clause()?);
        scan.skip_space();
    }
    Ok(Query { clauses })
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    expressions: usize,
}

/// A word's character, and whether a backslash stood before it.
type Letter = (char, bool);

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.next();
        }
    }

    fn malformed<T>(&self, why: &'static str) -> Result<T, QueryError> {
        Err(QueryError::Malformed { at: self.at, why })
    }

    fn clause(&mut self) -> Result<Clause, QueryError> {
        let occur = match self.peek() {
            Some('+') => Occur::Must,
            Some('-') => Occur::MustNot,
            _ => Occur::Should,
        };
        if occur != Occur::Should {
            self.next();
        }
        let mut field = None;
        let test = match self.peek() {
            None => return self.malformed("a sign without a clause"),
            Some(c) if is_space(c) => return self.malformed("a sign without a clause"),
            Some('"' | '/') => self.value()?,
            _ => {
                let word = self.word(true);
                if self.take(':') {
                    if word.is_empty() {
                        return self.malformed("a colon without a field before it");
                    }
                    field = Some(word.into_iter().map(|(letter, _)| letter).collect());
                    self.value()?
                } else {
                    self.of_word(word)?
                }
            }
        };
        let boost = self.boost()?;
        if !self.peek().is_none_or(is_space) {
            return self.malformed("a clause must end here");
        }
        Ok(Clause { occur, field, test, boost })
    }

    fn value(&mut self) -> Result<Test, QueryError> {
        match self.peek() {
            Some('"') => self.quoted().map(Test::Phrase),
            Some('/') => self.expression(),
            Some('>' | '<') => self.comparison(),
            _ => {
                let word = self.word(false);
                self.of_word(word)
            }
        }
    }

    /// Letters up to a space, a boost, a number of edits, or (where a field may end) a colon.
    fn word(&mut self, field: bool) -> Vec<Letter> {
        let mut word = Vec::new();
        while let Some(letter) = self.peek() {
            match letter {
                '\\' => {
                    self.next();
                    match self.peek().filter(|next| SPECIAL.contains(*next)) {
                        Some(escaped) => {
                            self.next();
                            word.push((escaped, true));
                        }
                        None => word.push(('\\', true)),
                    }
                    continue;
                }
                ':' if field => break,
                '^' | '~' => break,
                letter if is_space(letter) => break,
                letter => word.push((letter, false)),
            }
            self.next();
        }
        word
    }

    fn of_word(&mut self, word: Vec<Letter>) -> Result<Test, QueryError> {
        if word.is_empty() {
            return self.malformed("a term is missing");
        }
        let wild = |letter: &Letter| matches!(letter, ('*' | '?', false));
        if self.take('~') {
            let edits = match self.peek() {
                Some(digit) if digit.is_ascii_digit() => {
                    self.next();
                    u8::try_from(digit as u32 - '0' as u32).unwrap_or(u8::MAX)
                }
                _ => 1,
            };
            if edits > EDITS_MAX {
                return self.malformed("a term may differ by two edits at most");
            }
            if word.iter().any(wild) {
                return self.malformed("wildcards and edits do not go together");
            }
            return Ok(Test::Near(word.into_iter().map(|(letter, _)| letter).collect(), edits));
        }
        if word == [('*', false)] {
            return Ok(Test::Any);
        }
        if word.iter().any(wild) {
            let pieces = word.into_iter().map(|letter| match letter {
                ('*', false) => Piece::Many,
                ('?', false) => Piece::One,
                (letter, _) => Piece::Char(letter),
            });
            return Ok(Test::Like(pieces.collect()));
        }
        Ok(Test::Term(word.into_iter().map(|(letter, _)| letter).collect()))
    }

    fn comparison(&mut self) -> Result<Test, QueryError> {
        let greater = self.take('>') || !self.take('<');
        let comparison = match (greater, self.take('=')) {
            (true, false) => Comparison::Greater,
            (true, true) => Comparison::GreaterOrEqual,
            (false, false) => Comparison::Less,
            (false, true) => Comparison::LessOrEqual,
        };
        if self.peek() == Some('"') {
            return Ok(Test::Text(comparison, self.quoted()?));
        }
        let start = self.at;
        let word: String = self.word(false).into_iter().map(|(letter, _)| letter).collect();
        match number(&word) {
            Some(bound) => Ok(Test::Number(comparison, bound)),
            None => {
                let why = "a number or a quoted text must follow the comparison";
                Err(QueryError::Malformed { at: start, why })
            }
        }
    }

    fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(QueryError::Malformed { at: start, why: "the quote is not closed" }),
                Some('"') => return Ok(text),
                Some('\\') => match self.peek().filter(|next| matches!(next, '"' | '\\')) {
                    Some(escaped) => {
                        self.next();
                        text.push(escaped);
                    }
                    None => text.push('\\'),
                },
                Some(letter) => text.push(letter),
            }
        }
    }

    /// Between slashes; `\/` is a slash, every other backslash belongs to the expression.
    fn expression(&mut self) -> Result<Test, QueryError> {
        let at = self.at;
        self.next();
        let mut source = String::new();
        loop {
            match self.next() {
                None => {
                    return Err(QueryError::Malformed { at, why: "the regular expression is not closed" });
                }
                Some('/') => break,
                Some('\\') => {
                    match self.next() {
                        Some('/') => source.push('/'),
                        Some(letter) => source.extend(['\\', letter]),
                        None => source.push('\\'),
                    };
                }
                Some(letter) => source.push(letter),
            }
        }
        self.expressions += 1;
        if self.expressions > EXPRESSIONS_MAX {
            return Err(QueryError::TooManyExpressions);
        }
        Expression::new(&source).map(Test::Expression).map_err(|why| QueryError::Expression { at, why })
    }

    fn boost(&mut self) -> Result<f32, QueryError> {
        if !self.take('^') {
            return Ok(1.0);
        }
        let start = self.at;
        while self.peek().is_some_and(|c| !is_space(c)) {
            self.next();
        }
        let boost = number(&self.text[start..self.at]).map(|boost| boost as f32);
        boost
            .filter(|boost| boost.is_finite() && *boost >= 0.0)
            .ok_or(QueryError::Malformed { at: start, why: "a boost is a number that is not negative" })
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}
