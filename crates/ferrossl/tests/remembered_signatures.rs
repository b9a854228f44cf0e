//! Signatures that are remembered: what is saved, and that a verdict is never another one for it.

use std::sync::Arc;
use std::thread;

use ferrossl::openssl_names::verify_codes::VerifyCode;
use ferrossl::trust::Bundle;
use ferrossl::verify::{CrlCheck, Policy, Purpose, SignatureCounts, SignatureMemory, Verification};
use ferrossl::x509::{Certificate, RevocationList, certificates_from_pem};
use ferrossl::{Context, TrustStore, VerifyMode};
use ferrossl_testkit::{KeyKind, Leaf, Pair, Pki, contexts};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyIdMethod,
    KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};

const NOW: i64 = 1_800_000_000;

/// An authority of always the same name and key identifier, and of a key of its own.
fn authority() -> (Certificate, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "one name");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.key_identifier_method = KeyIdMethod::PreSpecified(vec![1]);
    let key = KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    (Certificate::from_der(made.der()).unwrap(), Issuer::new(params, key))
}

fn leaf(issuer: &Issuer<'static, KeyPair>) -> Certificate {
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    Certificate::from_der(params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().der()).unwrap()
}

fn revocation_list(issuer: &Issuer<'static, KeyPair>) -> RevocationList {
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(2028, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: vec![],
        key_identifier_method: KeyIdMethod::PreSpecified(vec![1]),
    };
    RevocationList::from_der(params.signed_by(issuer).unwrap().der()).unwrap()
}

/// Of a chain of two, with what the memory has of it.
struct Question<'a> {
    memory: &'a SignatureMemory,
    counts: SignatureCounts,
}

impl Question<'_> {
    fn verdict(&self, leaf: &Certificate, trust: &TrustStore, crl_check: CrlCheck) -> Result<(), VerifyCode> {
        let mut policy = Policy::default();
        policy.crl_check = crl_check;
        Verification::new(Arc::new(leaf.clone()), trust, Purpose::Server, NOW)
            .with_policy(policy)
            .with_memory(self.memory)
            .with_counts(&self.counts)
            .run()
            .map(|_| ())
            .map_err(|error| error.code)
    }

    fn counted(&self) -> (usize, usize) {
        (self.counts.computed(), self.counts.remembered())
    }
}

fn trusting(root: &Certificate, lists: Vec<RevocationList>) -> TrustStore {
    let mut trust = TrustStore::new();
    trust.add_bundle(Arc::new(Bundle::new(vec![root.clone()]).with_revocation_lists(lists)));
    trust
}

/// The certificate with one bit of one byte changed, if it can still be read.
fn changed(certificate: &Certificate, place: usize, bit: u8) -> Option<Certificate> {
    let mut der = certificate.der().to_vec();
    der[place] ^= 1 << bit;
    Certificate::from_der(&der).ok()
}

#[test]
fn no_changed_certificate_is_taken_for_the_one_that_is_remembered() {
    let memory = SignatureMemory::new();
    let question = Question { memory: &memory, counts: SignatureCounts::default() };
    let (root, issuer) = authority();
    let (leaf, trust) = (leaf(&issuer), trusting(&root, vec![]));
    assert_eq!(question.verdict(&leaf, &trust, CrlCheck::None), Ok(()));
    assert_eq!(question.verdict(&leaf, &trust, CrlCheck::None), Ok(()));
    assert_eq!(question.counted(), (1, 1));
    let mut asked = 0;
    for place in 0..leaf.der().len() {
        for bit in [0, 7] {
            if let Some(forged) = changed(&leaf, place, bit) {
                asked += 1;
                assert!(
                    question.verdict(&forged, &trust, CrlCheck::None).is_err(),
                    "byte {place}, bit {bit}"
                );
            }
        }
    }
    assert!(asked > 300, "{asked}");
    // The signature's own bytes stand at the end.
    let last = leaf.der().len() - 1;
    for _ in 0..2 {
        let verdict = question.verdict(&changed(&leaf, last, 0).unwrap(), &trust, CrlCheck::None);
        assert_eq!(verdict, Err(VerifyCode::CertSignatureFailure));
    }
    assert_eq!(question.counts.remembered(), 1, "none of them");
    assert_eq!(question.verdict(&leaf, &trust, CrlCheck::None), Ok(()));
    assert_eq!(question.counts.remembered(), 2);
}

#[test]
fn another_issuers_key_under_the_same_name_is_asked_itself() {
    let memory = SignatureMemory::new();
    let question = Question { memory: &memory, counts: SignatureCounts::default() };
    let ((root, issuer), (other_root, _)) = (authority(), authority());
    let leaf = leaf(&issuer);
    assert_eq!(question.verdict(&leaf, &trusting(&root, vec![]), CrlCheck::None), Ok(()));
    for _ in 0..2 {
        let verdict = question.verdict(&leaf, &trusting(&other_root, vec![]), CrlCheck::None);
        assert_eq!(verdict, Err(VerifyCode::CertSignatureFailure));
    }
    assert_eq!(question.counted(), (3, 0));
}

#[test]
fn dates_and_lists_are_looked_at_each_time() {
    let memory = SignatureMemory::new();
    let question = Question { memory: &memory, counts: SignatureCounts::default() };
    let (root, issuer) = authority();
    let (leaf, trust) = (leaf(&issuer), trusting(&root, vec![revocation_list(&issuer)]));
    for remembered in [0, 2, 4] {
        assert_eq!(question.verdict(&leaf, &trust, CrlCheck::Leaf), Ok(()));
        assert_eq!(question.counted(), (2, remembered), "the leaf's signature and the list's");
    }
    let later = Verification::new(Arc::new(leaf.clone()), &trust, Purpose::Server, i64::from(u32::MAX) * 100)
        .with_memory(&memory)
        .run();
    assert_eq!(later.unwrap_err().code, VerifyCode::CertHasExpired);
    assert_eq!(
        question.verdict(&leaf, &trusting(&root, vec![]), CrlCheck::Leaf),
        Err(VerifyCode::UnableToGetCrl)
    );
    // A list of the same name that somebody else has signed.
    let forged = trusting(&root, vec![revocation_list(&authority().1)]);
    for _ in 0..2 {
        let verdict = question.verdict(&leaf, &forged, CrlCheck::Leaf);
        assert_eq!(verdict, Err(VerifyCode::CrlSignatureFailure));
    }
}

fn counted(context: &Context) -> (usize, usize) {
    let counters = context.counters();
    (counters.signatures.computed(), counters.signatures.remembered())
}

fn connect(client: &Context, server: &Context) {
    Pair::new(client, server, "localhost").unwrap().handshake().unwrap();
}

#[test]
fn connections_of_all_contexts_share_them_unless_a_context_does_not_want_to() {
    for kind in KeyKind::ALL {
        let pki = Pki::with_key(kind);
        let (client, server) = contexts(&pki, pki.issue(&Leaf { key: kind, ..Leaf::default() }));
        connect(&client, &server);
        assert_eq!(counted(&client), (1, 0));
        connect(&client, &server);
        assert_eq!(counted(&client), (1, 1));
        let other = Context::client();
        other.trust_pem(pki.authority_pem().as_bytes()).unwrap();
        connect(&other, &server);
        assert_eq!(counted(&other), (0, 1));
        other.update(|settings| settings.remember_signatures = false);
        connect(&other, &server);
        connect(&other, &server);
        assert_eq!(counted(&other), (2, 1));
        other.update(|settings| settings.remember_signatures = true);
        connect(&other, &server);
        assert_eq!(counted(&other), (2, 2));
        assert_eq!(counted(&server), (0, 0), "it asks for nothing");
    }
}

#[test]
fn a_server_remembers_its_clients() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.use_identity(pki.identity("client"));
    server.trust_pem(pki.authority_pem().as_bytes()).unwrap();
    server.update(|settings| settings.verify_mode = VerifyMode::Required);
    for expected in [(1, 0), (1, 1), (1, 2)] {
        connect(&client, &server);
        assert_eq!(counted(&server), expected);
    }
}

#[test]
fn what_one_of_two_contexts_does_not_want_is_not_done() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let wary = Context::client();
    wary.trust_pem(pki.authority_pem().as_bytes()).unwrap();
    wary.update(|settings| settings.remember_signatures = false);
    connect(&client, &server);
    for (first, second) in [(&client, &wary), (&wary, &client)] {
        let pair = Pair::new(first, &server, "localhost").unwrap();
        pair.client.exchange_settings(&second.snapshot()).unwrap();
        let before = (counted(&client).1, counted(&wary).1);
        pair.handshake().unwrap();
        assert_eq!((counted(&client).1, counted(&wary).1), before);
    }
}

#[test]
fn verify_chain_uses_and_fills_the_same_memory() {
    let pki = Pki::new();
    let (chain, _) = pki.issue_pem(&Leaf::default());
    let chain: Vec<_> = certificates_from_pem(chain.as_bytes()).unwrap().into_iter().map(Arc::new).collect();
    let context = Context::client();
    context.trust_pem(pki.authority_pem().as_bytes()).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    for expected in [(1, 0), (1, 1)] {
        context.verify_chain(&chain, Purpose::Server, None, i64::try_from(now).unwrap()).unwrap();
        assert_eq!(counted(&context), expected);
    }
}

#[test]
fn many_threads_get_the_verdicts_that_one_gets() {
    let memory = SignatureMemory::new();
    let (root, issuer) = authority();
    let trust = trusting(&root, vec![]);
    let leaves: Vec<_> = (0..6).map(|_| leaf(&issuer)).collect();
    let forged: Vec<_> = leaves.iter().map(|leaf| changed(leaf, leaf.der().len() - 1, 0).unwrap()).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let question = Question { memory: &memory, counts: SignatureCounts::default() };
                for _ in 0..20 {
                    for (good, bad) in leaves.iter().zip(&forged) {
                        assert_eq!(question.verdict(good, &trust, CrlCheck::None), Ok(()));
                        let verdict = question.verdict(bad, &trust, CrlCheck::None);
                        assert_eq!(verdict, Err(VerifyCode::CertSignatureFailure));
                    }
                }
            });
        }
    });
}
