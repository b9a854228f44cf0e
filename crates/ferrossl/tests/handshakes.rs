//! Handshakes that succeed: every version, every kind of key, ALPN, client certificates, data both ways.

use ferrossl::{Connection, Context, Error, VerifyMode, Version, Versions};
use ferrossl_testkit::{KeyKind, Leaf, Pair, Pki, contexts};

const ONLY: [(Version, Versions); 2] =
    [(Version::Tls12, Versions::only(Version::Tls12)), (Version::Tls13, Versions::only(Version::Tls13))];

#[test]
fn every_version_with_every_kind_of_key() {
    for kind in KeyKind::ALL {
        let pki = Pki::with_key(kind);
        let (client, server) = contexts(&pki, pki.issue(&Leaf { key: kind, ..Leaf::default() }));
        for (version, versions) in ONLY {
            client.update(|settings| settings.versions = versions);
            let pair = Pair::new(&client, &server, "localhost").unwrap();
            pair.handshake().unwrap_or_else(|error| panic!("{kind:?} {version:?}: {error}"));
            for side in [&pair.client, &pair.server] {
                assert_eq!(side.negotiated().unwrap().version, version);
            }
            assert_eq!(
                pair.client.negotiated().unwrap().verified_chain.as_ref().unwrap().certificates().len(),
                2
            );
            assert!(pair.server.negotiated().unwrap().peer_certificates.is_empty());
            let data: Vec<u8> = (0..700_000u32).map(|i| (i * 7) as u8).collect();
            assert!(Pair::send(&pair.client, &pair.server, &data).unwrap() == data);
            assert!(Pair::send(&pair.server, &pair.client, &data).unwrap() == data);
        }
    }
}

#[test]
fn both_sides_export_the_same_keying_material() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    let export = |side: &Connection| side.export_keying_material(32, b"EXPORTER-Channel-Binding", Some(b""));
    assert!(matches!(export(&pair.client), Err(Error::TooEarly(_))));
    pair.handshake().unwrap();
    assert_eq!(export(&pair.client).unwrap(), export(&pair.server).unwrap());
}

#[test]
fn alpn_takes_the_servers_choice_and_goes_on_without_overlap() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.set_alpn_protocols(&[b"http/1.1", b"h2"]).unwrap();
    for (offer, expected) in
        [(vec![b"h2".as_slice(), b"http/1.1"], Some(b"h2".to_vec())), (vec![b"other"], None), (vec![], None)]
    {
        server.set_alpn_protocols(&offer).unwrap();
        let pair = Pair::new(&client, &server, "localhost").unwrap();
        pair.handshake().unwrap();
        assert_eq!(pair.client.negotiated().unwrap().alpn_protocol, expected);
        assert_eq!(pair.server.negotiated().unwrap().alpn_protocol, expected);
    }
    assert!(matches!(client.set_alpn_protocols(&[b""]), Err(Error::Setting(_))));
}

#[test]
fn client_certificates_are_asked_for_and_verified() {
    let pki = Pki::new();
    let stranger = Pki::new();
    for (_, versions) in ONLY {
        let (client, server) = contexts(&pki, pki.identity("localhost"));
        client.update(|settings| settings.versions = versions);
        server.trust_pem(pki.authority_pem().as_bytes()).unwrap();
        let attempt = |mode, identity: Option<&Pki>| {
            server.update(|settings| settings.verify_mode = mode);
            client.update(|settings| settings.identities.clear());
            if let Some(pki) = identity {
                client.use_identity(pki.identity("client"));
            }
            let pair = Pair::new(&client, &server, "localhost").unwrap();
            // In TLS 1.3 a client is done before the server has looked at its certificate.
            let _ = pair.handshake();
            pair.server.handshake().map(|_| pair.server.negotiated().unwrap().peer_certificates.len())
        };
        assert_eq!(attempt(VerifyMode::None, Some(&pki)).unwrap(), 0);
        assert_eq!(attempt(VerifyMode::Optional, None).unwrap(), 0);
        // The client trusts the authority too, and so sends its certificate along.
        assert_eq!(attempt(VerifyMode::Optional, Some(&pki)).unwrap(), 2);
        assert_eq!(attempt(VerifyMode::Required, Some(&pki)).unwrap(), 2);
        let anonymous = attempt(VerifyMode::Required, None).unwrap_err();
        assert_eq!(anonymous.report().reason.unwrap().name, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
        for mode in [VerifyMode::Optional, VerifyMode::Required] {
            assert!(matches!(attempt(mode, Some(&stranger)), Err(Error::Verification(_))));
        }
    }
}

#[test]
fn a_changed_context_counts_for_the_next_connection_only() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let before = Pair::new(&client, &server, "localhost").unwrap();
    let generation = server.generation();
    server.update(|settings| settings.versions = ONLY[0].1);
    assert!(server.generation() > generation);
    before.handshake().unwrap();
    assert_eq!(before.client.negotiated().unwrap().version, Version::Tls13);
    let after = Pair::new(&client, &server, "localhost").unwrap();
    after.handshake().unwrap();
    assert_eq!(after.client.negotiated().unwrap().version, Version::Tls12);
}

#[test]
fn no_common_ground_is_said_on_both_sides() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.update(|settings| settings.versions = ONLY[0].1);
    server.update(|settings| settings.versions = ONLY[1].1);
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    let _ = pair.handshake();
    let error = pair.server.handshake().unwrap_err();
    assert_eq!(error.report().reason.unwrap().name, "UNSUPPORTED_PROTOCOL");
    let error = pair.client.handshake().unwrap_err();
    assert_eq!(error.report().reason.unwrap().name, "TLSV1_ALERT_PROTOCOL_VERSION");

    client.update(|settings| settings.versions = Versions::NONE);
    let none = Connection::client(&client.snapshot(), Some("localhost")).unwrap();
    let error = none.handshake().unwrap_err();
    assert!(matches!(error, Error::NothingEnabled { .. }), "{error:?}");
    assert_eq!(error.report().reason.unwrap().name, "NO_PROTOCOLS_AVAILABLE");
}

#[test]
fn a_server_without_a_certificate_refuses() {
    let pki = Pki::new();
    let (client, _) = contexts(&pki, pki.identity("localhost"));
    let pair = Pair::new(&client, &Context::server(), "localhost").unwrap();
    let _ = pair.handshake();
    let error = pair.server.handshake().unwrap_err();
    assert!(matches!(error, Error::NothingEnabled { .. }), "{error:?}");
    assert_eq!(error.report().reason.unwrap().name, "NO_SHARED_CIPHER");
    assert_eq!(
        pair.client.handshake().unwrap_err().report().reason.unwrap().name,
        "SSLV3_ALERT_HANDSHAKE_FAILURE"
    );
}
