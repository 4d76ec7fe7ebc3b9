//! Ends of wars that come twice, again, from outside, or for somebody who is gone.

use super::super::testing::Place;
use super::*;

fn end(seq: u64, room: RoomId, user: u128, place: u64, players: u64) -> Event {
    let properties = [
        ("place", place.to_string()),
        ("tiles", "1200".to_owned()),
        ("players", players.to_string()),
        ("nations", "9".to_owned()),
        ("step", "4000".to_owned()),
        (ROOM_PROPERTY, Uuid::from_u128(room.0).to_string()),
    ];
    Event {
        seq,
        name: OVER_EVENT.into(),
        user: Some(UserId(user)),
        properties: properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        at_ms: i64::MAX,
        outside: false,
    }
}

async fn take(place: &Place, events: &[Event]) {
    let reports = Arc::new(Reports::new(Arc::clone(&place.wars)));
    Results::new(Arc::clone(&place.wars), reports).take(events.to_vec()).await.unwrap();
}

/// Wars and wins of an account, and how many are in its list.
async fn counted(place: &Place, user: u128) -> (u64, u64, usize) {
    let name = tally_name(UserId(user));
    let read = place.services().storage.read(Asks::Server, vec![name]).await.unwrap();
    let tally: Tally = read.first().map(|object| read_value(object).unwrap()).unwrap_or_default();
    (tally.wars, tally.wins, listed(place, user).await.len())
}

async fn listed(place: &Place, user: u128) -> Vec<Listed> {
    let storage = &place.services().storage;
    let page = storage.list(Asks::Server, RESULTS, Some(UserId(user)), PAGE_MAX, None).await.unwrap();
    page.objects.iter().map(|object| read_value(object).unwrap()).collect()
}

async fn board(place: &Place) -> Vec<(String, i64)> {
    let ask = app::leaderboards::Ask { limit: Some(100), ..Default::default() };
    let records = place.services().leaderboards.list(WINS, ask).await.unwrap().records;
    records.into_iter().map(|record| (record.row.username, record.score)).collect()
}

#[tokio::test]
async fn an_end_counts_once_however_often_it_is_told() {
    let place = Place::new(&["ada", "bob"]).await;
    let (first, second) = (place.war().await, place.war().await);
    let ends = [end(1, first, 1, 1, 2), end(2, first, 2, 2, 2), end(3, second, 2, 1, 2)];
    for _ in 0..2 {
        take(&place, &ends).await;
        assert_eq!(counted(&place, 1).await, (1, 1, 1));
        assert_eq!(counted(&place, 2).await, (2, 1, 2));
        assert_eq!(board(&place).await, [("ada".to_owned(), 1), ("bob".to_owned(), 1)]);
    }
    // Half of a page that was taken before.
    take(&place, &ends[1..]).await;
    assert_eq!(counted(&place, 2).await, (2, 1, 2));
    let reached = place.services().achievements.list(UserId(2)).await.unwrap();
    let unlocked: Vec<_> = reached
        .iter()
        .filter(|state| state.unlocked_ms.is_some())
        .map(|state| state.achievement.id.as_str())
        .collect();
    assert_eq!(unlocked, ["sovereign_first_war", "sovereign_first_win"]);
    place.running.stop().await;
}

#[tokio::test]
async fn a_war_that_ends_again_counts_as_it_ended_last() {
    let place = Place::new(&["ada", "bob"]).await;
    let war = place.war().await;
    take(&place, &[end(1, war, 1, 1, 2), end(2, war, 2, 2, 2)]).await;
    take(&place, &[end(3, war, 1, 2, 2), end(4, war, 2, 1, 2)]).await;
    assert_eq!(counted(&place, 1).await, (1, 0, 1));
    assert_eq!(counted(&place, 2).await, (1, 1, 1));
    assert_eq!(board(&place).await, [("bob".to_owned(), 1), ("ada".to_owned(), 0)]);
    place.running.stop().await;
}

#[tokio::test]
async fn wins_against_nobody_are_none_and_strangers_words_are_passed_over() {
    let place = Place::new(&["ada"]).await;
    let war = place.war().await;
    // Alone with computers; a client's own word; an account that is gone; a war that there is not.
    take(&place, &[end(1, war, 1, 1, 1)]).await;
    take(&place, &[Event { outside: true, ..end(2, war, 1, 1, 9) }]).await;
    take(&place, &[end(3, war, 77, 1, 2), end(4, RoomId(5), 1, 1, 2)]).await;
    assert_eq!(counted(&place, 1).await, (1, 0, 1));
    assert_eq!(board(&place).await, []);
    let mut torn = end(5, war, 1, 1, 2);
    torn.properties.remove("place");
    take(&place, &[torn]).await;
    assert_eq!(counted(&place, 1).await, (1, 0, 1));
    place.running.stop().await;
}

#[tokio::test]
async fn the_list_holds_the_newest() {
    let place = Place::new(&["ada"]).await;
    let war = place.war().await;
    let old =
        Listed { match_id: "old".into(), at_ms: 1, last: 1, place: 1, tiles: 1, players: 1, won: false };
    let some = (0..RESULTS_MAX + 5).map(|number| {
        let key = newest_first(RoomId(number as u128));
        let name = ObjectName { user: UserId(1), collection: RESULTS.into(), key };
        written(name, &json!(old), 1)
    });
    place.services().storage.write(Asks::Server, some.collect()).await.unwrap();
    take(&place, &[end(1, war, 1, 1, 2)]).await;
    let listed = listed(&place, 1).await;
    assert_eq!(listed.len(), RESULTS_MAX);
    assert_eq!(listed[0].match_id, place.services().match_id(war));
    place.running.stop().await;
}
