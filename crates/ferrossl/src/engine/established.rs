//! A connection whose handshake is done, without rustls: records are sealed and opened here anyway, so that all it needs are
//! the secrets for keys that are changed (RFC 8446 section 7.2) and for what is exported (RFC 8446 section 7.5, RFC 5705).
//! rustls keeps 7 kB for each connection that it knows, most of it a buffer for what comes in.

use rustls::crypto::tls13::OkmBlock;
use rustls::{Error, SupportedCipherSuite, Tls13CipherSuite};
use zeroize::Zeroizing;

use super::hooks::secrets::Secrets;
use super::hooks::tls13_aead;
use super::hooks::traffic_key::TrafficKey;
use crate::settings::Version;
use crate::wire::hello::RANDOM;

/// What goes on of a connection without rustls.
pub(crate) struct Established {
    suite: SupportedCipherSuite,
    secrets: Box<Secrets>,
    server_random: [u8; RANDOM],
}

impl Established {
    /// `None` where a secret is missing.
    pub(crate) fn new(
        suite: SupportedCipherSuite,
        secrets: &mut Option<Box<Secrets>>,
        server_random: [u8; RANDOM],
    ) -> Option<Self> {
        let are_there = secrets.as_ref()?.are_there(suite.tls13().is_some());
        Some(Self { suite, secrets: secrets.take_if(|_| are_there)?, server_random })
    }

    pub(crate) const fn suite(&self) -> SupportedCipherSuite {
        self.suite
    }

    pub(crate) const fn version(&self) -> Version {
        match self.suite {
            SupportedCipherSuite::Tls12(_) => Version::Tls12,
            SupportedCipherSuite::Tls13(_) => Version::Tls13,
        }
    }

    /// The next key of a side; `None` in TLS 1.2, which has but one.
    pub(crate) fn next_key(&mut self, of_server: bool) -> Option<TrafficKey> {
        let suite = self.suite.tls13()?;
        let secret = if of_server { &mut self.secrets.server } else { &mut self.secrets.client };
        let mut next = Zeroizing::new(vec![0; secret.as_bytes().len()]);
        expand_label(suite, secret.as_bytes(), b"traffic upd", &[], &mut next).ok()?;
        secret.set(&next);
        let mut key = Zeroizing::new(vec![0; suite.aead_alg.key_len()]);
        let mut iv = Zeroizing::new([0; 12]);
        expand_label(suite, &next, b"key", &[], &mut key).ok()?;
        expand_label(suite, &next, b"iv", &[], &mut *iv).ok()?;
        Some(TrafficKey::tls13(tls13_aead::algorithm(suite.common.suite)?, &key, &iv))
    }

    /// `length` bytes that both sides can compute.
    pub(crate) fn export(
        &self,
        length: usize,
        label: &[u8],
        context: Option<&[u8]>,
    ) -> Result<Vec<u8>, Error> {
        let mut output = vec![0; length];
        if output.is_empty() {
            return Err(Error::General("export_keying_material with zero-length output".into()));
        }
        let exporter = self.secrets.exporter.as_bytes();
        match self.suite {
            SupportedCipherSuite::Tls13(suite) => {
                let hash = suite.common.hash_provider;
                let mut secret = Zeroizing::new(vec![0; exporter.len()]);
                expand_label(suite, exporter, label, hash.hash(&[]).as_ref(), &mut secret)?;
                let context = hash.hash(context.unwrap_or(&[]));
                expand_label(suite, &secret, b"exporter", context.as_ref(), &mut output)?;
            }
            SupportedCipherSuite::Tls12(suite) => {
                let mut seed = [self.secrets.client_random, self.server_random].concat();
                if let Some(context) = context {
                    let length = u16::try_from(context.len());
                    let length = length.map_err(|_| Error::General("too long a context".into()))?;
                    seed.extend(length.to_be_bytes());
                    seed.extend_from_slice(context);
                }
                suite.prf_provider.for_secret(&mut output, exporter, label, &seed);
            }
        }
        Ok(output)
    }
}

/// HKDF-Expand-Label (RFC 8446 section 7.1).
fn expand_label(
    suite: &Tls13CipherSuite,
    secret: &[u8],
    label: &[u8],
    context: &[u8],
    output: &mut [u8],
) -> Result<(), Error> {
    const PREFIX: &[u8] = b"tls13 ";
    let length = (output.len() as u16).to_be_bytes();
    let label_length = [(PREFIX.len() + label.len()) as u8];
    let info = [&length[..], &label_length, PREFIX, label, &[context.len() as u8], context];
    let expander = suite.hkdf_provider.expander_for_okm(&OkmBlock::new(secret));
    expander.expand_slice(&info, output).map_err(|_| Error::General("exporting too much".into()))
}
