//! Keys that are refused, whatever a trust store says.
//!
//! The intermediates of eMudhra whose private keys became known in 2026. CPython refuses them since 3.14.10 and 3.15.2
//! (gh-160040), until trust stores have removed them; so does this library. The key is what
//! counts, so a certificate that somebody else issues for one of them is refused too.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};

use super::failure;
use crate::error::{VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::x509::Certificate;

/// SHA-256 of the SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), in order.
const KEYS: &[[u8; 32]] = &[
    // A key whose private half the tests have.
    #[cfg(test)]
    hash("324be2dea8bc44461b0233e51fa48902ed6b1cc671e7739af2551e0bfe68f54e"),
    hash("43bffa19d6ef651451f6841e019931e96f6f2eaeff28ab4b6f1ce4576de2717b"),
    hash("49dd353dc2b919a3770645117d0e60c16115e7d1bc259eefe734b00ea434fe5f"),
    hash("5c0660a2b164910d8ff589c18e14552e9e0ec237dcefe2cb736d41a4811f81a0"),
    hash("63ecefee431d49523bc1136c4e72d0206a477086caf606cd5cf025686c109cf8"),
    hash("92c063d67e8f14db71d288e11266ffdaf69cbf115f7bab14f3bc2f68d25e0e30"),
    hash("e0254c7fcdc265e2f0f8a428dabb75ab4ae039b4872d62f5ee57f0877d5a8a41"),
    hash("ebed6475c2c2d80fcb199f3fe8dd6e6b3ce60b77eb15d4e42c3dec0c6f5b5105"),
    hash("ec4ffa1ad0ac88081314b7aaffef6a91f97cd57291bb5ba686c5415f5eb4f6b6"),
];

const fn hash(hex: &str) -> [u8; 32] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => panic!("not a digit of a hash in this table"),
        }
    }
    let text = hex.as_bytes();
    assert!(text.len() == 64, "not a SHA-256 in this table");
    let mut hash = [0; 32];
    let mut index = 0;
    while index < hash.len() {
        hash[index] = digit(text[2 * index]) << 4 | digit(text[2 * index + 1]);
        index += 1;
    }
    hash
}

/// Refuses a chain with such a key in it, looking from the root down as the checks of signatures do.
pub(super) fn check(chain: &[Arc<Certificate>]) -> Result<(), VerificationError> {
    check_against(chain, KEYS)
}

fn check_against(chain: &[Arc<Certificate>], keys: &[[u8; 32]]) -> Result<(), VerificationError> {
    for (depth, certificate) in chain.iter().enumerate().rev() {
        let hash = digest(&SHA256, certificate.public_key().spki());
        if keys.iter().any(|key| key == hash.as_ref()) {
            return Err(VerificationError {
                detail: VerificationDetail::Particular("its key was compromised, and is distrusted for good"),
                ..failure(VerifyCode::CertRejected, chain, depth)
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(name: &str) -> Arc<Certificate> {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        Arc::new(Certificate::from_der(made.cert.der()).unwrap())
    }

    #[test]
    fn the_key_counts_wherever_it_stands() {
        let chain = [certificate("leaf"), certificate("intermediate"), certificate("root")];
        assert_eq!(check(&chain), Ok(()));
        for (depth, member) in chain.iter().enumerate() {
            let key: [u8; 32] =
                digest(&SHA256, member.public_key().spki()).as_ref().try_into().expect("32 bytes");
            let error = check_against(&chain, &[[0; 32], key]).unwrap_err();
            assert_eq!((error.code, error.depth), (VerifyCode::CertRejected, depth));
            assert!(error.hint().contains("compromised"), "{}", error.hint());
        }
    }

    #[test]
    fn a_verification_asks_the_list() {
        use crate::verify::{Purpose, Verification};

        let verdict = |pkcs8: &[u8]| {
            let key = rcgen::KeyPair::try_from(pkcs8).unwrap();
            let parameters = rcgen::CertificateParams::new(vec!["leaf.test".to_owned()]).unwrap();
            let made = parameters.self_signed(&key).unwrap();
            let leaf = Certificate::from_der(made.der()).unwrap();
            let mut store = crate::TrustStore::new();
            store.add_bundle(Arc::new(crate::trust::Bundle::new(vec![leaf.clone()])));
            Verification::new(Arc::new(leaf), &store, Purpose::Server, 1_800_000_000).run()
        };
        // Ed25519 keys in PKCS #8: that of the list's first line, and one of another seed.
        let mut pkcs8 = [&[48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32][..], &[7; 32]].concat();
        assert_eq!(verdict(&pkcs8).unwrap_err().code, VerifyCode::CertRejected);
        pkcs8[47] = 8;
        assert!(verdict(&pkcs8).is_ok());
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let keys = &KEYS[1..];
        assert_eq!(keys.len(), 8);
        assert_eq!(keys[0][..3], [0x43, 0xbf, 0xfa]);
        assert_eq!(keys[7][29..], [0xb4, 0xf6, 0xb6]);
        assert!(keys.is_sorted());
    }
}
