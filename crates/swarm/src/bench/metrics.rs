//! The server's own page of figures, read before and after a measurement: how often something took how long meanwhile.

use crate::client::Http;
use crate::target::Target;
use anyhow::{Result, bail};
use serde::Serialize;

/// A page of figures, as Prometheus reads it.
pub struct Page(String);

/// One histogram of times on a page.
#[derive(Clone, Debug, Default, PartialEq)]
struct Times {
    /// Upper edges in seconds, and how many were at or below each.
    buckets: Vec<(f64, u64)>,
    count: u64,
    seconds: f64,
}

/// What was spent on something between two pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Spent {
    /// How many times.
    pub count: u64,
    /// How long together.
    pub seconds: f64,
    /// None took longer than this; absent if there was none, or one beyond every edge of the histogram.
    pub longest_ms: Option<f64>,
    /// 99 of 100 took no longer than this.
    pub p99_ms: Option<f64>,
    /// 999 of 1,000 took no longer than this.
    pub p999_ms: Option<f64>,
}

impl Spent {
    /// How long one took on average.
    pub fn mean_ms(&self) -> f64 {
        self.seconds * 1e3 / self.count.max(1) as f64
    }
}

impl Page {
    /// Asks the server for it.
    pub async fn read(target: &Target) -> Result<Self> {
        let mut http = Http::connect(target).await?;
        let (status, body) = http.request("GET", "/metrics", "", b"").await?;
        if status != 200 {
            bail!("/metrics was answered with {status}");
        }
        Ok(Page(String::from_utf8(body)?))
    }

    /// A figure, summed over its labels; 0 if there is none of this name.
    pub fn sum(&self, name: &str) -> f64 {
        let named = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
        let values = self.0.lines().filter(named).filter_map(|line| line.rsplit_once(' '));
        values.filter_map(|(_, value)| value.parse::<f64>().ok()).sum()
    }

    /// What was spent since an earlier page, on the histogram of this name and label (`who="me"`, or none).
    pub fn since(&self, before: &Page, name: &str, label: &str) -> Spent {
        let (before, after) = (before.times(name, label), self.times(name, label));
        let count = after.count.saturating_sub(before.count);
        let below =
            |edge: f64| before.buckets.iter().find(|bucket| bucket.0 == edge).map_or(0, |found| found.1);
        let of = |part: f64| {
            let enough = (count as f64 * part).ceil() as u64;
            let edge =
                after.buckets.iter().find(|(edge, found)| found.saturating_sub(below(*edge)) >= enough);
            edge.map(|(edge, _)| edge * 1e3).filter(|edge| count > 0 && edge.is_finite())
        };
        Spent {
            count,
            seconds: (after.seconds - before.seconds).max(0.0),
            longest_ms: of(1.0),
            p99_ms: of(0.99),
            p999_ms: of(0.999),
        }
    }

    fn times(&self, name: &str, label: &str) -> Times {
        let mut times = Times::default();
        for line in self.0.lines() {
            let Some((part, value)) = line.strip_prefix(name).and_then(|rest| rest.rsplit_once(' ')) else {
                continue;
            };
            let (part, labels) = part.split_once('{').unwrap_or((part, "}"));
            let mut labels = labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty());
            let (mut edge, mut ours) = (None, label.is_empty());
            labels.by_ref().for_each(|found| match found.strip_prefix("le=") {
                Some(le) => edge = le.trim_matches('"').parse::<f64>().ok(),
                None => ours |= found == label,
            });
            match (part, edge, ours) {
                ("_bucket", Some(edge), true) => times.buckets.push((edge, value.parse().unwrap_or(0))),
                ("_count", _, true) => times.count = value.parse().unwrap_or(0),
                ("_sum", _, true) => times.seconds = value.parse().unwrap_or(0.0),
                _ => {}
            }
        }
        times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "\
# TYPE x_seconds histogram
x_seconds_bucket{by=\"me\",le=\"0.001\"} 2
x_seconds_bucket{by=\"me\",le=\"0.01\"} 3
x_seconds_bucket{by=\"me\",le=\"+Inf\"} 3
x_seconds_sum{by=\"me\"} 0.006
x_seconds_count{by=\"me\"} 3
x_seconds_count{by=\"you\"} 70
x_seconds_more_count 5
";

    #[test]
    fn what_was_spent_between_two_pages() {
        let check = |after: &str, count: u64, seconds: f64, longest_ms: Option<f64>| {
            let spent = Page(after.to_owned()).since(&Page(BEFORE.to_owned()), "x_seconds", "by=\"me\"");
            assert_eq!((spent.count, spent.longest_ms), (count, longest_ms), "{after}");
            assert!((spent.seconds - seconds).abs() < 1e-9, "{spent:?}");
        };
        check(BEFORE, 0, 0.0, None);
        let page = |small: u64, large: u64, all: u64, sum: f64| {
            BEFORE
                .replace("0.001\"} 2", &format!("0.001\"}} {small}"))
                .replace("0.01\"} 3", &format!("0.01\"}} {large}"))
                .replace("+Inf\"} 3", &format!("+Inf\"}} {all}"))
                .replace("count{by=\"me\"} 3", &format!("count{{by=\"me\"}} {all}"))
                .replace("0.006", &sum.to_string())
        };
        check(&page(4, 5, 5, 0.007), 2, 0.001, Some(1.0));
        check(&page(4, 6, 6, 0.016), 3, 0.01, Some(10.0));
        check(&page(2, 3, 4, 2.006), 1, 2.0, None);
    }

    #[test]
    fn a_figure_is_summed_over_its_labels() {
        let page = Page("z{by=\"me\"} 4\nz{by=\"you\"} 2.5\nz_more 7\ny 3\n".to_owned());
        let check = |name: &str, expected: f64| assert_eq!(page.sum(name), expected, "{name}");
        check("z", 6.5);
        check("y", 3.0);
        check("x", 0.0);
    }

    #[test]
    fn a_histogram_without_labels() {
        let page = Page("y_seconds_bucket{le=\"0.5\"} 4\ny_seconds_sum 1\ny_seconds_count 4\n".to_owned());
        let spent = page.since(&Page(String::new()), "y_seconds", "");
        assert_eq!((spent.count, spent.seconds, spent.longest_ms), (4, 1.0, Some(500.0)));
        assert_eq!((spent.p99_ms, spent.p999_ms), (Some(500.0), Some(500.0)));
        assert_eq!(spent.mean_ms(), 250.0);
        assert_eq!(page.since(&Page(String::new()), "z_seconds", ""), Spent::default());
    }
}
