//! What a socket must be able to do for us.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;

/// What to wait for. Whoever implements [`Transport`] must know what each of them means, so a further one would have to be
/// noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes from the peer.
    Read,
    /// Room for bytes to the peer.
    Write,
    /// Either.
    ReadOrWrite,
}

/// Moves bytes without waiting, and waits without moving any.
pub trait Transport {
    /// Receives; `WouldBlock` when nothing is there, 0 at the end.
    ///
    /// # Errors
    ///
    /// The system's.
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Looks at what has come in and leaves it there: puts its beginning into `buffer`. With nothing there `WouldBlock`, or
    /// with `waits`, as far as the transport can, a wait for it. 0 at the end.
    ///
    /// By default `Unsupported`: then everything goes through [`Self::receive`].
    ///
    /// # Errors
    ///
    /// The system's; as for [`Self::wait`].
    fn peek(&self, _buffer: &mut [u8], _waits: bool) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Takes as many bytes as `place` has, which [`Self::peek`] has shown; `place` may be written to. Without a copy
    /// if it can.
    ///
    /// # Errors
    ///
    /// The system's; `UnexpectedEof` if somebody else has taken them.
    fn discard(&self, place: &mut [u8]) -> io::Result<()> {
        let mut done = 0;
        while done < place.len() {
            match self.receive(&mut place[done..])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                taken => done += taken,
            }
        }
        Ok(())
    }

    /// Sends; `WouldBlock` when there is no room.
    ///
    /// # Errors
    ///
    /// The system's.
    fn send(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Sends like [`Self::send`], but not behind an acknowledgement of what was sent before (Nagle's algorithm).
    /// By default the same as [`Self::send`].
    ///
    /// # Errors
    ///
    /// The system's.
    fn send_at_once(&self, bytes: &[u8]) -> io::Result<usize> {
        self.send(bytes)
    }

    /// Has what was received acknowledged now and not after a while, because the peer may wait for that before it
    /// sends more. A hint: by default nothing, and its failure is nobody's concern.
    fn acknowledge_now(&self) {}

    /// Waits at most `timeout` (`None`: for ever). False when the time ran out.
    ///
    /// # Errors
    ///
    /// The system's; `Interrupted` makes the caller ask [`Self::interrupted`] and wait again.
    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool>;

    /// A signal came in during a wait, or may have come in while an operation was busy without any: this is called
    /// every so many records then, with no lock held. An error ends the operation.
    ///
    /// # Errors
    ///
    /// Whatever the signal asks for; none by default.
    fn interrupted(&self) -> io::Result<()> {
        Ok(())
    }
}

/// An error of a transport, and nothing else: one that is itself made over a connection of this crate (TLS in TLS) hands on
/// errors of that connection, which are not those of this one.
pub(super) fn failed(error: io::Error) -> Error {
    Error::Io(Arc::new(error))
}
