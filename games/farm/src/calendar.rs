//! Days and weeks of UTC, by arithmetic on the room's milliseconds.

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
pub(crate) const WEEK_MS: i64 = 7 * DAY_MS;
/// 1970-01-05, the first Monday.
const FIRST_MONDAY_MS: i64 = 4 * DAY_MS;

/// Days since 1970-01-01.
pub(crate) fn day(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}

/// Weeks since Monday 1970-01-05.
pub(crate) fn week(ms: i64) -> i64 {
    ms.saturating_sub(FIRST_MONDAY_MS).div_euclid(WEEK_MS)
}

/// When a week begins.
pub(crate) fn week_begins_ms(week: i64) -> i64 {
    week.saturating_mul(WEEK_MS).saturating_add(FIRST_MONDAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        // 2026-11-23 was a Monday.
        let monday_ms = 1_795_392_000_000;
        let rows = [
            (monday_ms - 1, 2_967),
            (monday_ms, 2_968),
            (monday_ms + WEEK_MS - 1, 2_968),
            (FIRST_MONDAY_MS, 0),
            (0, -1),
        ];
        for (ms, want) in rows {
            assert_eq!(week(ms), want, "{ms}");
            assert!((week_begins_ms(want)..week_begins_ms(want + 1)).contains(&ms));
        }
        for ms in [i64::MIN, i64::MAX] {
            week_begins_ms(week(ms));
            day(ms);
        }
    }
}
