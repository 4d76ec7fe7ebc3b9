//! The payload header: golden bytes, any bytes, and there and back.

#![allow(clippy::unwrap_used)] // a test may stop at a surprise

use proptest::collection::vec;
use proptest::prelude::*;
use wire::payload::{
    Accepted, Closing, ClosingCode, Command, Flags, Kind, Payload, PayloadError, Refused, Updates, View,
};

const ID: u128 = 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10;

#[test]
fn golden_bytes() {
    let check = |bytes: &[u8], expected: &[u8], kind: Kind| {
        assert_eq!(bytes, expected);
        assert_eq!(Payload::decode(bytes).unwrap().kind(), kind);
        assert_eq!(i64::from(bytes[1]), kind.op_code());
    };
    let id: Vec<u8> = (1..=16).collect();
    let mut out = Vec::new();
    Command { flags: Flags::MESSAGE_PACK, id: ID, seen: 0x0201, body: &[0xaa] }.write(&mut out);
    check(&out, &[&[1, 1, 1, 0], &id[..], &[1, 2, 0, 0, 0, 0, 0, 0, 0xaa]].concat(), Kind::Command);
    check(
        &Accepted { id: ID, seq: 7 }.to_bytes(),
        &[&[1, 2, 0, 0], &id[..], &[7, 0, 0, 0, 0, 0, 0, 0]].concat(),
        Kind::Accepted,
    );
    out.clear();
    Refused { id: ID, code: 101, reason: "no" }.write(&mut out);
    check(&out, &[&[1, 3, 0, 0], &id[..], &[101, 0], b"no"].concat(), Kind::Refused);
    out.clear();
    View { flags: Flags::NONE, step: 1, seq: 2, at_ms: -1, seat: 3, token: "t", body: b"v" }.write(&mut out);
    let numbers = [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
    check(&out, &[&[1, 4, 0, 0], &numbers[..], &[3, 0, 0, 0, 1], b"tv"].concat(), Kind::View);
    out.clear();
    Updates::write_head(&mut out, Flags::NONE, 1, 2, -1);
    Updates::write_one(&mut out, b"ab");
    Updates::write_one(&mut out, b"");
    check(&out, &[&[1, 5, 0, 0], &numbers[..], &[2, 0, 0, 0], b"ab", &[0, 0, 0, 0]].concat(), Kind::Updates);
    out.clear();
    Closing { code: ClosingCode::TooSlow as u16, token: "tok", reason: "slow" }.write(&mut out);
    check(&out, &[&[1, 6, 0, 0, 3, 0, 3][..], b"tokslow"].concat(), Kind::Closing);
}

#[test]
fn bad_payloads_are_refused() {
    let check =
        |bytes: &[u8], expected: PayloadError| assert_eq!(Payload::decode(bytes), Err(expected), "{bytes:?}");
    check(&[], PayloadError::Short);
    check(&[1, 1, 0], PayloadError::Short);
    check(&[2, 1, 0, 0], PayloadError::Version(2));
    check(&[1, 1, 4, 0], PayloadError::Flags(4));
    check(&[1, 1, 0, 9], PayloadError::Reserved);
    check(&[1, 0, 0, 0], PayloadError::Kind(0));
    check(&[1, 7, 0, 0], PayloadError::Kind(7));
    check(&[1, 2, 0, 0, 0], PayloadError::Short);
    check(&[[1, 3, 0, 0].as_slice(), &[0; 18], &[0xff]].concat(), PayloadError::Text);
    check(&[[1, 4, 0, 0].as_slice(), &[0; 28], &[5, b'a']].concat(), PayloadError::Short);
    check(&[[1, 4, 0, 0].as_slice(), &[0; 28], &[2, 0xc3, 0xa9]].concat(), PayloadError::Text);
    check(&[[1, 5, 0, 0].as_slice(), &[0; 24], &[9, 0, 0, 0, 1]].concat(), PayloadError::Updates);
    check(&[[1, 5, 0, 0].as_slice(), &[0; 24], &[9, 0]].concat(), PayloadError::Updates);
}

#[test]
fn clients_send_plain_commands_only() {
    let mut deflated = Vec::new();
    Command { flags: Flags::DEFLATE, id: ID, seen: 0, body: &[] }.write(&mut deflated);
    assert_eq!(Payload::decode_command(&deflated), Err(PayloadError::Flags(2)));
    assert_eq!(Payload::decode_command(&Accepted { id: 1, seq: 1 }.to_bytes()), Err(PayloadError::Kind(2)));
}

#[test]
fn what_does_not_fit_is_cut() {
    let mut out = Vec::new();
    Refused { id: 0, code: 1, reason: &"é".repeat(1000) }.write(&mut out);
    let Ok(Payload::Refused(refused)) = Payload::decode(&out) else { panic!("no refusal") };
    assert_eq!(refused.reason, "é".repeat(256));
    out.clear();
    View { flags: Flags::NONE, step: 0, seq: 0, at_ms: 0, seat: 0, token: &"t".repeat(256), body: b"v" }
        .write(&mut out);
    let Ok(Payload::View(view)) = Payload::decode(&out) else { panic!("no view") };
    assert_eq!((view.token, view.body), ("", &b"v"[..]));
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes: Vec<u8>) {
        let _ = Payload::decode(&bytes);
    }

    #[test]
    fn any_body_of_a_kind_is_judged(kind in 0u8..8, flags in 0u8..5, body: Vec<u8>) {
        let bytes = [&[1, kind, flags, 0], &body[..]].concat();
        if let Ok(Payload::Updates(updates)) = Payload::decode(&bytes) {
            let total: usize = updates.iter().map(|update| update.len() + 4).sum();
            prop_assert_eq!(total + 28, bytes.len());
        }
    }

    #[test]
    fn decode_undoes_encode(
        id: u128, seen: u64, at_ms: i64, seat: u32, code: u16, body: Vec<u8>, reason in "\\PC{0,80}",
        token in "[ -~]{0,255}", updates in vec(any::<Vec<u8>>(), 0..8), packed: bool,
    ) {
        let flags = if packed { Flags::MESSAGE_PACK } else { Flags::NONE };
        let mut out = Vec::new();
        let command = Command { flags, id, seen, body: &body };
        command.write(&mut out);
        prop_assert_eq!(Payload::decode_command(&out), Ok(command));
        out.clear();
        let accepted = Accepted { id, seq: seen };
        accepted.write(&mut out);
        prop_assert_eq!(Payload::decode(&out), Ok(Payload::Accepted(accepted)));
        out.clear();
        let refused = Refused { id, code, reason: &reason };
        refused.write(&mut out);
        prop_assert_eq!(Payload::decode(&out), Ok(Payload::Refused(refused)));
        out.clear();
        let view = View { flags, step: seen, seq: seen / 2, at_ms, seat, token: &token, body: &body };
        view.write(&mut out);
        prop_assert_eq!(Payload::decode(&out), Ok(Payload::View(view)));
        out.clear();
        let closing = Closing { code, token: &token, reason: &reason };
        closing.write(&mut out);
        prop_assert_eq!(Payload::decode(&out), Ok(Payload::Closing(closing)));
        out.clear();
        Updates::write_head(&mut out, flags, seen, seen, at_ms);
        for update in &updates {
            Updates::write_one(&mut out, update);
        }
        let Ok(Payload::Updates(found)) = Payload::decode(&out) else {
            return Err(TestCaseError::fail("no updates"));
        };
        prop_assert_eq!((found.flags, found.step, found.seq, found.at_ms), (flags, seen, seen, at_ms));
        prop_assert!(found.iter().eq(updates.iter().map(Vec::as_slice)));
    }
}
