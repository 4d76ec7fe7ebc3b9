//! Flags from the log, from marks that are the same, and what becomes of marks.

use app::session::Origin;
use server::extend::Asker;
use sovereign::Command;
use wire::envelope::{MatchJoin, Message};

use super::super::testing::Place;
use super::*;

fn marks(addresses: &[&str], devices: &[&str]) -> Marks {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Marks { addresses: texts(addresses), devices: texts(devices) }
}

/// Every flag as (seat, kind, what was found).
fn flags(report: &Report) -> Vec<(u32, &str, Value)> {
    let of = |player: &'_ Player| {
        player
            .flags
            .iter()
            .map(|flag| (player.seat, flag.kind.clone(), flag.found.clone()))
            .collect::<Vec<_>>()
    };
    let all = report.players.iter().flat_map(of);
    all.map(|(seat, kind, found)| (seat, if kind == "shared_address" { "address" } else { "device" }, found))
        .collect()
}

#[test]
fn who_shares_what_is_named_and_nobody_else() {
    let mut watch = Watch::new();
    (0..5).for_each(|seat| watch.joined(u64::from(seat) * 10, 0, Seat(seat)));
    let of = [
        (Seat(0), marks(&["home", "train"], &["phone"])),
        (Seat(1), marks(&["office"], &["tablet"])),
        (Seat(2), marks(&["train"], &["tablet"])),
        (Seat(4), marks(&["train"], &[])),
    ];
    let by_seat: Vec<_> = of.iter().map(|(seat, marks)| (*seat, marks)).collect();
    let report = assembled("war.longhouse".into(), &watch.report(), &by_seat);
    assert_eq!(
        flags(&report),
        [
            (0, "address", json!([2, 4])),
            (1, "device", json!([2])),
            (2, "address", json!([0, 4])),
            (2, "device", json!([1])),
            (4, "address", json!([0, 2])),
        ]
    );
    assert_eq!(report.flags, 5);
    assert_eq!(report.players[2].flags[0].replay, "/sovereign/?replay=war.longhouse&step=20");
    assert_eq!(assembled(String::new(), &watch.report(), &[]).flags, 0);
}

#[test]
fn the_largest_report_of_flags_fits_into_an_object() {
    let mut watch = Watch::new();
    let most = sovereign::Setup::SEATS_MAX.into();
    for seat in 0..most {
        watch.joined(0, 0, Seat(seat));
        for at in 0..400 {
            let body = Command::Attack { on: 1, share: 1 }.encode();
            watch.command(Heard { step: at as u64, ms: at * 25, seat: Seat(seat), body: &body });
        }
    }
    let all = marks(&["home"], &["phone"]);
    let by_seat: Vec<_> = (0..most).map(|seat| (Seat(seat), &all)).collect();
    let report =
        assembled("0190c0de-0000-7000-8000-00000000002a.longhouse".into(), &watch.report(), &by_seat);
    assert!(report.flags as u32 >= 4 * most, "{}", report.flags);
    let bytes = serde_json::to_string(&report).unwrap().len();
    assert!(bytes <= app::storage::VALUE_BYTES_MAX, "{bytes}");
}

fn asker(user: u128, household: u64, agent: u64, device: &str) -> Asker {
    let vars = [("device".to_owned(), device.to_owned())];
    Asker {
        user: Some(UserId(user)),
        vars: vars.into_iter().filter(|(_, device)| !device.is_empty()).collect(),
        origin: Some(Origin { household, agent }),
        ..Asker::default()
    }
}

async fn joins(place: &Place, room: kernel::RoomId, asker: Asker, metadata: &[(&str, &str)]) {
    let join = MatchJoin {
        match_id: Some(place.services().match_id(room)),
        metadata: metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        ..MatchJoin::default()
    };
    marks::note(&place.wars, asker, &Message::MatchJoin(join)).await.unwrap();
}

#[tokio::test]
async fn marks_are_the_same_within_a_war_alone_and_go_with_the_account() {
    let place = Place::new(&["ada", "bob", "cy"]).await;
    let (war, other) = (place.war().await, place.war().await);
    let all = [UserId(1), UserId(2), UserId(3)];
    let of = async |room| marks::of(&place.wars, room, &all).await.unwrap();

    joins(&place, war, asker(1, 0xffff_cb00_7109, 5, "laptop"), &[]).await;
    joins(&place, war, asker(2, 0xffff_cb00_7109, 6, ""), &[]).await;
    joins(&place, war, asker(2, 0xffff_cb00_710a, 6, "laptop"), &[]).await;
    // This machine stands for nobody; whoever watches is no player.
    joins(&place, war, asker(3, 0, 5, ""), &[]).await;
    joins(&place, war, asker(3, 7, 5, "laptop"), &[("spectate", "1")]).await;
    let found = of(war).await;
    let (ada, bob) = (&found[&UserId(1)], &found[&UserId(2)]);
    assert_eq!((ada.addresses.len(), ada.devices.len()), (1, 1));
    assert_eq!((bob.addresses.len(), bob.devices.len()), (2, 2));
    assert_eq!((&ada.addresses[0], &ada.devices[0]), (&bob.addresses[0], &bob.devices[1]));
    assert!(!found.contains_key(&UserId(3)));
    // Nothing of them can be read, or found again elsewhere.
    joins(&place, other, asker(1, 0xffff_cb00_7109, 5, "laptop"), &[]).await;
    assert_ne!(of(other).await[&UserId(1)], *ada);

    place.services().erase(UserId(1)).await.unwrap();
    assert!(!of(war).await.contains_key(&UserId(1)) && of(other).await.is_empty());
    place.running.stop().await;
}

#[tokio::test]
async fn rooms_that_are_no_wars_have_no_marks() {
    let place = Place::new(&["ada"]).await;
    joins(&place, kernel::RoomId(9), asker(1, 7, 5, "laptop"), &[]).await;
    assert!(marks::of(&place.wars, kernel::RoomId(9), &[UserId(1)]).await.unwrap().is_empty());
    place.running.stop().await;
}
