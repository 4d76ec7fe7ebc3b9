//! Reports that come twice, late, in another week, or of somebody who is gone.

use app::leaderboards::Listed;
use server::config::Config;
use server::serve::{Games, Running, start};
use store::Credential;

use super::super::boards;
use super::super::score::tests::event;
use super::*;

/// A service with the farm's boards, and a consumer of our own beside its.
struct Place {
    running: Running,
    ranks: Ranks,
    users: Vec<UserId>,
    _folder: tempfile::TempDir,
}

impl Place {
    async fn new(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config =
            Config { listen: "127.0.0.1:0".into(), data: folder.path().join("data"), ..Config::default() };
        let games = Games::new().with::<farm::Farm>(farm::DEFAULT_CONTENT);
        let running = start(config, games).await.unwrap();
        let services = Arc::clone(&running.house.services);
        boards::create(&services).await.unwrap();
        let goals = Arc::new(Goals::new(Arc::clone(&services)));
        goals.follow().await.unwrap();
        let mut users = Vec::new();
        for (name, number) in names.iter().zip(1..) {
            let credential = Credential::Device(format!("device-of-{name}"));
            let (user, username) = (UserId(number), (*name).to_owned());
            let account = store::Register { credential, user, username, at_ms: 1 };
            services.core.write(account).await.unwrap();
            users.push(user);
        }
        Self { running, ranks: Ranks::new(services, goals), users, _folder: folder }
    }

    fn week(&self) -> i64 {
        week_at(self.running.house.services.core.now_ms())
    }

    async fn take(&self, reports: &[(UserId, i64, i64, i64)]) {
        let events = reports.iter().zip(1..).map(|((user, stars, week, magnitude), seq)| {
            let (stars, week, magnitude) = (stars.to_string(), week.to_string(), magnitude.to_string());
            let properties = [
                ("stars", stars.as_str()),
                ("week", &week),
                ("week_magnitude", &magnitude),
                ("shears", &stars),
            ];
            event(seq, user.0, &properties)
        });
        self.ranks.take(events.collect()).await.unwrap();
    }

    /// Scores on a board, the best first.
    async fn scores(&self, board: &str) -> Vec<(UserId, i64)> {
        let services = &self.running.house.services;
        let listed: Listed = match board {
            STARS => services.leaderboards.list(board, Ask::default()).await.unwrap(),
            _ => services.tournaments.records(board, Ask::default()).await.unwrap(),
        };
        listed.records.iter().map(|record| (record.row.owner, record.score)).collect()
    }
}

#[tokio::test]
async fn the_newest_report_is_what_stands_whatever_comes_again() {
    let place = Place::new(&["ada", "bob"]).await;
    let [ada, bob] = place.users[..] else { panic!("two users") };
    let week = place.week();
    let page = [(ada, 5, week, 50), (bob, 3, week, 70), (ada, 6, week, 60), (UserId(99), 9, week, 99)];
    for _ in 0..3 {
        place.take(&page).await;
        assert_eq!(place.scores(STARS).await, [(ada, 6), (bob, 3)], "and nobody who is gone");
        assert_eq!(place.scores(WEEKLY).await, [(bob, 70), (ada, 60)]);
    }
    // After a restore there are fewer.
    place.take(&[(ada, 2, week, 10)]).await;
    assert_eq!(place.scores(STARS).await, [(bob, 3), (ada, 2)]);
    assert_eq!(place.scores(WEEKLY).await, [(bob, 70), (ada, 10)]);
    let achievements = &place.running.house.services.achievements;
    let progress = |states: Vec<app::achievements::AchievementState>| {
        let of = states.into_iter().filter(|state| state.progress > 0);
        of.map(|state| state.progress).max()
    };
    assert_eq!(progress(achievements.list(ada).await.unwrap()), Some(6), "what was achieved stays");
    place.running.stop().await;
}

#[tokio::test]
async fn a_week_that_is_over_does_not_count_and_takes_its_record_along() {
    let place = Place::new(&["ada", "bob"]).await;
    let [ada, bob] = place.users[..] else { panic!("two users") };
    let week = place.week();
    place.take(&[(ada, 1, week - 1, 90), (bob, 1, week, 40)]).await;
    assert_eq!(place.scores(WEEKLY).await, [(bob, 40)], "last week's wool is not this week's");
    place.take(&[(ada, 1, week, 50)]).await;
    assert_eq!(place.scores(WEEKLY).await, [(ada, 50), (bob, 40)]);
    // A restore to last week.
    place.take(&[(ada, 1, week - 1, 90)]).await;
    assert_eq!(place.scores(WEEKLY).await, [(bob, 40)]);
    // Without the board nothing is held up.
    place.running.house.services.tournaments.delete(WEEKLY).await.unwrap();
    place.take(&[(ada, 4, week, 50), (bob, 5, week - 1, 1)]).await;
    assert_eq!(place.scores(STARS).await, [(bob, 5), (ada, 4)]);
    place.running.stop().await;
}
