//! What went wrong, kept whole: whose fault it was and everything known about it.
//!
//! Text is made last, by [`Error::report`]; nothing in this crate decides by looking at text.

mod failure;
mod report;
mod verification;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::openssl_names::alerts::AlertNumber;
use crate::openssl_names::reasons::{self, Reason};

pub(crate) use failure::Failure;
pub use report::{Kind, Report};
pub use verification::{Namesake, VerificationDetail, VerificationError};

/// `Result` with this crate's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What certificates and keys were being read from. OpenSSL reports damage under the number of the
/// function that wanted to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Nothing in particular: the reason is shown as it is.
    Unknown,
    /// The certificate or the key of one's own.
    Identity,
    /// The certificates that follow one's own, or follow one that could be read.
    FurtherCertificates,
    /// The same in DER.
    FurtherDer,
    /// A file of trusted certificates.
    TrustFile,
    /// A text of trusted certificates, none of which could be read.
    TrustText,
    /// DER of trusted certificates, none of which could be read.
    TrustBytes,
}

/// Any failure of this crate. Cheap to clone, because a connection that failed keeps its error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The operation needs bytes from the peer that are not there yet. Not a failure on a
    /// non-blocking transport: try again when it is readable.
    WantRead,
    /// The operation needs room in the transport. Try again, with the same bytes, when it is writable.
    WantWrite,
    /// The peer closed the connection with `close_notify`: the proper end of the data.
    Closed,
    /// The transport ended without `close_notify` (RFC 8446 section 6.1): the data may be cut short.
    UnexpectedEof,
    /// The deadline of the operation passed while it waited for the transport.
    TimedOut {
        /// What was waited for, as the text of the error names it.
        operation: &'static str,
    },
    /// The transport failed.
    Io(Arc<io::Error>),
    /// A file could not be opened, read or written.
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: Arc<io::Error>,
    },
    /// The peer refused to go on and said so with this alert.
    AlertReceived(AlertNumber),
    /// The peer broke the protocol, or offered nothing that this side accepts. At fault is the peer, or what the two were
    /// set up with.
    Protocol {
        /// OpenSSL's reason.
        reason: Reason,
        /// What exactly was wrong, for people.
        detail: String,
    },
    /// The program asked for what this connection, as it is, cannot do: to write behind its own close_notify, say, or to have
    /// a server authenticate after the handshake. At fault is the program. The connection itself goes on.
    Misuse {
        /// OpenSSL's reason.
        reason: Reason,
    },
    /// The settings leave nothing to shake hands with: no version, no cipher suite, or no certificate for a server. At fault
    /// is who set the context up; no peer can do anything about it.
    NothingEnabled {
        /// OpenSSL's reason.
        reason: Reason,
        /// What there is none of, for people.
        detail: String,
    },
    /// The program, asked about a client's hello, refused it. Nobody is at fault.
    Refused,
    /// What should not happen: the system has no random numbers, or this library or one below has a bug.
    Internal {
        /// What exactly was wrong, for people.
        detail: String,
    },
    /// The peer's certificate did not verify.
    Verification(Arc<VerificationError>),
    /// A certificate, key or file could not be used.
    Material {
        /// OpenSSL's reason.
        reason: Reason,
        /// What exactly was wrong, for people.
        detail: String,
        /// What was being read: programs get to see the numbers of that rather than of `reason`.
        source: Source,
        /// The file, if it was one.
        path: Option<PathBuf>,
    },
    /// A setting cannot have this value.
    Setting(String),
    /// The operation needs a step that has not happened yet, for instance the handshake.
    TooEarly(&'static str),
    /// The library does not do this (yet).
    Unsupported(String),
}

impl Error {
    pub(crate) fn protocol(reason: Reason, detail: impl Into<String>) -> Self {
        Self::Protocol { reason, detail: detail.into() }
    }

    pub(crate) fn nothing_enabled(reason: Reason, detail: impl Into<String>) -> Self {
        Self::NothingEnabled { reason, detail: detail.into() }
    }

    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::Internal { detail: detail.into() }
    }

    pub(crate) fn material(reason: Reason, detail: impl Into<String>) -> Self {
        Self::Material { reason, detail: detail.into(), source: Source::Unknown, path: None }
    }

    /// Says what was being read; nothing if that is known already.
    pub(crate) fn read_as(mut self, known: Source) -> Self {
        if let Self::Material { source: source @ Source::Unknown, .. } = &mut self {
            *source = known;
        }
        self
    }

    /// Says which file it was in.
    pub(crate) fn in_file(mut self, file: &Path) -> Self {
        if let Self::Material { path: path @ None, .. } = &mut self {
            *path = Some(file.to_owned());
        }
        self
    }

    /// Whether trying the same operation again later can succeed.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::WantRead | Self::WantWrite | Self::TimedOut { .. })
    }

    /// The error in the numbers and names that programs match on.
    #[must_use]
    pub fn report(&self) -> Report {
        report::report(self)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report().text)
    }
}

impl std::error::Error for Error {
    /// What is behind the system's error, if there is anything: the text of this error has that of the system's error and of
    /// the verdict in it already.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) | Self::File { error, .. } => std::error::Error::source(&**error),
            _ => None,
        }
    }
}

/// An error of this crate that went through `Read` or `Write` comes out as it went in.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(|error| Self::Io(Arc::new(error)))
    }
}

/// Says which file a failure is about. Public for the Python binding alone.
#[doc(hidden)]
pub trait AtPath<T> {
    /// Makes [`Error::File`] of the system's error.
    ///
    /// # Errors
    ///
    /// The one given.
    fn at(self, path: &Path) -> Result<T>;
}

impl<T> AtPath<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T> {
        self.map_err(|error| Error::File { path: path.to_owned(), error: Arc::new(error) })
    }
}

impl From<VerificationError> for Error {
    fn from(error: VerificationError) -> Self {
        Self::Verification(Arc::new(error))
    }
}

/// For `Read` and `Write`: the error as the standard library would classify it.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::WantRead | Error::WantWrite => io::ErrorKind::WouldBlock,
            Error::TimedOut { .. } => io::ErrorKind::TimedOut,
            Error::UnexpectedEof => io::ErrorKind::UnexpectedEof,
            Error::Io(inner) => match inner.raw_os_error() {
                Some(code) => return Self::from_raw_os_error(code),
                None => inner.kind(),
            },
            Error::File { error, .. } => error.kind(),
            // As a pipe says it whose end this side has closed.
            Error::Misuse { reason: reasons::PROTOCOL_IS_SHUTDOWN } => io::ErrorKind::BrokenPipe,
            Error::Setting(_) | Error::Misuse { .. } | Error::NothingEnabled { .. } => {
                io::ErrorKind::InvalidInput
            }
            Error::Refused => io::ErrorKind::ConnectionAborted,
            Error::Internal { .. } => io::ErrorKind::Other,
            Error::TooEarly(_) => io::ErrorKind::NotConnected,
            Error::Unsupported(_) => io::ErrorKind::Unsupported,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;
    use crate::openssl_names::verify_codes::VerifyCode;

    /// The transport's own error, of which the standard library knows no kind.
    #[derive(Debug)]
    struct Outer;

    #[derive(Debug)]
    struct Inner;

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the tunnel broke")
        }
    }

    impl fmt::Display for Inner {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("somebody dug there")
        }
    }

    impl std::error::Error for Inner {}

    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&Inner)
        }
    }

    /// One of each variant.
    fn all() -> Vec<Error> {
        let verdict = VerificationError {
            code: VerifyCode::CertHasExpired,
            depth: 0,
            subject: "CN=a".into(),
            detail: VerificationDetail::None,
        };
        let broken = || io::Error::other(Outer);
        let detail = || "in detail".to_owned();
        vec![
            Error::WantRead,
            Error::WantWrite,
            Error::Closed,
            Error::UnexpectedEof,
            Error::TimedOut { operation: "read" },
            Error::from(broken()),
            Error::from(io::Error::from_raw_os_error(5)),
            Error::File { path: "a.pem".into(), error: broken().into() },
            Error::AlertReceived(48),
            Error::Protocol { reason: reasons::HTTP_REQUEST, detail: detail() },
            Error::Misuse { reason: reasons::NOT_SERVER },
            Error::NothingEnabled { reason: reasons::NO_CIPHERS_AVAILABLE, detail: detail() },
            Error::Refused,
            Error::Internal { detail: detail() },
            verdict.into(),
            Error::material(reasons::BAD_END_LINE, detail()).in_file("a.pem".as_ref()),
            Error::Setting(detail()),
            Error::TooEarly("not yet"),
            Error::Unsupported(detail()),
        ]
    }

    #[test]
    fn an_error_that_went_through_read_or_write_keeps_its_kind() {
        for error in all() {
            let (before, is_io) = (error.report(), matches!(error, Error::Io(_)));
            let after = Error::from(io::Error::from(error.clone()));
            assert_eq!(std::mem::discriminant(&after), std::mem::discriminant(&error), "{error:?}");
            assert_eq!(after.report(), before, "{error:?}");
            // Once more, as through two layers of streams.
            let again = Error::from(io::Error::from(after));
            assert_eq!(matches!(again, Error::Io(_)), is_io, "{error:?}");
        }
    }

    #[test]
    fn no_cause_says_what_was_said_before() {
        let mut longest = 0;
        for error in all() {
            let mut said = vec![error.to_string()];
            let mut cause = error.source();
            while let Some(next) = cause {
                let text = next.to_string();
                assert!(!said.iter().any(|before| before.contains(&text)), "{said:?} and again {text:?}");
                said.push(text);
                cause = next.source();
            }
            longest = longest.max(said.len());
        }
        // What is behind the system's error is said, once.
        assert_eq!(longest, 2);
    }

    #[test]
    fn misuse_is_told_from_damage() {
        let kind = |error: Error| io::Error::from(error).kind();
        let misuse = |reason| kind(Error::Misuse { reason });
        assert_eq!(misuse(reasons::PROTOCOL_IS_SHUTDOWN), io::ErrorKind::BrokenPipe);
        assert_eq!(misuse(reasons::NOT_SERVER), io::ErrorKind::InvalidInput);
        let nothing = Error::nothing_enabled(reasons::NO_CIPHERS_AVAILABLE, "");
        assert_eq!(kind(nothing), io::ErrorKind::InvalidInput);
        assert_eq!(kind(Error::Refused), io::ErrorKind::ConnectionAborted);
        assert_eq!(kind(Error::internal("")), io::ErrorKind::Other);
        assert_eq!(kind(Error::protocol(reasons::HTTP_REQUEST, "")), io::ErrorKind::InvalidData);
    }
}
