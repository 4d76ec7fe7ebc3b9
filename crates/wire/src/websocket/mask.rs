//! Masking: exclusive-or with a repeating four-byte key. Applying it twice undoes it.

/// Masks or unmasks in place, eight bytes at a time so that the compiler can widen it further.
pub fn apply_mask(bytes: &mut [u8], key: [u8; 4]) {
    let key_word = u64::from(u32::from_ne_bytes(key));
    let key_word = key_word | key_word << 32;
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ key_word).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn same_as_byte_by_byte(bytes: Vec<u8>, key: [u8; 4]) {
            let expected: Vec<u8> = bytes.iter().enumerate().map(|(i, b)| b ^ key[i % 4]).collect();
            let mut masked = bytes;
            apply_mask(&mut masked, key);
            prop_assert_eq!(masked, expected);
        }
    }
}
