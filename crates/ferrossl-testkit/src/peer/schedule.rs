//! The secrets of both versions (RFC 8446 section 7.1, RFC 5246 sections 6.3 and 8.1).

use super::crypto::Suite;
use super::records::Keys;

/// The secrets of TLS 1.3, as far as the handshake has got.
#[derive(Clone)]
pub(super) struct Secrets13 {
    pub(super) suite: Suite,
    master: Vec<u8>,
    pub(super) client_handshake: Vec<u8>,
    pub(super) server_handshake: Vec<u8>,
    pub(super) client_data: Vec<u8>,
    pub(super) server_data: Vec<u8>,
    pub(super) resumption: Vec<u8>,
    /// The transcript up to the client's Finished.
    pub(super) transcript: Vec<u8>,
}

/// The early secret: of a pre-shared key, or of none.
pub(super) fn early_secret(suite: Suite, psk: Option<&[u8]>) -> Vec<u8> {
    let zeros = vec![0; suite.hash_length()];
    suite.extract(&zeros, psk.unwrap_or(&zeros))
}

/// The PSK binder over the beginning of a ClientHello (RFC 8446 section 4.2.11.2).
pub(super) fn binder(suite: Suite, psk: &[u8], transcript: &[u8]) -> Vec<u8> {
    let key = suite.derive(&early_secret(suite, Some(psk)), "res binder", &suite.hash(&[]));
    finished(suite, &key, transcript)
}

/// `verify_data` under a secret (RFC 8446 section 4.4.4).
pub(super) fn finished(suite: Suite, secret: &[u8], transcript: &[u8]) -> Vec<u8> {
    let key = suite.expand(secret, "finished", &[], suite.hash_length());
    suite.hmac(&key, &suite.hash(transcript))
}

/// The keys of early data.
pub(super) fn early_keys(suite: Suite, psk: &[u8], transcript: &[u8]) -> Keys {
    let early = early_secret(suite, Some(psk));
    Keys::tls13(suite, suite.derive(&early, "c e traffic", &suite.hash(transcript)))
}

impl Secrets13 {
    /// With the ServerHello.
    pub(super) fn new(suite: Suite, psk: Option<&[u8]>, shared: &[u8], transcript: &[u8]) -> Self {
        let nothing = suite.hash(&[]);
        let salt = suite.derive(&early_secret(suite, psk), "derived", &nothing);
        let handshake = suite.extract(&salt, shared);
        let hash = suite.hash(transcript);
        let salt = suite.derive(&handshake, "derived", &nothing);
        Self {
            suite,
            master: suite.extract(&salt, &vec![0; suite.hash_length()]),
            client_handshake: suite.derive(&handshake, "c hs traffic", &hash),
            server_handshake: suite.derive(&handshake, "s hs traffic", &hash),
            client_data: Vec::new(),
            server_data: Vec::new(),
            resumption: Vec::new(),
            transcript: Vec::new(),
        }
    }

    /// With the server's Finished.
    pub(super) fn server_is_done(&mut self, transcript: &[u8]) {
        let hash = self.suite.hash(transcript);
        self.client_data = self.suite.derive(&self.master, "c ap traffic", &hash);
        self.server_data = self.suite.derive(&self.master, "s ap traffic", &hash);
    }

    /// With the client's Finished.
    pub(super) fn client_is_done(&mut self, transcript: &[u8]) {
        self.resumption = self.suite.derive(&self.master, "res master", &self.suite.hash(transcript));
        self.transcript = transcript.to_vec();
    }

    /// The pre-shared key of a ticket with this nonce.
    pub(super) fn ticket_secret(&self, nonce: &[u8]) -> Vec<u8> {
        self.suite.expand(&self.resumption, "resumption", nonce, self.suite.hash_length())
    }

    pub(super) fn keys(&self, secret: &[u8]) -> Keys {
        Keys::tls13(self.suite, secret.to_vec())
    }
}

/// The secrets of TLS 1.2.
#[derive(Clone)]
pub(super) struct Secrets12 {
    pub(super) suite: Suite,
    pub(super) master: Vec<u8>,
    pub(super) extended: bool,
}

impl Secrets12 {
    /// From the shared secret and what is mixed into it: with an extended master secret the transcript, else both randoms,
    /// the client's first.
    pub(super) fn new(suite: Suite, shared: &[u8], extended: bool, seed: &[u8]) -> Self {
        let master = if extended {
            suite.prf(shared, "extended master secret", &suite.hash(seed), 48)
        } else {
            suite.prf(shared, "master secret", seed, 48)
        };
        Self { suite, master, extended }
    }

    /// The client's keys and the server's.
    pub(super) fn keys(&self, client_random: &[u8], server_random: &[u8]) -> (Keys, Keys) {
        let key = self.suite.aead.key_len();
        let iv = if self.suite.explicit_nonce { 4 } else { 12 };
        let seed = [server_random, client_random].concat();
        let block = self.suite.prf(&self.master, "key expansion", &seed, 2 * (key + iv));
        let (keys, ivs) = block.split_at(2 * key);
        (Keys::tls12(self.suite, &keys[..key], &ivs[..iv]), Keys::tls12(self.suite, &keys[key..], &ivs[iv..]))
    }

    /// `verify_data` (RFC 5246 section 7.4.9).
    pub(super) fn finished(&self, label: &str, transcript: &[u8]) -> Vec<u8> {
        self.suite.prf(&self.master, label, &self.suite.hash(transcript), 12)
    }
}
