//! Times: RFC 3339 text in JSON, seconds and nanoseconds in protobuf. No clock is read here.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// The first second of the year 1, and the last of 9999: what the text form can say.
const SECONDS_MIN: i64 = -62_135_596_800;
const SECONDS_MAX: i64 = 253_402_300_799;
const NANOS_MAX: i32 = 999_999_999;
const DAY_SECONDS: i64 = 86_400;

/// A moment in UTC, field for field protobuf's own timestamp.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Message)]
pub struct Timestamp {
    /// Seconds since 1970.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// And this much after it, up to 999,999,999.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl Timestamp {
    /// The second that `ms` milliseconds since 1970 lie in: the protocol's times are whole seconds.
    pub fn from_ms(ms: i64) -> Self {
        Timestamp { seconds: ms.div_euclid(1_000), nanos: 0 }
    }

    /// Milliseconds since 1970, rounded down.
    pub fn to_ms(self) -> i64 {
        self.seconds.saturating_mul(1_000).saturating_add(i64::from(self.nanos / 1_000_000))
    }

    /// Reads RFC 3339 text with any offset and up to nine digits after the second.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| -> Option<i64> {
            let digits = bytes.get(from..to)?;
            digits
                .iter()
                .try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
        };
        let mark = |at: usize, allowed: &[u8]| bytes.get(at).is_some_and(|byte| allowed.contains(byte));
        let marks = mark(4, b"-") && mark(7, b"-") && mark(10, b"Tt ") && mark(13, b":") && mark(16, b":");
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        if !marks || !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
            return None;
        }
        // A leap second is told as the second after it, because protobuf's count has none.
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (nanos, zone) = fraction(&bytes[19..])?;
        let seconds =
            day_number(year, month, day) * DAY_SECONDS + hour * 3_600 + minute * 60 + second - offset(zone)?;
        (SECONDS_MIN..=SECONDS_MAX).contains(&seconds).then_some(Timestamp { seconds, nanos })
    }
}

/// The digits after the second, and what follows them.
fn fraction(rest: &[u8]) -> Option<(i32, &[u8])> {
    let Some(rest) = rest.strip_prefix(b".") else { return Some((0, rest)) };
    let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&len) {
        return None;
    }
    let digits = rest[..len].iter().chain(std::iter::repeat(&b'0')).take(9);
    Some((digits.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0')), &rest[len..]))
}

/// Seconds east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    if zone.eq_ignore_ascii_case(b"Z") {
        return Some(0);
    }
    let &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = zone else { return None };
    if ![h1, h2, m1, m2].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let pair = |tens: u8, ones: u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
    let (hours, minutes) = (pair(h1, h2), pair(m1, m2));
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3_600 + minutes * 60;
    Some(if sign == b'-' { -seconds } else { seconds })
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a date, with years that begin in March so that the leap day comes last.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a number of days since 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// RFC 3339 in UTC, with no more digits after the second than it needs. A moment out of range is told as the nearest
/// one in it.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds.clamp(SECONDS_MIN, SECONDS_MAX);
        let (year, month, day) = date(seconds.div_euclid(DAY_SECONDS));
        let second = seconds.rem_euclid(DAY_SECONDS);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.nanos.clamp(0, NANOS_MAX) {
            0 => {}
            nanos if nanos % 1_000_000 == 0 => write!(f, ".{:03}", nanos / 1_000_000)?,
            nanos if nanos % 1_000 == 0 => write!(f, ".{:06}", nanos / 1_000)?,
            nanos => write!(f, ".{nanos:09}")?,
        }
        f.write_str("Z")
    }
}

/// A time in the protocol's text form, in UTC with whole seconds.
pub fn rfc3339(ms: i64) -> String {
    Timestamp::from_ms(ms).to_string()
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(input)?;
        Timestamp::parse(&text).ok_or_else(|| D::Error::custom("not a time as RFC 3339 writes it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_times() {
        let check = |ms: i64, text: &str| {
            assert_eq!(rfc3339(ms), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp::from_ms(ms)));
        };
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_400_000, "2000-02-29T00:00:00Z");
        check(1_709_210_096_789, "2024-02-29T12:34:56Z");
        check(4_102_444_799_000, "2099-12-31T23:59:59Z");
        check(-1, "1969-12-31T23:59:59Z");
        check(SECONDS_MIN * 1_000, "0001-01-01T00:00:00Z");
        check(SECONDS_MAX * 1_000, "9999-12-31T23:59:59Z");
    }

    #[test]
    fn other_ways_to_write_a_time() {
        let check = |text: &str, expected: Option<(i64, i32)>| {
            let expected = expected.map(|(seconds, nanos)| Timestamp { seconds, nanos });
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        };
        check("1970-01-01t01:00:00.5+01:00", Some((0, 500_000_000)));
        check("1969-12-31 23:30:00.000000001-00:30", Some((0, 1)));
        check("1972-06-30T23:59:60Z", Some((78_796_800, 0)));
        for bad in [
            "",
            "now",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-13-01T00:00:00Z",
            "1970-02-29T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:60:00Z",
            "1970-01-01T00:00:61Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00.1234567890Z",
            "1970-01-01T00:00:00+1:00",
            "1970-01-01T00:00:00+24:00",
            "0001-01-01T00:00:00+00:01",
            "0000-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z ",
            "+970-01-01T00:00:00Z",
        ] {
            check(bad, None);
        }
    }

    proptest! {
        #[test]
        fn text_and_back(seconds in SECONDS_MIN..=SECONDS_MAX, nanos in prop_oneof![Just(0), 0..=NANOS_MAX, (0..1000i32).prop_map(|ms| ms * 1_000_000)]) {
            let time = Timestamp { seconds, nanos };
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
        }

        #[test]
        fn any_text_and_any_number_is_judged(text in "[0-9TZ:.+-]{0,40}|\\PC*", seconds: i64, nanos: i32) {
            let _ = Timestamp::parse(&text);
            let told = Timestamp { seconds, nanos };
            prop_assert!(Timestamp::parse(&told.to_string()).is_some());
            let _ = told.to_ms();
        }
    }
}
