//! Moments as the content file writes them: RFC 3339 with an offset, turned into milliseconds by arithmetic alone.

use toml::value::{Datetime, Offset};

/// Milliseconds since the Unix epoch, or `None` if the text is not a whole moment.
pub(super) fn parse(text: &str) -> Option<i64> {
    let Datetime { date: Some(date), time: Some(time), offset: Some(offset) } = text.parse().ok()? else {
        return None;
    };
    let east_minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = days(i64::from(date.year), i64::from(date.month), i64::from(date.day));
    let minutes = (days * 24 + i64::from(time.hour)) * 60 + i64::from(time.minute) - east_minutes;
    let ms = i64::from(time.nanosecond.unwrap_or(0) / 1_000_000);
    Some((minutes * 60 + i64::from(time.second.unwrap_or(0))) * 1_000 + ms)
}

/// Days since 1970-01-01 in the Gregorian calendar, for years from 0.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have the day that comes and goes at their end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // From March on, five months have 153 days, again and again.
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    // 1970-01-01 is day 719,468 after 0000-03-01.
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    #[test]
    fn moments_are_what_the_calendar_says() {
        let rows = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1969-12-31T23:59:59.5Z", Some(-500)),
            ("2000-02-29T12:00:00Z", Some(951_825_600_000)),
            ("2026-11-27T18:00:00Z", Some(1_795_802_400_000)),
            ("2026-11-27T19:30:00+01:30", Some(1_795_802_400_000)),
            ("2026-11-27 10:00:00-08:00", Some(1_795_802_400_000)),
            ("2100-03-01T00:00:00Z", Some(4_107_542_400_000)),
            ("0000-03-01T00:00:00Z", Some(-62_162_035_200_000)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-11-27T18:00:00", None),
            ("2026-11-27", None),
            ("18:00:00", None),
            ("tomorrow", None),
            ("", None),
        ];
        for (text, want) in rows {
            assert_eq!(super::parse(text), want, "{text}");
        }
    }
}
