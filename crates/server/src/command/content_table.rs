//! What a check found, as a table for people.

use std::fmt::Write;

use app::contents::Findings;

/// Rows of the table; of further ones their number is told.
const ROWS_MAX: usize = 100;

/// The table, with a line before it that says what was looked at.
pub fn table(found: &Findings) -> String {
    let mut out = String::new();
    let rooms = match found.rooms {
        1 => "1 room was".to_owned(),
        rooms => format!("{rooms} rooms were"),
    };
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{}: {rooms} looked at", found.rules);
    if !found.is_loss() {
        let _ = writeln!(out, "nobody loses anything");
        return out;
    }
    if !found.worse.is_empty() {
        let width = found.worse.iter().take(ROWS_MAX).map(|row| row.measure.chars().count()).max();
        let width = width.unwrap_or_default().max("less".len());
        let _ =
            writeln!(out, "\n{:<width$}  {:>8}  {:>6}  worst, and in which room", "less", "rooms", "part");
        for row in found.worse.iter().take(ROWS_MAX) {
            let part = part(&row.before, &row.after);
            let _ = writeln!(
                out,
                "{:<width$}  {:>8}  {part:>6}  {} -> {}  {}",
                row.measure, row.rooms, row.before, row.after, row.room
            );
        }
        let more = found.worse.len().saturating_sub(ROWS_MAX);
        if more > 0 {
            let _ = writeln!(out, "and {more} more");
        }
    }
    if found.stuck > 0 {
        let _ = writeln!(out, "\nrooms that cannot move: {}", found.stuck);
        for stuck in &found.stuck_shown {
            let _ = writeln!(out, "{}  {}", stuck.room, stuck.why.lines().next().unwrap_or_default());
        }
    }
    out
}

/// The part that is lost, in percent.
fn part(before: &str, after: &str) -> String {
    let (Ok(before), Ok(after)) = (before.parse::<u128>(), after.parse::<u128>()) else {
        return String::new();
    };
    // For people: a float says it well enough.
    let lost = before.saturating_sub(after) as f64 / before.max(1) as f64;
    format!("{:.1} %", lost * 100.0)
}

#[cfg(test)]
mod tests {
    use app::contents::{Finding, Stuck};

    use super::*;

    fn findings() -> Findings {
        Findings {
            rules: "farm version 2".into(),
            rooms: 3,
            worse: Vec::new(),
            stuck: 0,
            stuck_shown: Vec::new(),
        }
    }

    #[test]
    fn a_content_that_takes_nothing_is_said_in_two_lines() {
        assert_eq!(table(&findings()), "farm version 2: 3 rooms were looked at\nnobody loses anything\n");
    }

    #[test]
    fn losses_stand_in_a_table_and_stuck_rooms_below() {
        let finding = |measure: &str, before: &str, after: &str| Finding {
            measure: measure.into(),
            rooms: 2,
            room: "0190".into(),
            before: before.into(),
            after: after.into(),
        };
        let mut found = findings();
        found.worse = vec![finding("wool.plain.rate", "1200", "800"), finding("stars", "1", "0")];
        let said = table(&found);
        assert!(said.contains("wool.plain.rate         2  33.3 %  1200 -> 800  0190"), "{said}");
        assert!(said.contains("stars                   2  100.0 %  1 -> 0  0190"), "{said}");
        found.worse = (0..ROWS_MAX + 7).map(|n| finding(&format!("m{n}"), "2", "1")).collect();
        assert!(table(&found).ends_with("and 7 more\n"));
        found.stuck = 1;
        found.stuck_shown = vec![Stuck { room: "0191".into(), why: "its log is damaged\nhere".into() }];
        assert!(table(&found).ends_with("rooms that cannot move: 1\n0191  its log is damaged\n"));
    }
}
