//! The security level: least strength of keys and of the digests under signatures
//! (`check_key_level`, `check_sig_level` of `x509_vfy.c`).

use std::sync::Arc;

use crate::error::{VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::verify::{Policy, failure};
use crate::x509::Certificate;

/// Bits that each level asks for (`minbits_table`).
const LEAST_BITS: [u16; 5] = [80, 112, 128, 192, 256];

pub(crate) fn least_bits(level: u8) -> u16 {
    match level {
        0 => 0,
        level => LEAST_BITS[usize::from(level).min(LEAST_BITS.len()) - 1],
    }
}

/// The leaf's key is looked at before anything else.
pub(super) fn check_leaf_key(leaf: &Arc<Certificate>, policy: &Policy) -> Result<(), VerificationError> {
    check(key_bits(leaf), policy, VerifyCode::EeKeyTooSmall, std::slice::from_ref(leaf), 0)
}

/// The issuers' keys, and every signature but the trust anchor's own.
pub(super) fn check_chain(chain: &[Arc<Certificate>], policy: &Policy) -> Result<(), VerificationError> {
    for (depth, certificate) in chain.iter().enumerate() {
        if depth > 0 {
            check(key_bits(certificate), policy, VerifyCode::CaKeyTooSmall, chain, depth)?;
        }
        if depth + 1 < chain.len() {
            let bits = certificate.signature_algorithm().security_bits();
            check(bits, policy, VerifyCode::CaMdTooWeak, chain, depth)?;
        }
    }
    Ok(())
}

fn key_bits(certificate: &Certificate) -> u16 {
    // A key of an unknown kind has no strength to speak of, as in OpenSSL.
    certificate.public_key().security_bits().unwrap_or(0)
}

fn check(
    bits: u16,
    policy: &Policy,
    code: VerifyCode,
    chain: &[Arc<Certificate>],
    depth: usize,
) -> Result<(), VerificationError> {
    let least = least_bits(policy.security_level);
    if bits >= least {
        return Ok(());
    }
    Err(VerificationError {
        detail: VerificationDetail::Strength { bits, least },
        ..failure(code, chain, depth)
    })
}
