//! As much of DER as certificates and keys need here: one value after the other.

/// The next value: its tag and its bytes. Lengths of up to three bytes, which is more than anything here has.
pub fn next<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&tag, after) = rest.split_first()?;
    let (&first, mut after) = after.split_first()?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x83 => {
            let (digits, left) = after.split_at_checked(usize::from(first - 0x80))?;
            after = left;
            digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))
        }
        _ => return None,
    };
    let (value, left) = after.split_at_checked(length)?;
    *rest = left;
    Some((tag, value))
}

/// The RSA key (PKCS #1) inside a public key as it is usually handed out (X.509's SubjectPublicKeyInfo).
pub fn rsa_public_key(spki: &[u8]) -> Option<Vec<u8>> {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let mut rest = spki;
    let (0x30, mut inner) = next(&mut rest)? else { return None };
    let (0x30, mut way) = next(&mut inner)? else { return None };
    let (0x03, bits) = next(&mut inner)? else { return None };
    let rsa = next(&mut way)? == (0x06, RSA);
    bits.strip_prefix(&[0]).filter(|_| rsa).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut rest = &bytes[..];
            while let Some((_, value)) = next(&mut rest) {
                prop_assert!(value.len() < bytes.len());
            }
            let _ = rsa_public_key(&bytes);
        }
    }
}
