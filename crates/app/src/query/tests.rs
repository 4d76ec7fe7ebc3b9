use proptest::prelude::*;
use serde_json::json;

use super::*;

fn doc() -> Doc {
    let json = json!({
        "region": "eu-west", "skill": 12.5, "open": true, "mode": "free for all", "level": -3, "nothing": null,
        "tags": ["red", "blue"], "inner": { "deep": "a:b*c", "since": "2026-01-02T00:00:00Z" }
    });
    Doc::of_json("p", &json).unwrap()
}

#[test]
fn rows() {
    let check = |query: &str, expected: bool| {
        let query = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(query.matches(&doc()), expected, "{query}");
    };
    check("", true);
    check("*", true);
    check("p.region:eu-west", true);
    check("p.region:EU-WEST", false);
    check("+p.region:eu-west +p.skill:>=10", true);
    check("+p.region:eu-west -p.skill:>=10", false);
    check("-p.skill:>20", true);
    check("-p.skill:>10", false);
    check("p.skill:12.5", true);
    check("p.skill:12.50", true);
    check("p.skill:\"12.5\"", false);
    check("p.skill:>12.5", false);
    check("p.skill:<=12.5", true);
    check("p.skill:<12.5", false);
    check("p.level:-3", true);
    check("p.level:>-4", true);
    check("p.open:true", true);
    check("p.open:T", true);
    check("p.open:false", false);
    check("p.mode:\"free for all\"", true);
    check("p.mode:\"free for\"", false);
    check("p.mode:free\\ for\\ all", true);
    check("p.region:eu*", true);
    check("p.region:*west", true);
    check("p.region:e?-w*t", true);
    check("p.region:e?w*", false);
    check("p.region:*", true);
    check("p.nothing:*", false);
    check("-p.nothing:*", true);
    check("p.tags:red", true);
    check("+p.tags:red +p.tags:blue", true);
    check("p.tags:green p.tags:blue", true);
    check("p.tags:green", false);
    check("+p.open:true p.tags:green", true);
    check("p.inner.deep:a:b\\*c", true);
    check("p.inner.deep:a:b*", true);
    check("p.region:/eu-(west|east)/", true);
    check("p.region:/eu/", false);
    check("p.region:/eu.*/", true);
    check("p.region:eu-wst~", true);
    check("p.region:eu-wt~", false);
    check("p.region:eu-wt~2", true);
    check("p.inner.since:>=\"2026-01-01T00:00:00Z\"", true);
    check("p.inner.since:<\"2026-01-01T00:00:00Z\"", false);
    check("eu-west", true);
    check("-eu-west", false);
    check("+12.5 +red", true);
    check("p.region:eu-west^2.5", true);
    check("  +p.open:T\t\n ", true);
}

#[test]
fn what_is_refused() {
    let check = |query: &str, expected: &str| {
        assert_eq!(Query::parse(query).unwrap_err().to_string(), expected, "{query}");
    };
    check("+", "the query is malformed at byte 1: a sign without a clause");
    check("a + b", "the query is malformed at byte 3: a sign without a clause");
    check("a:", "the query is malformed at byte 2: a term is missing");
    check(":a", "the query is malformed at byte 1: a colon without a field before it");
    check("a:\"b", "the query is malformed at byte 2: the quote is not closed");
    check("a:\"b\"c", "the query is malformed at byte 5: a clause must end here");
    check("a:>b", "the query is malformed at byte 3: a number or a quoted text must follow the comparison");
    check("a:>inf", "the query is malformed at byte 3: a number or a quoted text must follow the comparison");
    check("a:b^x", "the query is malformed at byte 4: a boost is a number that is not negative");
    check("a:b~3", "the query is malformed at byte 5: a term may differ by two edits at most");
    check("a:/b", "the query is malformed at byte 2: the regular expression is not closed");
    check("a:/(/", "the query's regular expression at byte 2 is refused: it is malformed");
    check("a:/a)|(b/", "the query's regular expression at byte 2 is refused: it is malformed");
    check("a:/(x{1000}){1000}/", "the query's regular expression at byte 2 is refused: it is too large");
    check("/a/ /b/ /c/ /d/ /e/", "a query has at most 4 regular expressions");
    check(&"a ".repeat(65), "a query has at most 64 clauses");
    check(&"a".repeat(2_049), "a query has at most 2048 bytes");
}

#[test]
fn boosts_order_what_is_preferred() {
    let query = Query::parse("+p.open:true p.tags:red^3 p.tags:green^10").unwrap();
    assert_eq!(query.score(&doc()), Some(4.0));
    assert_eq!(query.score(&Doc::default()), None);
}

#[test]
fn everything_is_known() {
    let check =
        |text: &str, expected| assert_eq!(Query::parse(text).unwrap().is_everything(), expected, "{text}");
    check("", true);
    check("*", true);
    check("* a:b", true);
    check("+* a:b", true);
    check("a:b", false);
    check("-a:b", false);
    check("+a:b *", false);
}

#[test]
fn a_document_is_bounded() {
    let many: Vec<_> = (0..=FIELDS_MAX).collect();
    assert_eq!(Doc::of_json("a", &json!(many)), Err(TooManyFields));
}

fn test() -> impl Strategy<Value = Test> {
    let text = "[a-c*?:\\\\/\"+ ^~<>=-]{1,6}";
    let comparison = prop_oneof![
        Just(Comparison::Greater),
        Just(Comparison::GreaterOrEqual),
        Just(Comparison::Less),
        Just(Comparison::LessOrEqual)
    ];
    let piece = prop_oneof![Just(Piece::Many), Just(Piece::One), prop::char::any().prop_map(Piece::Char)];
    let like = prop::collection::vec(piece, 2..6).prop_filter("has a wildcard", |pieces| {
        pieces.iter().any(|piece| matches!(piece, Piece::Many | Piece::One))
    });
    prop_oneof![
        Just(Test::Any),
        text.prop_map(Test::Term),
        "\\PC{0,6}".prop_map(Test::Phrase),
        (text, 0..=EDITS_MAX).prop_map(|(term, edits)| Test::Near(term, edits)),
        like.prop_map(Test::Like),
        "[a/.+]{0,5}".prop_filter_map("compiles", |text| Expression::new(&text).ok().map(Test::Expression)),
        (comparison.clone(), -1e12..1e12f64).prop_map(|(comparison, bound)| Test::Number(comparison, bound)),
        (comparison, "\\PC{0,6}").prop_map(|(comparison, bound)| Test::Text(comparison, bound)),
    ]
}

fn clause() -> impl Strategy<Value = Clause> {
    let occur = prop_oneof![Just(Occur::Must), Just(Occur::Should), Just(Occur::MustNot)];
    let field = prop::option::of("[a-z.: \\\\-]{1,8}");
    (occur, field, test(), prop_oneof![Just(1.0f32), 0.0..100.0f32]).prop_map(
        |(occur, field, test, boost)| {
            // Without a field there is nothing to compare.
            let compares = matches!(test, Test::Number(..) | Test::Text(..));
            let field = if compares { field.or(Some("n".into())) } else { field };
            Clause { occur, field, test, boost }
        },
    )
}

proptest! {
    #[test]
    fn any_text_is_judged(text in "\\PC{0,80}") {
        if let Ok(query) = Query::parse(&text) {
            query.matches(&doc());
        }
    }

    #[test]
    fn special_characters_are_judged(text in "[a:/\"\\\\+^~*?<>=\\[\\]() 0-9.-]{0,40}") {
        if let Ok(query) = Query::parse(&text) {
            query.matches(&doc());
            prop_assert_eq!(Query::parse(&query.to_string()), Ok(query));
        }
    }

    #[test]
    fn printing_reads_back(clauses in prop::collection::vec(clause(), 0..4)) {
        let mut expressions = 0;
        let clauses: Vec<_> = clauses.into_iter().filter(|clause| {
            expressions += usize::from(matches!(clause.test, Test::Expression(_)));
            expressions <= EXPRESSIONS_MAX
        }).collect();
        let query = Query { clauses };
        let text = query.to_string();
        prop_assert_eq!(Query::parse(&text), Ok(query), "{}", text);
    }

    #[test]
    fn wildcards_are_as_the_expression_says(pattern in "[ab*?]{1,6}", text in "[ab]{0,8}") {
        let expression = format!("^{}$", pattern.replace('?', ".").replace('*', ".*"));
        let expected = regex::Regex::new(&expression).unwrap().is_match(&text);
        let query = Query::parse(&format!("f:{pattern}")).unwrap();
        prop_assert_eq!(query.matches(&Doc::default().with("f", text)), expected);
    }
}
