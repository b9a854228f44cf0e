//! What the core's benches do: one piece of work ([`Case`]), done by one implementation ([`Subject`]), timed on the
//! processor's clock of the thread ([`measure`]).
//!
//! The limits stand beside us here: the raw AEAD of aws-lc-rs for records, plain rustls for handshakes, and OpenSSL where its headers are
//! (feature `openssl`). Certificates come from the testkit; every subject gets the same kinds.

mod aead;
pub mod clock;
#[cfg(feature = "openssl")]
mod openssl_pair;
mod ours;
mod rustls_pair;
pub mod threads;

use std::time::Duration;

use ferrossl_testkit::{KeyKind, Leaf, Pki};

/// How many bytes the cases of records seal or open at a time.
pub const BATCH: usize = 256 * 1024;

/// Whose work is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The core of this project.
    Ferrossl,
    /// The AEAD of aws-lc-rs, in place, in records of the same size: nothing but the cipher.
    Aead,
    /// rustls as everyone uses it.
    Rustls,
    /// OpenSSL, by the crate `openssl`.
    Openssl,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ferrossl, Self::Aead, Self::Rustls, Self::Openssl];

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ferrossl => "ferrossl",
            Self::Aead => "aead",
            Self::Rustls => "rustls",
            Self::Openssl => "openssl",
        }
    }
}

/// A protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

/// One piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// [`BATCH`] bytes of data become records, which go nowhere.
    Seal(Version),
    /// The records of [`BATCH`] bytes come in, as from `recv` with one copy, and are opened.
    Open(Version),
    /// A full handshake of both ends, tickets included, with this kind of key in the server's certificate.
    Handshake(Version, KeyKind),
    /// This many bytes go through two queues in memory, from one end to the other.
    Memory(Version, usize),
}

impl Case {
    /// All that have rows.
    pub const ALL: [Self; 10] = [
        Self::Seal(Version::Tls13),
        Self::Seal(Version::Tls12),
        Self::Open(Version::Tls13),
        Self::Open(Version::Tls12),
        Self::Handshake(Version::Tls13, KeyKind::P256),
        Self::Handshake(Version::Tls12, KeyKind::P256),
        Self::Handshake(Version::Tls13, KeyKind::Rsa2048),
        Self::Memory(Version::Tls13, 65536),
        Self::Memory(Version::Tls12, 65536),
        Self::Memory(Version::Tls13, 100),
    ];

    /// Its name on the command line and in JSON.
    #[must_use]
    pub fn name(self) -> String {
        let (kind, version) = match self {
            Self::Seal(version) => ("seal".to_owned(), version),
            Self::Open(version) => ("open".to_owned(), version),
            Self::Handshake(version, KeyKind::Rsa2048) => ("handshake-rsa2048".to_owned(), version),
            Self::Handshake(version, _) => ("handshake".to_owned(), version),
            Self::Memory(version, size) => (format!("memory-{size}"), version),
        };
        format!("{kind}-{}", if version == Version::Tls13 { "tls13" } else { "tls12" })
    }

    /// How many bytes of data one piece of work has; 0 where it is a handshake.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Seal(_) | Self::Open(_) => BATCH,
            Self::Handshake(..) => 0,
            Self::Memory(_, size) => size,
        }
    }

    /// Whether this subject can do it, in this build.
    #[must_use]
    pub const fn is_for(self, subject: Subject) -> bool {
        match (self, subject) {
            (_, Subject::Ferrossl) => true,
            (Self::Memory(..), _) => false,
            (Self::Handshake(..), Subject::Aead) => false,
            (_, Subject::Openssl) => cfg!(feature = "openssl"),
            _ => true,
        }
    }
}

/// Certificates of one authority, as PEM, for whoever reads it.
pub(crate) struct Credentials {
    authority: String,
    chain: String,
    key: String,
}

impl Credentials {
    fn new(kind: KeyKind) -> Self {
        let pki = Pki::with_key(kind);
        let (chain, key) = pki.issue_pem(&Leaf { key: kind, ..Leaf::default() });
        Self { authority: pki.authority_pem().to_owned(), chain, key }
    }
}

/// Two ends that have shaken hands.
pub(crate) trait Ends {
    /// The client seals this; the records are dropped.
    fn seal(&mut self, data: &[u8]);
    /// The client seals this; the records are kept for [`Self::open`].
    fn keep(&mut self, data: &[u8]);
    /// The server opens what was kept, into `buffer`, which it fills.
    fn open(&mut self, buffer: &mut [u8]);
}

/// Makes [`Ends`] with the same contexts.
pub(crate) trait Maker: Send + Sync {
    /// A full handshake.
    fn connect(&self) -> Box<dyn Ends>;
}

fn maker(subject: Subject, version: Version, kind: KeyKind) -> Box<dyn Maker> {
    let credentials = Credentials::new(kind);
    match subject {
        Subject::Ferrossl => Box::new(ours::Contexts::new(&credentials, version)),
        Subject::Rustls => Box::new(rustls_pair::Configs::new(&credentials, version)),
        Subject::Aead => Box::new(aead::Keys::new(version)),
        #[cfg(feature = "openssl")]
        Subject::Openssl => Box::new(openssl_pair::Contexts::new(&credentials, version)),
        #[cfg(not(feature = "openssl"))]
        Subject::Openssl => panic!("built without the feature openssl"),
    }
}

/// One case of one subject, ready to be repeated.
pub struct Work(Box<dyn FnMut(u64) -> Duration>);

impl Work {
    /// Makes what is not measured: keys, contexts, connections.
    ///
    /// # Panics
    ///
    /// When [`Case::is_for`] says no.
    #[must_use]
    pub fn new(case: Case, subject: Subject) -> Self {
        assert!(case.is_for(subject), "{} does not do {}", subject.name(), case.name());
        match case {
            Case::Seal(version) => {
                let mut ends = maker(subject, version, KeyKind::P256).connect();
                let data = vec![7; BATCH];
                Self(Box::new(move |times| clock::timed(times, || ends.seal(&data))))
            }
            Case::Open(version) => {
                let mut ends = maker(subject, version, KeyKind::P256).connect();
                let (data, mut buffer) = (vec![7; BATCH], vec![0; BATCH]);
                Self(Box::new(move |times| {
                    let mut total = Duration::ZERO;
                    for _ in 0..times {
                        ends.keep(&data);
                        total += clock::timed(1, || ends.open(&mut buffer));
                    }
                    assert_eq!(buffer, data, "what arrives is what was sent");
                    total
                }))
            }
            Case::Handshake(version, kind) => {
                let maker = maker(subject, version, kind);
                Self(Box::new(move |times| clock::timed(times, || drop(maker.connect()))))
            }
            Case::Memory(version, size) => {
                let mut work = ours::memory(&Credentials::new(KeyKind::P256), version, size);
                Self(Box::new(move |times| clock::timed(times, &mut work)))
            }
        }
    }

    /// How much of the processor's time so many repetitions take.
    pub fn run(&mut self, times: u64) -> Duration {
        (self.0)(times)
    }

    /// Seconds for one repetition, from as many as fill this time.
    pub fn measure(&mut self, at_least: Duration) -> f64 {
        self.run(3); // what is made once
        let mut times = 1;
        loop {
            let took = self.run(times);
            if took >= at_least {
                return took.as_secs_f64() / times as f64;
            }
            times *= 2;
        }
    }
}
