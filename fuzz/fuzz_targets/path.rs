//! The path validator: any set of certificates gets a verdict, and a verified chain is what it says.
//!
//! The first byte holds the policy, the second how many of the certificates that follow are trusted (from the
//! end; the others are the leaf and what the peer sent), the next four the time in seconds since 1970.

#![no_main]

use std::sync::Arc;

use ferrossl::TrustStore;
use ferrossl::trust::Bundle;
use ferrossl::verify::{
    ChainEnd, CommonName, CrlCheck, ExpectedName, IssuerSearch, Policy, ProxyCertificates, Purpose, Strictness, Verification,
};
use ferrossl::x509::{Certificate, RevocationList};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [flags, trusted, t0, t1, t2, t3, rest @ ..] = bytes else { return };
    let now = i64::from(u32::from_be_bytes([*t0, *t1, *t2, *t3]));
    let (mut certificates, mut lists, mut rest) = (Vec::new(), Vec::new(), rest);
    while let Some(length) = item_length(rest) {
        let (item, tail) = rest.split_at(length);
        if let Ok(certificate) = Certificate::from_der(item) {
            certificates.push(certificate);
        } else if let Ok(list) = RevocationList::from_der(item) {
            lists.push(list);
        }
        rest = tail;
    }
    let first_trusted = certificates.len().saturating_sub(usize::from(*trusted));
    let anchors = certificates.split_off(first_trusted);
    if certificates.is_empty() {
        return;
    }
    let mut store = TrustStore::new();
    store.add_bundle(Arc::new(Bundle::new(anchors.clone()).with_revocation_lists(lists)));
    let sent: Vec<_> = certificates.into_iter().map(Arc::new).collect();
    let expected = ExpectedName::Host("www.example.com".into());
    let verdict = Verification::new(Arc::clone(&sent[0]), &store, Purpose::Server, now)
        .with_untrusted(&sent[1..])
        .with_policy(policy(*flags))
        .with_expected_name(&expected)
        .run();
    if let Ok(chain) = verdict {
        let chain = chain.certificates();
        assert_eq!(chain[0], sent[0]);
        // The last one is trusted, or, with partial chains, the first one is.
        assert!(chain.iter().any(|certificate| anchors.contains(certificate)));
        for pair in chain.windows(2) {
            assert!(pair[0].is_signed_by(pair[1].public_key()));
        }
    }
});

/// The policy that the first byte says.
fn policy(flags: u8) -> Policy {
    let mut policy = Policy::default();
    if flags & 1 != 0 {
        policy.chain_end = ChainEnd::AnyTrusted;
    }
    if flags & 2 != 0 {
        policy.strictness = Strictness::Rfc5280;
    }
    if flags & 4 != 0 {
        policy.issuer_search = IssuerSearch::PeerFirst;
    }
    policy.crl_check = match flags & 24 {
        8 => CrlCheck::Leaf,
        24 => CrlCheck::Chain,
        _ => CrlCheck::None,
    };
    if flags & 32 != 0 {
        policy.proxy_certificates = ProxyCertificates::Allowed;
    }
    if flags & 64 != 0 {
        policy.security_level = 0;
    }
    if flags & 128 != 0 {
        policy.common_name = CommonName::Never;
    }
    policy
}

/// The length of the DER item at the beginning, where its header can be read.
fn item_length(bytes: &[u8]) -> Option<usize> {
    let (&first, rest) = bytes.get(1..)?.split_first()?;
    let (header, length) = if first < 0x80 {
        (2, usize::from(first))
    } else {
        let digits = rest.get(..usize::from(first & 0x7f)).filter(|digits| digits.len() <= 3)?;
        (2 + digits.len(), digits.iter().fold(0, |sum, &digit| sum << 8 | usize::from(digit)))
    };
    (header + length <= bytes.len()).then_some(header + length)
}
