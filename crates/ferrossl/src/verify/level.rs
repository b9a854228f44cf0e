//! The security level: least strength of keys and of the digests under signatures
//! (`check_key_level`, `check_sig_level` of `x509_vfy.c`).

use std::sync::Arc;

use super::{Policy, failure};
use crate::error::VerificationError;
use crate::openssl_names::verify_codes::VerifyCode;
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
    if policy.security_level > 0 && !key_is_strong(leaf, policy) {
        return Err(failure(VerifyCode::EeKeyTooSmall, std::slice::from_ref(leaf), 0));
    }
    Ok(())
}

/// The issuers' keys, and every signature but the trust anchor's own.
pub(super) fn check_chain(chain: &[Arc<Certificate>], policy: &Policy) -> Result<(), VerificationError> {
    if policy.security_level == 0 {
        return Ok(());
    }
    for (depth, certificate) in chain.iter().enumerate() {
        if depth > 0 && !key_is_strong(certificate, policy) {
            return Err(failure(VerifyCode::CaKeyTooSmall, chain, depth));
        }
        let strength = certificate.signature_algorithm().security_bits();
        if depth + 1 < chain.len() && strength < least_bits(policy.security_level) {
            return Err(failure(VerifyCode::CaMdTooWeak, chain, depth));
        }
    }
    Ok(())
}

fn key_is_strong(certificate: &Certificate, policy: &Policy) -> bool {
    // A key of an unknown kind has no strength to speak of, as in OpenSSL.
    certificate.public_key().security_bits().unwrap_or(0) >= least_bits(policy.security_level)
}
