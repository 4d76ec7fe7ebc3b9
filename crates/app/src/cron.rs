//! Times in cron's words: a line of five fields says at which minutes something happens. Times are UTC, in seconds
//! since the Unix epoch, and come in as arguments: nothing here asks a clock.
//!
//! A field is `*`, a number, a range `a-b`, a step `*/n`, `a/n` or `a-b/n`, or several of these with commas. Months and
//! days of the week may be named by three letters; 0 and 7 are Sunday. Where both the day of the month and the day of
//! the week are given, either is enough. `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly` stand for lines.

use std::fmt;
use std::str::FromStr;

/// Bytes of a line.
pub const LINE_BYTES_MAX: usize = 256;
/// Days looked through for a match: the 29th of February may be eight years away, and on one day of the week forty.
const DAYS_MAX: i64 = 366 * 41;
const DAY_S: i64 = 86_400;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A line that cannot be read, or that never comes true.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a cron line of five fields: {0}")]
pub struct CronError(String);

/// See the module. Each field is a set of numbers, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Is the day of the month, and is the day of the week, anything but `*`?
    day_given: bool,
    weekday_given: bool,
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(line: &str) -> Result<Self, CronError> {
        if line.len() > LINE_BYTES_MAX {
            return Err(CronError(format!("longer than {LINE_BYTES_MAX} bytes")));
        }
        let line = match line.trim().to_ascii_lowercase().as_str() {
            "@hourly" => "0 * * * *".to_owned(),
            "@daily" | "@midnight" => "0 0 * * *".to_owned(),
            "@weekly" => "0 0 * * 0".to_owned(),
            "@monthly" => "0 0 1 * *".to_owned(),
            "@yearly" | "@annually" => "0 0 1 1 *".to_owned(),
            other => other.to_owned(),
        };
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(CronError(format!("{} fields", fields.len())));
        };
        let sundays = set(weekdays, 0, 7, &WEEKDAYS, 0)?;
        let cron = Self {
            minutes: set(minutes, 0, 59, &[], 0)?,
            hours: set(hours, 0, 23, &[], 0)?,
            days: set(days, 1, 31, &[], 0)?,
            months: set(months, 1, 12, &MONTHS, 1)?,
            // 7 is 0.
            weekdays: (sundays | sundays >> 7) & 0x7f,
            day_given: !is_any(days),
            weekday_given: !is_any(weekdays),
        };
        match cron.next(0) {
            Some(_) => Ok(cron),
            None => Err(CronError("there is no such day".into())),
        }
    }
}

fn is_any(field: &str) -> bool {
    field.starts_with('*') || field.starts_with('?')
}

/// The numbers of a field, each as a bit.
fn set(field: &str, least: u32, most: u32, names: &[&str], first: u32) -> Result<u64, CronError> {
    let wrong = || CronError(format!("{field:?}"));
    let number = |text: &str| -> Result<u32, CronError> {
        if let Some(at) = names.iter().position(|name| *name == text) {
            return Ok(at as u32 + first);
        }
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if plain { text.parse().ok() } else { None };
        number.filter(|number| (least..=most).contains(number)).ok_or_else(wrong)
    };
    let mut bits = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step = step.parse::<u32>().ok().filter(|step| (1..=most).contains(step));
                (range, Some(step.ok_or_else(wrong)?))
            }
            None => (part, None),
        };
        let (from, to) = match (range, range.split_once('-')) {
            ("*" | "?", _) => (least, most),
            (_, Some((from, to))) => (number(from)?, number(to)?),
            // `a/n` goes from a to the end; `a` alone is one number.
            (_, None) => (number(range)?, if step.is_some() { most } else { number(range)? }),
        };
        if from > to {
            return Err(wrong());
        }
        for bit in (from..=to).step_by(step.unwrap_or(1) as usize) {
            bits |= 1u64 << bit;
        }
    }
    Ok(bits)
}

impl Cron {
    /// The first time after this one. `None` only far beyond any real time.
    pub fn next(&self, after_s: i64) -> Option<i64> {
        let minute = after_s.div_euclid(60).checked_add(1)?;
        let (first_day, first_minute) = (minute.div_euclid(1_440), minute.rem_euclid(1_440));
        for day in first_day..first_day.checked_add(DAYS_MAX)? {
            if !self.on(day) {
                continue;
            }
            let from = if day == first_day { first_minute } else { 0 };
            if let Some(found) = self.minutes_of_day().find(|minute| *minute >= from) {
                return day.checked_mul(DAY_S)?.checked_add(found * 60);
            }
        }
        None
    }

    /// The last time up to this one, itself included.
    pub fn last(&self, until_s: i64) -> Option<i64> {
        let minute = until_s.div_euclid(60);
        let (last_day, last_minute) = (minute.div_euclid(1_440), minute.rem_euclid(1_440));
        for day in (last_day.checked_sub(DAYS_MAX)?..=last_day).rev() {
            if !self.on(day) {
                continue;
            }
            let to = if day == last_day { last_minute } else { 1_439 };
            if let Some(found) = self.minutes_of_day().take_while(|minute| *minute <= to).last() {
                return Some(day * DAY_S + found * 60);
            }
        }
        None
    }

    fn minutes_of_day(&self) -> impl Iterator<Item = i64> + '_ {
        bits(self.hours).flat_map(|hour| bits(self.minutes).map(move |minute| hour * 60 + minute))
    }

    /// Does it happen on this day, counted from the epoch?
    fn on(&self, day: i64) -> bool {
        let (month, day_of_month) = civil(day);
        let has = |bits: u64, at: i64| bits >> at & 1 == 1;
        if !has(self.months, month) {
            return false;
        }
        // The epoch was a Thursday.
        let weekday = has(self.weekdays, (day + 4).rem_euclid(7));
        let day = has(self.days, day_of_month);
        if self.day_given && self.weekday_given { day || weekday } else { day && weekday }
    }
}

fn bits(set: u64) -> impl Iterator<Item = i64> {
    (0..60).filter(move |bit| set >> bit & 1 == 1)
}

/// Month and day of a day counted from the epoch (Howard Hinnant's `civil_from_days`).
fn civil(day: i64) -> (i64, i64) {
    let day_of_era = (day + 719_468).rem_euclid(146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (month, day_of_month)
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = |set: u64, any: u64| match set == any {
            true => "*".to_owned(),
            false => bits(set).map(|bit| bit.to_string()).collect::<Vec<_>>().join(","),
        };
        let day = |set: u64, any: u64, given: bool| match given {
            true => bits(set).map(|bit| bit.to_string()).collect::<Vec<_>>().join(","),
            false => field(set, any),
        };
        let all = |least: u32, most: u32| (least..=most).fold(0u64, |bits, bit| bits | 1 << bit);
        let (minutes, hours) = (field(self.minutes, all(0, 59)), field(self.hours, all(0, 23)));
        let days = day(self.days, all(1, 31), self.day_given);
        let months = field(self.months, all(1, 12));
        let weekdays = day(self.weekdays, all(0, 6), self.weekday_given);
        write!(f, "{minutes} {hours} {days} {months} {weekdays}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2024-02-28T23:58:30Z, a Wednesday.
    const NOW: i64 = 1_709_164_710;

    fn line(text: &str) -> Cron {
        text.parse().unwrap()
    }

    #[test]
    fn lines_come_true_when_they_say() {
        let check = |text: &str, next: i64| assert_eq!(line(text).next(NOW), Some(next), "{text}");
        check("* * * * *", 1_709_164_740); // 23:59
        check("0 * * * *", 1_709_164_800); // the 29th, 00:00
        check("@hourly", 1_709_164_800);
        check("@daily", 1_709_164_800);
        check("30 12 * * *", 1_709_209_800);
        check("*/15 10-11 * * *", 1_709_200_800);
        check("5/20 * * * *", 1_709_165_100); // 00:05
        check("@weekly", 1_709_424_000); // Sunday, the 3rd of March
        check("0 0 * * 7", 1_709_424_000);
        check("0 0 * * SUN", 1_709_424_000);
        check("0 0 * * mon-wed", 1_709_510_400); // Monday, the 4th
        check("@monthly", 1_709_251_200); // the 1st of March
        check("@yearly", 1_735_689_600); // 2025
        check("0 0 29 2 *", 1_709_164_800);
        check("0 0 30 mar *", 1_711_756_800);
        check("0 12 13 * 5", 1_709_294_400); // the 13th or a Friday: Friday, the 1st of March
        check("59 23 28 2 *", 1_709_164_740);
        check("58 23 28 2 *", 1_740_787_080); // in a year
    }

    #[test]
    fn the_last_time_includes_the_moment_itself() {
        let daily = line("@daily");
        assert_eq!(daily.last(1_709_164_800), Some(1_709_164_800));
        assert_eq!(daily.last(1_709_164_799), Some(1_709_078_400));
        assert_eq!(daily.next(1_709_164_800), Some(1_709_251_200));
        assert_eq!(line("0 0 29 2 *").last(NOW), Some(1_582_934_400)); // 2020
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for text in [
            "",
            "*",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 13 *",
            "* * * * 8",
            "*/0 * * * *",
            "5-1 * * * *",
            "a * * * *",
            "-1 * * * *",
            "1, * * * *",
            "+1 * * * *",
            "0 0 30 2 *",
            "0 0 31 4,6 *",
            "@never",
            "1/ * * * *",
            "1-2-3 * * * *",
        ] {
            assert!(text.parse::<Cron>().is_err(), "{text}");
        }
        assert!("* ".repeat(200).parse::<Cron>().is_err());
    }

    proptest! {
        /// Against walking minute by minute; `last` is the other way round.
        #[test]
        fn the_next_time_is_the_nearest_minute_that_matches(
            minute in 0..60u32, hour in prop::option::of(0..24u32), day in prop::option::of(1..29u32),
            weekday in prop::option::of(0..7u32), now in 0..4_000_000_000i64,
        ) {
            let field = |number: Option<u32>| number.map_or("*".to_owned(), |number| number.to_string());
            let cron = line(&format!("{minute} {} {} * {}", field(hour), field(day), field(weekday)));
            let matches = |at: i64| {
                let (minutes, days) = (at / 60 % 1_440, at / 86_400);
                let on_day = day.map(|day| civil(days).1 == i64::from(day));
                let on_weekday = weekday.map(|weekday| (days + 4) % 7 == i64::from(weekday));
                let on = match (on_day, on_weekday) {
                    (Some(day), Some(weekday)) => day || weekday,
                    (day, weekday) => day.or(weekday).unwrap_or(true),
                };
                on && minutes % 60 == i64::from(minute) && hour.is_none_or(|hour| minutes / 60 == i64::from(hour))
            };
            let mut expected = (now / 60 + 1) * 60;
            while !matches(expected) {
                expected += 60;
            }
            prop_assert_eq!(cron.next(now), Some(expected));
            prop_assert_eq!(cron.last(expected), Some(expected));
            prop_assert_eq!(cron.next(expected - 1), Some(expected));
            let before = cron.last(expected - 1);
            prop_assert!(before.is_none_or(|before| cron.next(before) == Some(expected)));
            prop_assert_eq!(line(&cron.to_string()), cron);
        }

        #[test]
        fn no_text_breaks_it(text in "[-0-9*/, a-z@?]{0,40}") {
            if let Ok(cron) = text.parse::<Cron>() {
                prop_assert_eq!(cron.to_string().parse::<Cron>(), Ok(cron));
            }
        }
    }
}
