//! Flags from the log, from marks that are the same, and what becomes of marks.

use app::rpc::Caller;
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

/// So many commands of a seat in a few seconds, and one of another.
fn hurried(seat: u32, commands: i64) -> Vec<Behaviour> {
    let mut watch = Watch::new();
    let body = Command::Attack { on: 0, share: 1 }.encode();
    for at in 0..commands {
        watch.command(Heard { step: 1_000 + at as u64, ms: at * 50, seat: Seat(seat), body: &body });
    }
    watch.command(Heard { step: 1, ms: 50, seat: Seat(seat + 1), body: &body });
    watch.report()
}

async fn noted(reports: &Arc<Reports>) -> Vec<Report> {
    let call = Call { caller: Caller::Server, session: None, payload: String::new() };
    let mut page: Value = serde_json::from_str(&flags_page(reports, call).await.unwrap()).unwrap();
    serde_json::from_value(page["wars"].take()).unwrap()
}

async fn flags_page(reports: &Arc<Reports>, call: Call) -> Result<String, RpcError> {
    super::flags(Arc::clone(reports), call).await
}

#[tokio::test]
async fn what_is_kept_of_a_report_is_what_is_to_be_looked_at() {
    let place = Place::new(&["ada"]).await;
    let reports = Arc::new(Reports::new(Arc::clone(&place.wars)));
    let ids = [place.war().await, place.war().await];
    let mut wars = Vec::new();
    for id in ids {
        wars.push(place.wars.war(id).await.unwrap().unwrap());
    }
    let report =
        |war: &Found, commands| assembled(place.services().match_id(war.room), &hurried(3, commands), &[]);
    reports.note(&wars[0], &report(&wars[0], 5)).await.unwrap();
    assert!(noted(&reports).await.is_empty(), "nothing to look at");
    // Twice the same, and once more with another.
    for commands in [70, 70, 90] {
        reports.note(&wars[1], &report(&wars[1], commands)).await.unwrap();
        let kept = noted(&reports).await;
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].match_id, place.services().match_id(wars[1].room));
        let seats: Vec<u32> = kept[0].players.iter().map(|player| player.seat).collect();
        assert_eq!(seats, [3], "who did nothing to look at is not kept");
        let hurry = &kept[0].players[0].flags[0];
        assert_eq!((hurry.kind.as_str(), &hurry.found), ("in_ten_seconds", &json!(commands)));
        assert_eq!(hurry.threshold, json!(sovereign::behaviour::IN_TEN_SECONDS));
        // Where the ten seconds begin that end with the last command.
        let (id, step) = (&kept[0].match_id, 1_000 + commands - 1 - 200);
        assert_eq!(hurry.replay, format!("/sovereign/?replay={id}&step={step}"));
    }
    place.running.stop().await;
}

#[tokio::test]
async fn reports_are_an_operators_and_tell_nothing_of_computers() {
    let place = Place::new(&["ada"]).await;
    let reports = Arc::new(Reports::new(Arc::clone(&place.wars)));
    let rooms = &place.services().rooms;
    let setup = br#"{"size":"tiny","tribes":1,"rivals":1,"spawn_seconds":120}"#.to_vec();
    let war = rooms.open(UserId(1), super::super::RULES, setup, false).await.unwrap();
    let named = json!({ "match_id": place.services().match_id(war) }).to_string();
    let call = |caller| Call { caller, session: None, payload: named.clone() };
    let player = || Caller::User { user: UserId(1), username: "ada".into(), family: store::FamilyId(1) };
    assert!(matches!(super::report(Arc::clone(&reports), call(player())).await, Err(RpcError::Denied(_))));
    assert!(matches!(flags_page(&reports, call(player())).await, Err(RpcError::Denied(_))));

    // A worker's command is in the log like anyone's. It has no seat of a person to be looked at.
    let body = |command: Command| bytes::Bytes::from(command.encode());
    let resign = rooms.command(UserId(1), war, kernel::CommandId(1), body(Command::Resign)).await;
    assert!(resign.is_err(), "who is not in it yet has no nation; the room is awake");
    let rival = rooms.list(1, |info| info.id == war)[0].served[0];
    let (mut spawned, mut tiles) = (false, 0..25_000);
    while let (false, Some(tile)) = (spawned, tiles.next()) {
        let command = body(Command::Spawn { tile });
        spawned = rooms.act(war, rival, kernel::CommandId(0), command).await.is_ok();
    }
    assert!(spawned, "there is a place for it");
    let shown = super::report(Arc::clone(&reports), call(Caller::Server)).await.unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["players"], json!([]));
    place.running.stop().await;
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
    // Two devices are two, whatever else is the same.
    joins(&place, other, asker(3, 0xffff_cb00_7109, 5, "phone"), &[]).await;
    let there = of(other).await;
    let (ada, cy) = (&there[&UserId(1)], &there[&UserId(3)]);
    assert!(ada.addresses == cy.addresses && ada.devices != cy.devices);
    let storage = &place.services().storage;
    let listed = storage.list(Asks::User(UserId(1)), "sovereign_marks", Some(UserId(1)), 9, None).await;
    assert!(listed.unwrap().objects.is_empty(), "they are the server's");

    place.services().erase(UserId(1)).await.unwrap();
    assert!(!of(war).await.contains_key(&UserId(1)) && !of(other).await.contains_key(&UserId(1)));
    place.running.stop().await;
}

#[tokio::test]
async fn rooms_that_are_no_wars_have_no_marks() {
    let place = Place::new(&["ada"]).await;
    joins(&place, kernel::RoomId(9), asker(1, 7, 5, "laptop"), &[]).await;
    assert!(marks::of(&place.wars, kernel::RoomId(9), &[UserId(1)]).await.unwrap().is_empty());
    place.running.stop().await;
}
