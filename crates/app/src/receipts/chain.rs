//! Whose certificate signed it? A chain from a signer up to a root that the operator gave, with the mark that says what the
//! signer is for. The root alone is not enough: Apple's issues certificates to developers, too.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::der::next;

/// Certificates in a chain.
const CHAIN_MAX: usize = 4;
/// The mark of a signer of receipts: 1.2.840.113635.100.6.11.1.
pub const RECEIPT_MARK: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x06, 0x0b, 0x01];
/// A key on P-256 begins like this in a certificate; its point of 65 bytes follows.
const P256_SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The signer's key, as its point on P-256. Nothing is known about it until [`is_trusted`].
pub fn point(signer: &[u8]) -> Option<Vec<u8>> {
    let der = CertificateDer::from(signer);
    let certificate = EndEntityCert::try_from(&der).ok()?;
    let spki = certificate.subject_public_key_info();
    Some(spki.as_ref().strip_prefix(P256_SPKI)?.to_vec())
}

/// Does the chain (the signer's own certificate first) lead to `root`, was it good at that time, and is the signer one of
/// receipts?
pub fn is_trusted(chain: &[Vec<u8>], root: &[u8], at_ms: i64) -> bool {
    let Some((signer, others)) = chain.split_first() else { return false };
    if chain.len() > CHAIN_MAX || !has_mark(signer, RECEIPT_MARK) {
        return false;
    }
    let root = CertificateDer::from(root);
    let signer = CertificateDer::from(signer.as_slice());
    let others: Vec<_> = others.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let (Ok(anchor), Ok(certificate)) = (anchor_from_trusted_cert(&root), EndEntityCert::try_from(&signer))
    else {
        return false;
    };
    let at = UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(at_ms).unwrap_or(0)));
    let ways = [
        webpki::ring::ECDSA_P256_SHA256,
        webpki::ring::ECDSA_P256_SHA384,
        webpki::ring::ECDSA_P384_SHA256,
        webpki::ring::ECDSA_P384_SHA384,
        webpki::ring::RSA_PKCS1_2048_8192_SHA256,
    ];
    let usage = KeyUsage::required_if_present(RECEIPT_MARK);
    certificate.verify_for_usage(&ways, &[anchor], &others, at, usage, None, None).is_ok()
}

/// Has the certificate an extension of this name?
fn has_mark(der: &[u8], mark: &[u8]) -> bool {
    extensions(der).is_some_and(|mut rest| {
        while let Some((0x30, extension)) = next(&mut rest) {
            let mut parts = extension;
            if next(&mut parts) == Some((0x06, mark)) {
                return true;
            }
        }
        false
    })
}

/// The list of a certificate's extensions (RFC 5280: the third tagged field of what is signed).
fn extensions(der: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut tagged) = (der, &[][..]);
    let (0x30, mut certificate) = next(&mut rest)? else { return None };
    let (0x30, mut signed) = next(&mut certificate)? else { return None };
    while let Some((tag, value)) = next(&mut signed) {
        if tag == 0xa3 {
            tagged = value;
        }
    }
    let (0x30, list) = next(&mut tagged)? else { return None };
    Some(list)
}
