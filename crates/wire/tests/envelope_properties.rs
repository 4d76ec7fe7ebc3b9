//! The envelope's decoders against any bytes, and the quick readers against the general ones.

#![allow(clippy::unwrap_used)] // a test may stop at a surprise

mod made;

use made::{Make, Source};
use proptest::collection::vec;
use proptest::prelude::*;
use wire::envelope::{
    DecodeError, Envelope, Format, Incoming, MatchData, MatchDataOut, MatchDataSend, MatchDataView, Message,
};

const FORMATS: [Format; 2] = [Format::Json, Format::Protobuf];

fn envelope() -> impl Strategy<Value = Envelope> {
    vec(any::<u8>(), 0..400).prop_map(|bytes| Envelope::make(&mut Source(&bytes)))
}

/// What the quick path says must be what the general path says.
fn same_answer(format: Format, frame: &[u8]) -> Result<(), TestCaseError> {
    let general = Envelope::decode_from(format, frame);
    for from_client in [true, false] {
        let mut scratch = Vec::new();
        let quick = if from_client {
            Incoming::from_client(format, frame, &mut scratch)
        } else {
            Incoming::from_server(format, frame, &mut scratch)
        };
        match quick {
            Ok(Incoming::MatchData { cid, data }) => {
                let general =
                    general.as_ref().map_err(|e| TestCaseError::fail(format!("only quick: {e}")))?;
                prop_assert_eq!(cid, &general.cid);
                match &general.message {
                    Some(Message::MatchDataSend(m)) if from_client => {
                        prop_assert_eq!(data, MatchDataView::from(m));
                        prop_assert!(m.presences.is_empty());
                    }
                    Some(Message::MatchData(m)) if !from_client => {
                        prop_assert_eq!(data, MatchDataView::from(m));
                        prop_assert!(m.presence.is_none());
                    }
                    other => prop_assert!(false, "the general way says {other:?}"),
                }
            }
            Ok(Incoming::Other(envelope)) => prop_assert_eq!(&envelope, general.as_ref().unwrap()),
            Err(_) => prop_assert!(general.is_err()),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn decode_undoes_encode(envelope in envelope()) {
        for format in FORMATS {
            let bytes = envelope.to_bytes(format);
            prop_assert_eq!(&Envelope::decode_from(format, &bytes).unwrap(), &envelope);
            same_answer(format, &bytes)?;
        }
    }

    #[test]
    fn every_kind_survives_both_formats(bytes in vec(any::<u8>(), 0..2000)) {
        for message in made::one_of_each(&mut Source(&bytes)) {
            let envelope = Envelope::new("1", message);
            let via_json = Envelope::decode_from(Format::Json, &envelope.to_bytes(Format::Json)).unwrap();
            let via_both =
                Envelope::decode_from(Format::Protobuf, &via_json.to_bytes(Format::Protobuf)).unwrap();
            prop_assert_eq!(via_both, envelope);
        }
    }

    #[test]
    fn any_bytes_in_any_message_are_judged(tag in 1u32..64, bytes in vec(any::<u8>(), 0..120)) {
        let mut frame = Vec::new();
        prost::encoding::encode_key(tag, prost::encoding::WireType::LengthDelimited, &mut frame);
        prost::encoding::encode_varint(bytes.len() as u64, &mut frame);
        frame.extend_from_slice(&bytes);
        same_answer(Format::Protobuf, &frame)?;
        if let Ok(envelope) = Envelope::decode_from(Format::Protobuf, &frame) {
            // What was read can be told in both formats, whatever its numbers are.
            for format in FORMATS {
                prop_assert!(Envelope::decode_from(format, &envelope.to_bytes(format)).is_ok());
            }
        }
    }

    #[test]
    fn any_bytes_are_judged(bytes: Vec<u8>) {
        for format in FORMATS {
            same_answer(format, &bytes)?;
        }
    }

    #[test]
    fn damaged_envelopes_are_judged_the_same(
        envelope in envelope(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        for format in FORMATS {
            let mut bytes = envelope.to_bytes(format);
            if !bytes.is_empty() {
                for (index, byte) in &damage {
                    let len = bytes.len();
                    bytes[index.index(len)] = *byte;
                }
            }
            same_answer(format, &bytes)?;
            same_answer(format, &bytes[..cut.index(bytes.len() + 1)])?;
        }
    }

    #[test]
    fn json_from_tokens_is_judged_the_same(tokens in vec(prop::sample::select(vec![
        "{", "}", "[", "]", ":", ",", " ", "\"cid\"", "\"1\"", "\"match_data_send\"", "\"match_data\"",
        "\"match_id\"", "\"op_code\"", "\"data\"", "\"AQID\"", "\"AQI\"", "\"A\"", "\"_-8\"", "\"reliable\"", "true",
        "false", "null", "12", "-1", "01", "1.0", "1e3", "\"9223372036854775807\"", "\"presences\"", "\"presence\"",
        "\"\\u0041\"", "\"é\"",
    ]), 0..24)) {
        same_answer(Format::Json, tokens.concat().as_bytes())?;
    }

    #[test]
    fn match_data_from_parts_is_judged_the_same(
        cid_first: bool,
        fields in vec(prop::sample::select(vec![
            r#""match_id":"a.b""#, r#""match_id":"\"""#, r#""match_id":null"#, r#""op_code":"12""#, r#""op_code":7"#,
            r#""op_code":-7"#, r#""op_code":"""#, r#""op_code":1.0"#, r#""op_code":123456789012345678901"#,
            r#""data":"AQID""#, r#""data":"AQI=""#, r#""data":"AQI""#, r#""data":"AR""#, r#""data":"A\/8=""#, r#""data":null"#,
            r#""data":"_-8""#, r#""data":"!""#, r#""reliable":true"#, r#""reliable":false"#, r#""reliable":1"#,
            r#""presences":[]"#, r#""presences":[ ]"#, r#""presences":[{}]"#, r#""presence":[]"#, r#""presence":{}"#,
            r#""other":{"a":[1]}"#,
        ]), 0..5),
    ) {
        for key in ["match_data_send", "match_data"] {
            let body = fields.join(" , ");
            let text = if cid_first {
                format!(r#"{{"cid":"é","{key}":{{{body}}}}}"#)
            } else {
                format!(r#"{{"{key}":{{{body}}},"cid":"1"}} "#)
            };
            same_answer(Format::Json, text.as_bytes())?;
        }
    }

    #[test]
    fn quick_writers_agree_with_the_general_ones(match_id in "[ -!#-\\[\\]-~]{0,60}", op_code: i64, data: Vec<u8>) {
        let op_code = if op_code == 0 { 1 } else { op_code };
        let data = if data.is_empty() { vec![0] } else { data };
        let match_id = format!("m{match_id}");
        let to_client = Envelope::new("", Message::MatchData(MatchData {
            match_id: match_id.clone(), op_code, data: data.clone(), reliable: true, presence: None,
        }));
        let to_server = Envelope::new("", Message::MatchDataSend(MatchDataSend {
            match_id: match_id.clone(), op_code, data: data.clone(), ..MatchDataSend::default()
        }));
        for format in FORMATS {
            for (out, expected) in [
                (MatchDataOut::new(&match_id, op_code, &data), &to_client),
                (MatchDataOut::sent(&match_id, op_code, &data), &to_server),
            ] {
                let mut bytes = Vec::new();
                out.write(format, &mut bytes);
                prop_assert_eq!(&bytes, &expected.to_bytes(format));
                prop_assert_eq!(out.len(format), bytes.len());
            }
        }
    }
}

#[test]
fn bad_json_is_refused() {
    let check = |text: &str, refused: bool| {
        assert_eq!(Envelope::decode_from(Format::Json, text.as_bytes()).is_err(), refused, "{text}");
    };
    check("", true);
    check("[]", true);
    check("null", true);
    check(r#"{"ping":[]}"#, true);
    check(r#"{"match_leave":["m"]}"#, true);
    check(r#"{"match_leave":"m"}"#, true);
    check("{", true);
    check(r#"{"cid":1}"#, true);
    check(r#"{"cid":null,"ping":null}"#, false);
    check(r#"{"cid":"1","cid":"2"}"#, true);
    check(r#"{"ping":{},"pong":{}}"#, true);
    check(r#"{"unheard_of":{"a":[]},"ping":{"b":1}}"#, false);
    check(r#"{"match_data_send":{"match_id":7}}"#, true);
    check(r#"{"match_data_send":{"op_code":"1.5"}}"#, true);
    check(r#"{"match_data_send":{"op_code":1.5}}"#, true);
    check(r#"{"match_data_send":{"op_code":"9223372036854775808"}}"#, true);
    check(r#"{"match_data_send":{"op_code":"-9223372036854775808"}}"#, false);
    check(r#"{"match_data_send":{"data":"not base64!"}}"#, true);
    check(r#"{"match_join":{"metadata":{"a":1}}}"#, true);
    check(r#"{"match_join":{"metadata":null}}"#, false);
    check("{\"cid\":\"\u{1}\"}", true);
}

#[test]
fn deep_nesting_is_refused_before_parsing() {
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(2000), "]".repeat(2000));
    assert!(matches!(Envelope::decode_from(Format::Json, deep.as_bytes()), Err(DecodeError::TooDeep)));
    let hidden = format!(r#"{{"cid":"{}"}}"#, "[".repeat(2000));
    assert_eq!(Envelope::decode_from(Format::Json, hidden.as_bytes()).unwrap().cid.len(), 2000);
    // Groups are protobuf's only way to nest without a schema.
    let groups = vec![0x0b; 100_000];
    assert!(Envelope::decode_from(Format::Protobuf, &groups).is_err());
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    assert!(Envelope::decode_from(Format::Json, b"{\"cid\":\"\xff\"}").is_err());
    assert!(Envelope::decode_from(Format::Protobuf, b"\x0a\x01\xff").is_err());
    let mut scratch = Vec::new();
    assert!(
        Incoming::from_client(Format::Json, b"{\"cid\":\"\xff\",\"match_data_send\":{}}", &mut scratch)
            .is_err()
    );
}
