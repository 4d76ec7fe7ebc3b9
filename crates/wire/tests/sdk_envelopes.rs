//! A message of every kind that the published SDK's protobuf adapter knows, as its encoder wrote it, beside the JSON
//! of the same message. The SDK's half of the check is web/tests/unit/envelopes.test.ts.

#![allow(clippy::unwrap_used)] // a test may stop at a surprise

use serde_json::Value;
use std::collections::BTreeSet;
use wire::envelope::{Envelope, Format, Message};

fn rows() -> Vec<(Value, Vec<u8>)> {
    let rows: Vec<Value> = serde_json::from_str(include_str!("sdk_envelopes.json")).unwrap();
    let hex = |text: &str| {
        let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(pair).collect()
    };
    rows.into_iter().map(|row| (row["json"].clone(), hex(row["protobuf"].as_str().unwrap()))).collect()
}

#[test]
fn both_formats_of_every_message_are_the_sdk_s() {
    for (json, protobuf) in rows() {
        let from_json = Envelope::decode_from(Format::Json, json.to_string().as_bytes()).unwrap();
        let from_protobuf = Envelope::decode_from(Format::Protobuf, &protobuf).unwrap();
        assert_eq!(from_json, from_protobuf, "{json}");
        let ours = from_json.to_bytes(Format::Protobuf);
        assert_eq!(Envelope::decode_from(Format::Protobuf, &ours).unwrap(), from_json, "{json}");
        // The SDK spells out zeros inside wrappers and times; ours leave them out, as protobuf allows.
        if !["channel_join", "channel_message", "channel_message_ack", "notifications"]
            .contains(&from_json.message.unwrap().key())
        {
            assert_eq!(ours, protobuf, "{json}");
        }
        let written: Value = serde_json::from_slice(&from_protobuf.to_bytes(Format::Json)).unwrap();
        assert_eq!(written, json);
    }
}

#[test]
fn every_kind_is_there() {
    let there: BTreeSet<_> = rows()
        .into_iter()
        .map(|(_, protobuf)| {
            Envelope::decode_from(Format::Protobuf, &protobuf).unwrap().message.unwrap().key()
        })
        .collect();
    let mut missing: BTreeSet<_> = Message::KEYS.iter().copied().collect();
    missing.retain(|key| !there.contains(key));
    // Newer than the published adapter.
    assert_eq!(missing, BTreeSet::from(["party_update"]));
}
