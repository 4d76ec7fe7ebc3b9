//! Which part of an update each of its keys takes.

/// The MessagePack of a body.
pub fn plain(body: &[u8]) -> Vec<u8> {
    match body[0] {
        0 => body[1..].to_vec(),
        _ => miniz_oxide::inflate::decompress_to_vec(&body[1..]).expect("it was deflated here"),
    }
}

/// The entries of a map of MessagePack with numbers for keys.
pub fn entries(pack: &[u8]) -> Vec<(u64, &[u8])> {
    let (count, mut at) = match pack[0] {
        0xDE => (usize::from(pack[1]) << 8 | usize::from(pack[2]), 3),
        small => (usize::from(small & 0x0F), 1),
    };
    (0..count)
        .map(|_| {
            let key = u64::from(pack[at]);
            at += 1;
            let start = at;
            at = after(pack, at);
            (key, &pack[start..at])
        })
        .collect()
}

/// Where the value that begins here ends.
fn after(pack: &[u8], at: usize) -> usize {
    let wide =
        |bytes: usize| pack[at + 1..at + 1 + bytes].iter().fold(0, |n, byte| n << 8 | usize::from(*byte));
    let list = |count: usize, start: usize| (0..count).fold(start, |at, _| after(pack, at));
    match pack[at] {
        0x90..=0x9F => list(usize::from(pack[at] & 0x0F), at + 1),
        0xDC => list(wide(2), at + 3),
        0xDD => list(wide(4), at + 5),
        0xC4 => at + 2 + wide(1),
        0xC5 => at + 3 + wide(2),
        0xC6 => at + 5 + wide(4),
        0xCC => at + 2,
        0xCD => at + 3,
        0xCE => at + 5,
        0xCF => at + 9,
        _ => at + 1,
    }
}
