//! Writing, and the end of it.

use super::outbox::Outbox;
use super::reading::Processed;
use super::state::State;
use super::{Closing, Connection, Handshake, WAITS_FOR_A_CHOICE, WRITE_BATCH};
use crate::byte_queue::ByteQueue;
use crate::error::{Error, Result};
use crate::openssl_names::reasons;
use crate::sync::lock;

impl Connection {
    /// Encrypts the beginning of `data`, at most [`WRITE_BATCH`] bytes, and queues the records.
    /// Returns how many bytes that were, or `None` when the handshake needs more from the peer first.
    ///
    /// # Errors
    ///
    /// `PROTOCOL_IS_SHUTDOWN` after [`Self::close`], [`Error::UnexpectedEof`] once a read has failed with it, and
    /// whatever the connection has failed with.
    pub fn write(&self, data: &[u8]) -> Result<Option<usize>> {
        self.write_with(data, |outbox, seal| outbox.append_data(seal))
    }

    /// Where `append` has the records put.
    pub(super) fn write_with(
        &self,
        data: &[u8],
        append: impl FnOnce(&Outbox, &mut dyn FnMut(&mut ByteQueue) -> Result<()>) -> Result<()>,
    ) -> Result<Option<usize>> {
        self.ends.check_not_truncated()?;
        if self.negotiated().is_none() {
            match self.handshake()? {
                Handshake::Done => {}
                Handshake::NeedRead => return Ok(None),
                Handshake::ClientHello(_) => return Err(WAITS_FOR_A_CHOICE),
            }
        }
        let batch = &data[..data.len().min(WRITE_BATCH)];
        let mut state = lock(&self.state);
        let connection = state.opened()?;
        if self.ends.has_closed() {
            return Err(Error::Misuse { reason: reasons::PROTOCOL_IS_SHUTDOWN });
        }
        match append(&self.outbox, &mut |output| connection.write(batch, output)) {
            Ok(()) => Ok(Some(batch.len())),
            Err(error) => {
                // A record that could not be made leaves a gap that nothing may be sent behind.
                self.ends.set_failed();
                Err(state.fail(error))
            }
        }
    }

    /// Queues close_notify (once), and looks whether the peer has said it too.
    ///
    /// # Errors
    ///
    /// `SHUTDOWN_WHILE_IN_INIT` before the handshake is done, `APPLICATION_DATA_AFTER_CLOSE_NOTIFY` when
    /// there is data that nobody has read (it stays readable), [`Error::UnexpectedEof`] when the transport
    /// ended, and whatever the connection has failed with.
    pub fn close(&self) -> Result<Closing> {
        let mut receive = lock(&self.receive);
        let mut state = lock(&self.state);
        match &mut *state {
            State::Failed(error, _) => return Err(error.clone()),
            State::Open(connection) => {
                if self.ends.close() {
                    self.outbox.append(|output| connection.close(output));
                }
            }
            _ => return Err(Error::Misuse { reason: reasons::SHUTDOWN_WHILE_IN_INIT }),
        }
        loop {
            if receive.engine_has_data || receive.leftover() > 0 {
                return Err(Error::Misuse { reason: reasons::APPLICATION_DATA_AFTER_CLOSE_NOTIFY });
            }
            match self.process_record(&mut receive, &mut state)? {
                Processed::Record => {}
                Processed::NeedRead => return Ok(Closing::NeedRead),
                Processed::NeedWrite => return Ok(Closing::NeedWrite),
                Processed::Closed => return Ok(Closing::Done),
            }
        }
    }

    /// Whether this side has said close_notify.
    #[must_use]
    pub fn has_closed(&self) -> bool {
        self.ends.has_closed()
    }
}
