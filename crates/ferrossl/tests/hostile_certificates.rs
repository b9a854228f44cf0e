//! Certificates and CRLs with any byte changed, cut or doubled: read or refused, never a panic, and never
//! taken for what they are not.

use std::sync::Arc;

use ferrossl::trust::Bundle;
use ferrossl::verify::{ChainEnd, ExpectedName, IssuerSearch, Policy, Purpose, Strictness, Verification};
use ferrossl::x509::{self, Certificate, RevocationList};
use ferrossl::{TrustStore, pem};
use ferrossl_testkit::{KeyKind, Leaf, Pki};
use proptest::prelude::*;

const NOW: i64 = 1_800_000_000;

struct Chain {
    leaf: Vec<u8>,
    root: Vec<u8>,
}

fn chain() -> Chain {
    let pki = Pki::with_key(KeyKind::P256);
    let names = ["a.test", "*.b.test", "10.0.0.1", "::1"].map(str::to_owned).to_vec();
    let leaf = pki.issue(&Leaf { names, days: 20_000, start_days: -20_000, ..Leaf::default() });
    let root = x509::certificates_from_pem(pki.authority_pem().as_bytes()).unwrap();
    Chain { leaf: leaf.chain()[0].der().to_vec(), root: root[0].der().to_vec() }
}

/// One change to some bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Cut(usize),
    Repeat(usize, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        6 => (any::<usize>(), any::<u8>()).prop_map(|(place, byte)| Change::Set(place, byte)),
        1 => any::<usize>().prop_map(Change::Cut),
        1 => (any::<usize>(), 1..40usize).prop_map(|(place, length)| Change::Repeat(place, length)),
    ];
    proptest::collection::vec(change, 1..4)
}

fn apply(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for change in changes {
        let length = bytes.len().max(1);
        match *change {
            Change::Set(place, byte) => {
                if let Some(target) = bytes.get_mut(place % length) {
                    *target = byte;
                }
            }
            Change::Cut(place) => bytes.truncate(place % length),
            Change::Repeat(place, count) => {
                let start = place % length;
                let end = (start + count).min(bytes.len());
                let piece = bytes[start.min(end)..end].to_vec();
                bytes.splice(start.min(end)..start.min(end), piece);
            }
        }
    }
    bytes
}

/// Everything that is ever asked of a certificate.
fn look_at(certificate: &Certificate) {
    let _ = (certificate.serial_text(), certificate.subject().rdns(), certificate.issuer().one_line());
    let _ = (certificate.not_before().openssl_text(), certificate.not_after().openssl_text());
    let _ = (certificate.extensions().crl_uris().count(), certificate.public_key().security_bits());
    let _ = format!("{certificate:?}");
}

fn trusting(der: &[u8]) -> TrustStore {
    let mut store = TrustStore::new();
    if let Ok(bundle) = Bundle::from_der(der) {
        store.add_bundle(Arc::new(bundle));
    }
    store
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_changed_leaf_does_not_verify(changes in changes()) {
        let chain = chain_once();
        let changed = apply(&chain.leaf, &changes);
        let Ok(leaf) = Certificate::from_der(&changed) else { return Ok(()) };
        look_at(&leaf);
        let expected = ExpectedName::Host("a.test".into());
        let mut strict = Policy::default();
        (strict.strictness, strict.chain_end) = (Strictness::Rfc5280, ChainEnd::AnyTrusted);
        for policy in [Policy::default(), strict] {
            let verdict = Verification::new(Arc::new(leaf.clone()), &trusting(&chain.root), Purpose::Server, NOW)
                .with_policy(policy)
                .with_expected_name(&expected)
                .run();
            // Every byte is signed, or is the signature, or says how it was made. (ECDSA's signature is two
            // integers in DER, which has one encoding only.)
            prop_assert!(verdict.is_err() || changed == chain.leaf, "{changes:?}");
        }
    }

    #[test]
    fn a_changed_root_is_read_or_refused(changes in changes()) {
        let chain = chain_once();
        let changed = apply(&chain.root, &changes);
        if let Ok(root) = Certificate::from_der(&changed) {
            look_at(&root);
        }
        let leaf = Arc::new(Certificate::from_der(&chain.leaf).unwrap());
        let _ = Verification::new(leaf, &trusting(&changed), Purpose::Server, NOW).run();
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Certificate::from_der(&bytes);
        let _ = RevocationList::from_der(&bytes);
        let _ = Bundle::from_der(&bytes);
        let _ = x509::trust_from_pem(pem::encode("X509 CRL", &bytes).as_bytes());
        let _ = x509::trust_from_pem(pem::encode("TRUSTED CERTIFICATE", &bytes).as_bytes());
    }
}

/// The same chain for all cases: making one takes longer than verifying it.
fn chain_once() -> &'static Chain {
    static CHAIN: std::sync::LazyLock<Chain> = std::sync::LazyLock::new(chain);
    &CHAIN
}

#[test]
fn the_chain_is_good_as_it_is() {
    let chain = chain_once();
    let leaf = Arc::new(Certificate::from_der(&chain.leaf).unwrap());
    let expected = ExpectedName::Host("x.b.test".into());
    let verified = Verification::new(leaf, &trusting(&chain.root), Purpose::Server, NOW)
        .with_expected_name(&expected)
        .run()
        .unwrap();
    assert_eq!(verified.certificates().len(), 2);
}

/// Where the peer's certificates come first and there are none, the trust store is asked all the same.
#[test]
fn the_trust_store_is_asked_where_the_peer_has_sent_nothing() {
    let chain = chain_once();
    let mut policy = Policy::default();
    policy.issuer_search = IssuerSearch::PeerFirst;
    for untrusted in [vec![], vec![Arc::new(Certificate::from_der(&chain.root).unwrap())]] {
        let leaf = Arc::new(Certificate::from_der(&chain.leaf).unwrap());
        let trust = trusting(&chain.root);
        let verification = Verification::new(leaf, &trust, Purpose::Server, NOW)
            .with_policy(policy)
            .with_untrusted(&untrusted);
        assert_eq!(verification.run().unwrap().certificates().len(), 2);
    }
}
