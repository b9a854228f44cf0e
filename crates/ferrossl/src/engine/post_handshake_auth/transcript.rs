//! The handshake's messages from the ClientHello to the client's Finished, which authentication after the handshake
//! signs (RFC 8446 section 4.4).

use crate::wire::handshake::handshake_type;
use aws_lc_rs::digest::{Algorithm, Context, SHA256, SHA384, digest};

/// The random of a HelloRetryRequest (RFC 8446 section 4.1.3) begins like this.
const RETRY: [u8; 8] = [0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11];

/// Grows until both sides have said Finished.
#[derive(Default)]
pub(crate) struct Transcript {
    messages: Vec<u8>,
    /// TLS_AES_256_GCM_SHA384 hashes with SHA-384, the other suites of TLS 1.3 with SHA-256.
    sha384: bool,
    finished: u8,
}

impl Transcript {
    pub(crate) fn add(&mut self, message: &[u8]) {
        if self.finished >= 2 {
            return;
        }
        let Some(&kind) = message.first() else { return };
        // RFC 5246 section 7.4.1.1: it is no part of the handshake. A client may get one before it knows the version.
        if kind == handshake_type::HELLO_REQUEST {
            return;
        }
        if kind == handshake_type::SERVER_HELLO {
            self.sha384 = uses_sha384(message);
            if message.get(6..14) == Some(&RETRY) {
                // RFC 8446 section 4.4.1: the first ClientHello counts by its hash.
                let hash = digest(self.algorithm(), &self.messages);
                let hash = hash.as_ref();
                self.messages = [&[handshake_type::MESSAGE_HASH, 0, 0, hash.len() as u8], hash].concat();
            }
        }
        self.messages.extend_from_slice(message);
        self.finished += u8::from(kind == handshake_type::FINISHED);
    }

    /// The messages so far.
    pub(crate) fn messages(&self) -> &[u8] {
        &self.messages
    }

    pub(crate) fn algorithm(&self) -> &'static Algorithm {
        if self.sha384 { &SHA384 } else { &SHA256 }
    }

    /// The hash's state behind the client's Finished; `None` before that.
    pub(crate) fn finished(&self) -> Option<Context> {
        let mut context = Context::new(self.algorithm());
        context.update(&self.messages);
        (self.finished >= 2).then_some(context)
    }
}

/// Behind version, random and session id stands the suite.
fn uses_sha384(server_hello: &[u8]) -> bool {
    let id = server_hello.get(38).map_or(0, |&length| usize::from(length));
    server_hello.get(39 + id..41 + id) == Some(&[0x13, 0x02])
}
