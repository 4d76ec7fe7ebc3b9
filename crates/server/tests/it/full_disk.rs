//! A full disk: writes say so and change nothing, reads go on, and all is well when there is space again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use server::serve::start_on;
use store::{CommitFault, Options};
use wire::envelope::{Format, MatchJoin, Message};

use crate::client::{Server, config, games};
use crate::rooms::{join, transfer, verdict};

#[tokio::test]
async fn a_full_disk_is_said_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let full = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&full);
    let fault = move || asked.load(Ordering::SeqCst).then_some(CommitFault::Full);
    let options = Options { fault: Some(Box::new(fault)), ..Options::default() };
    let running = start_on(config(&folder), games(), options).await.unwrap();
    let server = Server { running, folder };

    let ada = server.log_in("ada").await;
    let room = server.ledger(&ada.token).await;
    let mut socket = server.socket(&ada.token, Format::Protobuf).await;
    join(&mut socket, &room).await;
    socket.send("", transfer(&room, 1, 10)).await;
    let first = verdict(&mut socket, 1).await.unwrap();

    full.store(true, Ordering::SeqCst);
    let path = "/v2/account/authenticate/device";
    let refused = server.keyed(path, r#"{"id":"a-new-device"}"#).await;
    assert_eq!((refused.status, refused.json()["code"].as_i64()), (503, Some(14)));
    assert!(refused.text().contains("disk is full"), "{}", refused.text());
    let ready = server.ask("GET", "/readyz", &[], b"").await;
    assert!(matches!(ready.status, 200 | 503), "{}", ready.text());
    assert_eq!(server.keyed(path, r#"{"id":"device-of-ada"}"#).await.status, 200, "a known login only reads");
    assert_eq!(server.get("/v2/account", &ada.token).await.status, 200);
    socket.send("", transfer(&room, 2, 10)).await;
    assert_eq!(verdict(&mut socket, 2).await, Err(6), "not now; sending it again is safe");

    full.store(false, Ordering::SeqCst);
    assert_eq!(server.keyed(path, r#"{"id":"a-new-device"}"#).await.status, 200);
    // The room could not be read meanwhile and sent its clients away; they come back when it can.
    crate::client::soon("the room to open again", async {
        loop {
            let back = MatchJoin { match_id: Some(room.clone()), ..MatchJoin::default() };
            socket.send("back", Message::MatchJoin(back)).await;
            match socket.answer("back").await {
                Some(Message::Match(_)) => return,
                Some(Message::Error(error)) => {
                    assert!(error.message.contains("try again"), "{}", error.message)
                }
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
    socket.send("", transfer(&room, 2, 10)).await;
    let second = verdict(&mut socket, 2).await.unwrap();
    assert!(second > first);
    socket.send("", transfer(&room, 1, 10)).await;
    assert_eq!(verdict(&mut socket, 1).await, Ok(first), "what was acknowledged before is still there");
}
