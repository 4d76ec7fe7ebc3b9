use proptest::prelude::*;

use super::*;

const ROOM: RoomId = RoomId(7);

fn rules() -> RulesId {
    RulesId { name: "ledger".into(), version: 3, content: Hash128([9; 16]) }
}

fn any_kind() -> impl Strategy<Value = proto::Kind> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from);
    prop_oneof![
        (bytes(), any::<u64>()).prop_map(|(setup, seed)| proto::Kind::Open(proto::Open { setup, seed })),
        any::<u32>().prop_map(proto::Kind::Join),
        any::<u32>().prop_map(proto::Kind::Leave),
        (any::<u32>(), prop_oneof![Just(Bytes::new()), Just(Bytes::from_static(&[1; 16]))], bytes())
            .prop_map(|(seat, id, body)| proto::Kind::Command(proto::Command { seat, id, body })),
        Just(proto::Kind::Advance(proto::Nothing {})),
        (any::<u64>(), any::<u32>(), bytes()).prop_map(|(seq, index, body)| proto::Kind::Message(
            proto::Message { from: Bytes::from_static(&[5; 16]), seq, index, body }
        )),
        (any::<u64>(), any::<u32>(), 0u32..3).prop_map(|(seq, index, code)| proto::Kind::EffectResult(
            proto::EffectResult {
                seq,
                index,
                code,
                reason: if code == 0 { String::new() } else { "no".into() }
            }
        )),
        Just(proto::Kind::Migrate(proto::Nothing {})),
        any::<u64>().prop_map(proto::Kind::Rewind),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        first in 1u64..1 << 60,
        records in prop::collection::vec((0u64..5_000, 0u64..9, any_kind()), 1..30),
        hash in any::<Option<[u8; 16]>>(),
    ) {
        let records: Vec<_> = records.into_iter().map(|(ms, step, kind)| proto::Record { ms, step, input: Some(kind) }).collect();
        let mut writer = RowWriter::default();
        let mut expected = Vec::new();
        // Times never go back, so that differences to the first are never negative.
        let mut at = At { ms: 1_700_000_000_000, step: 4 };
        for (record, seq) in records.iter().zip(first..) {
            at = At { ms: at.ms + record.ms as i64, step: at.step + record.step };
            let input = proto::to_input(record).unwrap();
            writer.push(Seq(seq), at, &input);
            expected.push((Seq(seq), at, input));
        }
        let row = writer.finish(ROOM, &rules(), hash.map(Hash128)).unwrap();
        prop_assert!(writer.is_empty());
        let read = ReadRow::read(ROOM, &row).unwrap();
        prop_assert_eq!(&read.rules, &rules());
        prop_assert_eq!(read.hash, hash.map(Hash128));
        prop_assert_eq!(read.inputs().collect::<Result<Vec<_>, _>>().unwrap(), expected);
    }

    #[test]
    fn commands_are_written_as_prost_would(ms in any::<u32>(), step in any::<u32>(), seat in any::<u32>(), id in any::<u128>(), body in prop::collection::vec(any::<u8>(), 0..300)) {
        let input = Input::Command { seat: Seat(seat), id: CommandId(id), body: &body };
        let mut writer = RowWriter { first: Some((Seq(1), At::default())), ..RowWriter::default() };
        writer.push(Seq(2), At { ms: ms.into(), step: step.into() }, &input);
        let record = proto::Record { ms: ms.into(), step: step.into(), input: Some(proto::of_input(&input)) };
        let expected = proto::Chunk { records: vec![record], ..Default::default() }.encode_to_vec();
        prop_assert_eq!(writer.records, expected);
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200), first in any::<u64>(), last in any::<u64>()) {
        let (first, last) = (Seq(first), Seq(last));
        let row = Row { first, last, sum: row_sum(ROOM, first, last, &body), body: body.into() };
        if let Ok(read) = ReadRow::read(ROOM, &row) {
            read.inputs().for_each(drop);
        }
    }

    #[test]
    fn a_changed_byte_is_found(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut writer = RowWriter::default();
        writer.push(Seq(1), At::default(), &Input::Open { setup: b"{}", seed: 1 });
        writer.push(Seq(2), At::default(), &Input::Join { seat: Seat(0) });
        let mut row = writer.finish(ROOM, &rules(), None).unwrap();
        let mut body = row.body.to_vec();
        body[at.index(row.body.len())] ^= 1 << bit;
        row.body = body.into();
        prop_assert!(ReadRow::read(ROOM, &row).is_err());
    }
}

#[test]
fn a_row_in_a_wrong_place_is_found() {
    let mut writer = RowWriter::default();
    writer.push(Seq(5), At::default(), &Input::Advance);
    let row = writer.finish(ROOM, &rules(), None).unwrap();
    assert!(ReadRow::read(ROOM, &row).is_ok());
    assert!(ReadRow::read(RoomId(8), &row).is_err());
    assert!(ReadRow::read(ROOM, &Row { first: Seq(6), last: Seq(6), ..row }).is_err());
}
