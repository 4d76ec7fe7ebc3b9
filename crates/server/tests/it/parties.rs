//! Parties where the SDK does not reach: labels, hidden parties, lists with cursors and queries, updates.

use wire::envelope::{
    Format, Message, Party, PartyCreate, PartyDataSend, PartyJoin, PartyLeave, PartyPromote, PartyUpdate,
    UserPresence,
};

use crate::client::{Server, Socket};

async fn create(socket: &mut Socket, open: bool, label: &str, hidden: bool) -> Party {
    let create = PartyCreate { open, max_size: 8, label: label.into(), hidden };
    socket.send("create", Message::PartyCreate(create)).await;
    match socket.answer("create").await {
        Some(Message::Party(party)) => party,
        other => panic!("no party: {other:?}"),
    }
}

async fn list(server: &Server, token: &str, query: &str) -> (Vec<String>, String) {
    let answer = server.get(&format!("/v2/party?{query}"), token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let found = answer.json();
    let labels = found["parties"].as_array().cloned().unwrap_or_default().into_iter();
    let labels = labels.map(|party| party["label"].as_str().unwrap_or_default().to_owned());
    (labels.collect(), found["cursor"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn parties_are_found_by_what_their_leaders_say() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let mut a = server.socket(&ada.token, Format::Json).await;
    let duel = r#"{"mode":"duel","rank":10}"#;
    let race = r#"{"mode":"race","rank":25}"#;
    let first = create(&mut a, true, duel, false).await;
    create(&mut a, false, race, false).await;
    create(&mut a, true, "plain words", false).await;
    create(&mut a, true, duel, true).await;
    // Those of one millisecond come in any order.
    let sorted = |mut labels: Vec<String>| {
        labels.sort();
        labels
    };
    let check = async |query: &str, expected: &[&str]| {
        let expected = expected.iter().map(|label| (*label).to_owned()).collect();
        assert_eq!(sorted(list(&server, &ada.token, query).await.0), sorted(expected), "{query}");
    };
    check("", &["plain words", race, duel]).await;
    check("open=false", &[race]).await;
    check("query=%2Blabel.mode:duel", &[duel]).await;
    check("query=%2Blabel.rank:%3E20", &[race]).await;
    check("query=label:%22plain%20words%22", &["plain words"]).await;
    check("query=-label.mode:*&open=true", &["plain words"]).await;
    let (mut pages, cursor) = list(&server, &ada.token, "limit=2").await;
    assert_eq!(pages.len(), 2);
    let (last, end) = list(&server, &ada.token, &format!("limit=2&cursor={cursor}")).await;
    assert_eq!((last.len(), end.as_str()), (1, ""));
    pages.extend(last);
    assert_eq!(sorted(pages), sorted(vec![duel.to_owned(), race.to_owned(), "plain words".to_owned()]));
    let tampered = server.get(&format!("/v2/party?cursor={cursor}x"), &ada.token).await;
    assert_eq!((tampered.status, &tampered.json()["code"]), (400, &3.into()));

    // The leader changes what lists show, and the members are told.
    let mut e = server.socket(&server.log_in("eve").await.token, Format::Protobuf).await;
    e.send("1", Message::PartyJoin(PartyJoin { party_id: first.party_id.clone() })).await;
    assert_eq!(e.answer("1").await, None);
    let update = PartyUpdate { party_id: first.party_id, label: race.into(), open: false, hidden: true };
    e.send("2", Message::PartyUpdate(update.clone())).await;
    let Some(Message::Error(error)) = e.answer("2").await else { panic!("a member may change the party") };
    assert!(error.message.contains("leader"), "{error:?}");
    a.send("2", Message::PartyUpdate(update.clone())).await;
    assert_eq!(a.answer("2").await, None);
    loop {
        if let Some(Message::PartyUpdate(told)) = e.envelope().await.message {
            break assert_eq!(told, update);
        }
    }
    check("", &["plain words", race]).await;
}

#[tokio::test]
async fn bad_ids_and_presences_are_refused() {
    let server = Server::start().await;
    for format in [Format::Json, Format::Protobuf] {
        let mut a = server.socket(&server.log_in("ada").await.token, format).await;
        let party_id = create(&mut a, true, "", false).await.party_id;
        let nobody = UserPresence { session_id: "nobody".into(), ..UserPresence::default() };
        let cases = [
            Message::PartyJoin(PartyJoin { party_id: "nonsense".into() }),
            Message::PartyLeave(PartyLeave { party_id: party_id.trim_end_matches('.').into() }),
            Message::PartyDataSend(PartyDataSend { party_id: String::new(), ..Default::default() }),
            Message::PartyPromote(PartyPromote { party_id: party_id.clone(), presence: Some(nobody) }),
            Message::PartyPromote(PartyPromote { party_id, presence: None }),
            Message::PartyCreate(PartyCreate { label: "x".repeat(2_049), ..Default::default() }),
            Message::PartyCreate(PartyCreate { max_size: -1, ..Default::default() }),
        ];
        for case in cases {
            a.send("case", case.clone()).await;
            let refused = a.answer("case").await;
            assert!(
                matches!(&refused, Some(Message::Error(error)) if error.code == 3),
                "{case:?}: {refused:?}"
            );
        }
    }
}
