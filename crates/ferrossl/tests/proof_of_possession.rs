//! A server must have the key of the certificate that it shows, also when nobody asks whether the certificate
//! is any good: pinning and SSH-like trust on first use depend on it.

use std::sync::Arc;

use ferrossl::connection::{Handshake, Limit};
use ferrossl::{Connection, Context, Error, VerifyMode, Version, Versions};
use ferrossl_testkit::{KeyKind, Leaf, Pki};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Shows one certificate and signs with another key.
#[derive(Debug)]
struct Forger(Arc<CertifiedKey>);

impl ResolvesServerCert for Forger {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

fn forger(kind: KeyKind) -> rustls::ServerConnection {
    let pki = Pki::new();
    let shown = pki.issue(&Leaf { key: kind, ..Leaf::default() });
    let (_, own_key) = pki.issue_pem(&Leaf { key: kind, ..Leaf::default() });
    let key = PrivateKeyDer::from_pem_slice(own_key.as_bytes()).unwrap();
    let key = aws_lc_rs::sign::any_supported_type(&key).unwrap();
    let chain = vec![shown.chain()[0].der().to_vec().into()];
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Forger(Arc::new(CertifiedKey::new(chain, key)))));
    rustls::ServerConnection::new(Arc::new(config)).unwrap()
}

#[test]
fn a_forged_signature_is_noticed_even_without_verification() {
    for versions in [Versions::only(Version::Tls12), Versions::only(Version::Tls13)] {
        for kind in KeyKind::ALL {
            let context = Context::client();
            context.update(|settings| {
                settings.verify_mode = VerifyMode::None;
                settings.check_hostname = false;
                settings.versions = versions;
            });
            let client = Connection::client(&context.snapshot(), Some("localhost")).unwrap();
            let mut server = forger(kind);
            let error = loop {
                match client.handshake() {
                    Ok(Handshake::NeedRead) => {}
                    Ok(other) => panic!("{kind:?} {versions:?}: {other:?}"),
                    Err(error) => break error,
                }
                client
                    .send_with(|mut bytes| {
                        let length = bytes.len();
                        while !bytes.is_empty() {
                            server.read_tls(&mut bytes)?;
                            server.process_new_packets().unwrap();
                        }
                        Ok(length)
                    })
                    .unwrap();
                let mut answer = Vec::new();
                while server.wants_write() {
                    server.write_tls(&mut answer).unwrap();
                }
                client
                    .fill(Limit::Bytes(answer.len()), |room| {
                        room.copy_from_slice(&answer);
                        Ok(answer.len())
                    })
                    .unwrap();
            };
            assert!(!matches!(error, Error::Verification(_)));
            assert_eq!(error.report().reason.unwrap().name, "BAD_SIGNATURE", "{kind:?} {versions:?}");
        }
    }
}
