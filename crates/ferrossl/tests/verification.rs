//! Verdicts over real handshakes: each code, its values, and what the peer is told; and without a connection.

use std::sync::Arc;

use ferrossl::error::VerificationDetail;
use ferrossl::openssl_names::verify_codes::VerifyCode;
use ferrossl::verify::{ChainEnd, CrlCheck, ExpectedName, Purpose};
use ferrossl::x509::{Certificate, certificates_from_pem};
use ferrossl::{Context, Error, VerificationError, VerifyMode, VerifyMode as Mode};
use ferrossl_testkit::{Leaf, Pair, Pki, contexts};

/// The client's refusal of a server, and the alert that the server gets for it.
fn refusal(client: &Context, server: &Context, name: &str) -> (VerificationError, &'static str) {
    let pair = Pair::new(client, server, name).unwrap();
    let _ = pair.handshake();
    let Err(Error::Verification(error)) = pair.client.handshake() else { panic!("accepted") };
    pair.exchange();
    let alert = pair.server.handshake().unwrap_err().report().reason.unwrap().name;
    ((*error).clone(), alert)
}

#[test]
fn codes_and_alerts() {
    let pki = Pki::new();
    let stranger = Pki::new();
    let leaf = Leaf::default();
    let rows = [
        (
            "expired",
            Leaf { days: -1, start_days: -9, ..leaf.clone() },
            &pki,
            "localhost",
            VerifyCode::CertHasExpired,
            "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        ),
        (
            "not yet",
            Leaf { start_days: 1, days: 9, ..leaf.clone() },
            &pki,
            "localhost",
            VerifyCode::CertNotYetValid,
            "SSLV3_ALERT_BAD_CERTIFICATE",
        ),
        (
            "self-signed",
            Leaf { self_signed: true, ..leaf.clone() },
            &pki,
            "localhost",
            VerifyCode::DepthZeroSelfSignedCert,
            "TLSV1_ALERT_UNKNOWN_CA",
        ),
        (
            "unknown",
            leaf.clone(),
            &stranger,
            "localhost",
            VerifyCode::UnableToGetIssuerCertLocally,
            "TLSV1_ALERT_UNKNOWN_CA",
        ),
        (
            "host",
            leaf.clone(),
            &pki,
            "other.host",
            VerifyCode::HostnameMismatch,
            "SSLV3_ALERT_BAD_CERTIFICATE",
        ),
        (
            "address",
            leaf.clone(),
            &pki,
            "127.0.0.1",
            VerifyCode::IpAddressMismatch,
            "SSLV3_ALERT_BAD_CERTIFICATE",
        ),
        (
            "purpose",
            Leaf { purposes: vec![rcgen_purpose()], ..leaf.clone() },
            &pki,
            "localhost",
            VerifyCode::InvalidPurpose,
            "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        ),
    ];
    for (what, leaf, issuer, name, code, alert) in rows {
        let (client, server) = contexts(&pki, issuer.issue(&leaf));
        let (error, told) = refusal(&client, &server, name);
        assert_eq!((error.code, error.depth, told), (code, 0, alert), "{what}");
    }
}

fn rcgen_purpose() -> rcgen::ExtendedKeyUsagePurpose {
    rcgen::ExtendedKeyUsagePurpose::ClientAuth
}

#[test]
fn a_self_signed_root_in_the_chain_is_code_19() {
    let (pki, other) = (Pki::new(), Pki::new());
    let (chain, key) = pki.issue_pem(&Leaf::default());
    let chain = chain + pki.authority_pem();
    let identity = ferrossl::Identity::from_pem(chain.as_bytes(), key.as_bytes(), None).unwrap();
    let (_, server) = contexts(&pki, identity);
    let client = Context::client();
    client.trust_pem(other.authority_pem().as_bytes()).unwrap();
    let (error, alert) = refusal(&client, &server, "localhost");
    assert_eq!((error.code, error.depth), (VerifyCode::SelfSignedCertInChain, 1));
    assert_eq!(alert, "TLSV1_ALERT_UNKNOWN_CA");
}

#[test]
fn the_values_are_kept() {
    let pki = Pki::new();
    let (client, server) = contexts(
        &pki,
        pki.issue(&Leaf { names: vec!["a.test".into(), "10.0.0.1".into()], ..Leaf::default() }),
    );
    let (error, _) = refusal(&client, &server, "b.test");
    assert_eq!(error.subject, "CN=ferrossl test leaf");
    assert_eq!(
        error.detail,
        VerificationDetail::Name {
            expected: "b.test".into(),
            presented: vec!["a.test".into(), "10.0.0.1".into()]
        }
    );
    assert_eq!(error.message(), "Hostname mismatch, certificate is not valid for 'b.test'.");
    assert_eq!(error.hint(), "the certificate is for a.test, 10.0.0.1");

    let (client, server) = contexts(&pki, pki.issue(&Leaf { days: -1, start_days: -3, ..Leaf::default() }));
    let (error, _) = refusal(&client, &server, "localhost");
    let VerificationDetail::Period { now, not_before, not_after } = error.detail else { panic!("{error:?}") };
    assert!(not_before < not_after && not_after < now);
}

#[test]
fn addresses_and_wildcards_match() {
    let pki = Pki::new();
    let names = ["127.0.0.1", "::1", "*.example.org"].map(str::to_owned).to_vec();
    let (client, server) = contexts(&pki, pki.issue(&Leaf { names, ..Leaf::default() }));
    for name in ["127.0.0.1", "::1", "www.example.org"] {
        Pair::new(&client, &server, name).unwrap().handshake().unwrap();
    }
}

#[test]
fn a_trusted_self_signed_leaf_is_enough() {
    let pki = Pki::new();
    let (chain, key) = pki.issue_pem(&Leaf { self_signed: true, ..Leaf::default() });
    let identity = ferrossl::Identity::from_pem(chain.as_bytes(), key.as_bytes(), None).unwrap();
    let (client, server) = contexts(&pki, identity);
    client.trust_pem(chain.as_bytes()).unwrap();
    Pair::new(&client, &server, "localhost").unwrap().handshake().unwrap();
}

#[test]
fn without_verification_anybody_will_do() {
    let (pki, stranger) = (Pki::new(), Pki::new());
    let (client, server) = contexts(&pki, stranger.identity("elsewhere"));
    client.update(|settings| {
        settings.verify_mode = VerifyMode::None;
        settings.check_hostname = false;
    });
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    pair.handshake().unwrap();
    let negotiated = pair.client.negotiated().unwrap();
    assert!(negotiated.verified_chain.is_none());
    assert_eq!(negotiated.peer_certificates.len(), 1);
}

#[test]
fn crl_checking_without_a_crl_refuses() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.update(|settings| settings.policy.crl_check = CrlCheck::Leaf);
    assert_eq!(refusal(&client, &server, "localhost").0.code, VerifyCode::UnableToGetCrl);
}

#[test]
fn a_client_certificate_is_for_clients() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    server.trust_pem(pki.authority_pem().as_bytes()).unwrap();
    server.update(|settings| settings.verify_mode = Mode::Required);
    client.use_identity(
        pki.issue(&Leaf { purposes: vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth], ..Leaf::default() }),
    );
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    let _ = pair.handshake();
    let Err(Error::Verification(error)) = pair.server.handshake() else { panic!("accepted") };
    assert_eq!(error.code, VerifyCode::InvalidPurpose);
}

/// What a peer would send: its own certificate, and those that lead to the authority.
fn sent(pki: &Pki, leaf: &Leaf) -> Vec<Arc<Certificate>> {
    let (chain, _) = pki.issue_pem(leaf);
    certificates_from_pem(chain.as_bytes()).unwrap().into_iter().map(Arc::new).collect()
}

/// Some second while the certificates of the test kit are valid.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[test]
fn a_chain_is_verified_without_a_connection() {
    let (pki, stranger) = (Pki::new(), Pki::new());
    let leaf = Leaf { names: vec!["a.test".into()], ..Leaf::default() };
    let chain = sent(&pki, &leaf);
    let context = Context::client();
    context.trust_pem(pki.authority_pem().as_bytes()).unwrap();
    let verified = context.verify_chain(&chain, Purpose::Server, Some(&ExpectedName::new("a.test")), now());
    let verified = verified.unwrap();
    assert_eq!(verified.certificates()[0], chain[0]);
    assert_eq!(verified.certificates().last().unwrap().subject(), chain.last().unwrap().issuer());

    let code = |context: &Context, chain: &[_], purpose, name: Option<&str>, time| {
        let name = name.map(ExpectedName::new);
        match context.verify_chain(chain, purpose, name.as_ref(), time) {
            Err(Error::Verification(error)) => Some(error.code),
            Err(other) => panic!("{other:?}"),
            Ok(_) => None,
        }
    };
    // The name counts where one is given; the time and the purpose always do.
    assert_eq!(code(&context, &chain, Purpose::Server, None, now()), None);
    let wrong_name = code(&context, &chain, Purpose::Server, Some("b.test"), now());
    assert_eq!(wrong_name, Some(VerifyCode::HostnameMismatch));
    let too_late = code(&context, &chain, Purpose::Server, None, now() + 100 * 366 * 86_400);
    assert_eq!(too_late, Some(VerifyCode::CertHasExpired));
    let for_clients = Leaf { purposes: vec![rcgen_purpose()], ..leaf.clone() };
    let for_clients = sent(&pki, &for_clients);
    assert_eq!(code(&context, &for_clients, Purpose::Client, None, now()), None);
    let wrong_purpose = code(&context, &for_clients, Purpose::Server, None, now());
    assert_eq!(wrong_purpose, Some(VerifyCode::InvalidPurpose));
    // Trust and policy are the context's, and its verify_mode does not matter.
    let unknown = code(&context, &sent(&stranger, &leaf), Purpose::Server, None, now());
    assert_eq!(unknown, Some(VerifyCode::UnableToGetIssuerCertLocally));
    context.update(|settings| {
        (settings.verify_mode, settings.check_hostname) = (VerifyMode::None, false);
        settings.policy.crl_check = CrlCheck::Leaf;
    });
    let without_list = code(&context, &chain, Purpose::Server, None, now());
    assert_eq!(without_list, Some(VerifyCode::UnableToGetCrl));
    let partial = Context::client();
    partial.trust_pem(ferrossl::pem::encode("CERTIFICATE", chain[0].der()).as_bytes()).unwrap();
    assert!(code(&partial, &chain, Purpose::Server, None, now()).is_some());
    partial.update(|settings| settings.policy.chain_end = ChainEnd::AnyTrusted);
    assert_eq!(code(&partial, &chain, Purpose::Server, None, now()), None);
}

#[test]
fn no_certificate_is_no_chain() {
    let refused = Context::client().verify_chain(&[], Purpose::Server, None, now());
    assert!(matches!(refused, Err(Error::Setting(_))), "{refused:?}");
}

/// All authorities of the test kit have one name.
#[test]
fn a_hint_tells_a_missing_issuer_from_one_with_another_key() {
    let (pki, namesake) = (Pki::new(), Pki::new());
    let hint = |trusted: Option<&Pki>| {
        let (_, server) = contexts(&pki, pki.identity("localhost"));
        let client = Context::client();
        if let Some(pki) = trusted {
            client.trust_pem(pki.authority_pem().as_bytes()).unwrap();
        }
        refusal(&client, &server, "localhost").0.hint()
    };
    let missing = hint(None);
    assert!(missing.starts_with("no trusted certificate is named 'CN=ferrossl test authority'"), "{missing}");
    let other = hint(Some(&namesake));
    assert!(other.contains("has the name 'CN=ferrossl test authority', but another key"), "{other}");
}
