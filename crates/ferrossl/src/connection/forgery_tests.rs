//! Whoever shows a certificate must have its key: servers, clients, and clients that are asked after the handshake.

use super::{Connection, Handshake, Read};
use crate::{Context, Error, Identity, VerifyMode, Version, Versions};

fn identity(algorithm: &'static rcgen::SignatureAlgorithm) -> (Identity, String) {
    let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let text = certificate.as_bytes();
    (Identity::from_pem(text, key.serialize_pem().as_bytes(), None).unwrap(), certificate)
}

fn transfer(from: &Connection, to: &Connection) {
    from.send_with(|bytes| {
        to.feed(bytes);
        Ok(bytes.len())
    })
    .unwrap();
}

/// A conversation in which both sides do what they can: a word each, and an answer to what is asked on the way.
fn converse(client: &Connection, server: &Connection, ask_later: bool) -> [Result<(), Error>; 2] {
    let mut results = [Ok(()), Ok(())];
    let mut asked = false;
    for _ in 0..8 {
        for (index, (from, to)) in [(client, server), (server, client)].into_iter().enumerate() {
            let step = || match from.handshake()? {
                Handshake::Done => match from.read(&mut [0; 64])? {
                    Read::Closed => Err(Error::Closed),
                    _ => from.write(b"word").map(|_| ()),
                },
                _ => Ok(()),
            };
            if results[index].is_ok() {
                results[index] = step();
            }
            if ask_later
                && !asked
                && from.is_server()
                && from.negotiated().is_some()
                && results[index].is_ok()
            {
                asked = true;
                from.request_client_certificate().unwrap();
            }
            transfer(from, to);
        }
    }
    assert!(asked || !ask_later || results[0].is_err() || results[1].is_err());
    results
}

const KINDS: [&rcgen::SignatureAlgorithm; 4] = [
    &rcgen::PKCS_ECDSA_P256_SHA256,
    &rcgen::PKCS_ECDSA_P384_SHA384,
    &rcgen::PKCS_ED25519,
    &rcgen::PKCS_RSA_SHA256,
];

fn reason(result: &Result<(), Error>) -> &'static str {
    result
        .as_ref()
        .map_or_else(|error| error.report().reason.map_or("none", |reason| reason.name), |()| "fine")
}

/// Who shows the certificate, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    ByServer,
    ByClient,
    PostHandshakeAuth,
}

fn attempt(
    kind: &'static rcgen::SignatureAlgorithm,
    version: Version,
    shown: Shown,
    forged: bool,
) -> [&'static str; 2] {
    let (certificate, text) = identity(kind);
    let (other, _) = identity(kind);
    let own = if forged { Identity::forged(&certificate, &other) } else { certificate };
    let (anybody, anybodys) = identity(&rcgen::PKCS_ECDSA_P256_SHA256);
    let (client, server) = (Context::client(), Context::server());
    client.update(|settings| {
        settings.versions = Versions { tls12: version == Version::Tls12, tls13: version == Version::Tls13 };
        settings.post_handshake_auth = shown == Shown::PostHandshakeAuth;
    });
    if shown == Shown::ByServer {
        server.use_identity(own);
        client.trust_pem(text.as_bytes()).unwrap();
    } else {
        server.use_identity(anybody);
        client.trust_pem(anybodys.as_bytes()).unwrap();
        client.use_identity(own);
        server.trust_pem(text.as_bytes()).unwrap();
        server.update(|settings| {
            settings.verify_mode = VerifyMode::Required;
            settings.post_handshake_auth = shown == Shown::PostHandshakeAuth;
        });
    }
    let client = Connection::client(&client.snapshot(), Some("localhost")).unwrap();
    let server = Connection::server(server.snapshot());
    let results = converse(&client, &server, shown == Shown::PostHandshakeAuth);
    let shown_to = if shown == Shown::ByServer { &client } else { &server };
    assert_eq!(shown_to.peer_certificates().is_empty(), forged, "nothing is shown that was not proved");
    [reason(&results[0]), reason(&results[1])]
}

#[test]
fn a_certificate_without_its_key_is_refused() {
    for kind in KINDS {
        for (version, shown, judge) in [
            (Version::Tls12, Shown::ByServer, 0),
            (Version::Tls13, Shown::ByServer, 0),
            (Version::Tls12, Shown::ByClient, 1),
            (Version::Tls13, Shown::ByClient, 1),
            (Version::Tls13, Shown::PostHandshakeAuth, 1),
        ] {
            let case = format!("{kind:?} {version:?} {shown:?}");
            assert_eq!(attempt(kind, version, shown, false), ["fine", "fine"], "{case}");
            let results = attempt(kind, version, shown, true);
            assert_eq!(results[judge], "BAD_SIGNATURE", "{case}");
            // The forger is told.
            assert!(results[1 - judge].contains("ALERT"), "{case}: {results:?}");
        }
    }
}
