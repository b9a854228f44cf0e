//! Channel bindings (RFC 5056): bytes that both ends of a connection, and nobody else, can compute.

use super::Connection;
use crate::error::{Error, Result};
use crate::sync::lock;
use crate::x509::Certificate;

/// A type of channel binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Binding {
    /// The first Finished message of the handshake (RFC 5929 section 3). RFC 9266 has nothing to take its place under
    /// this name in TLS 1.3; there it is what CPython gives out, which proves less.
    TlsUnique,
    /// Exported keying material (RFC 9266): for TLS 1.3, and for TLS 1.2 with its extended master secret.
    TlsExporter,
    /// A hash of the server's certificate (RFC 5929 section 4).
    TlsServerEndPoint,
}

impl Binding {
    /// The type with this name in the IANA registry.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "tls-unique" => Some(Self::TlsUnique),
            "tls-exporter" => Some(Self::TlsExporter),
            "tls-server-end-point" => Some(Self::TlsServerEndPoint),
            _ => None,
        }
    }
}

impl Connection {
    /// The binding; `None` before the handshake is done, and where the type has none: for `tls-server-end-point` of a
    /// certificate whose signature has no digest of its own (Ed25519), or on a server that resumed a session; for
    /// `tls-exporter` in TLS 1.2 without the extended master secret (RFC 9266 section 3).
    ///
    /// # Errors
    ///
    /// Those of the exporter.
    pub fn channel_binding(&self, binding: Binding) -> Result<Option<Vec<u8>>> {
        let Some(negotiated) = self.negotiated() else { return Ok(None) };
        let state = lock(&self.state);
        let Some(connection) = state.as_open() else { return Ok(None) };
        match binding {
            Binding::TlsUnique => {
                let (own, peer) = connection.finished();
                // The client's comes first in a full handshake, the server's in a resumed one.
                let first = if negotiated.resumed == self.is_server { own } else { peer };
                Ok(Some(first.to_vec()))
            }
            Binding::TlsExporter if !connection.exports_are_unique() => Ok(None),
            Binding::TlsExporter => connection.export(32, b"EXPORTER-Channel-Binding", Some(b"")).map(Some),
            Binding::TlsServerEndPoint => {
                let shown = if self.is_server {
                    connection.own_certificate()
                } else {
                    negotiated.peer_certificates.first().map(Vec::as_slice)
                };
                let Some(der) = shown else { return Ok(None) };
                Ok(Certificate::from_der(der)?.end_point_hash())
            }
        }
    }

    /// Keying material that both sides can compute (RFC 5705, RFC 8446 section 7.5).
    ///
    /// # Errors
    ///
    /// [`Error::TooEarly`] before the handshake is done; [`Error::Setting`] for more than 65535 bytes, which TLS 1.3 cannot
    /// give.
    pub fn export_keying_material(
        &self,
        length: usize,
        label: &[u8],
        context: Option<&[u8]>,
    ) -> Result<Vec<u8>> {
        if length > usize::from(u16::MAX) {
            return Err(Error::Setting("no more than 65535 bytes can be exported".into()));
        }
        match lock(&self.state).as_open() {
            Some(connection) => connection.export(length, label, context),
            None => Err(Error::TooEarly("handshake not done yet")),
        }
    }
}
