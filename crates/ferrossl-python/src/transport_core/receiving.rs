//! From the connection to the program's protocol.

use std::sync::atomic::Ordering;

use ferrossl::Error;
use ferrossl::connection::{Connection, Read};
use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;

use super::{SMALL, TLS_FAILED, TransportCore, phase};
use crate::buffers::{MAX_READ, Output, with_scratch};
use crate::new_bytes;
use crate::sync::lock;

/// Where data goes: methods of the program's protocol.
#[derive(Default)]
pub(super) enum Receiver {
    #[default]
    Nobody,
    /// `data_received`
    Data(Py<PyAny>),
    /// `get_buffer` and `buffer_updated`
    Buffer(Py<PyAny>, Py<PyAny>),
}

impl Receiver {
    pub(super) fn clone_ref(&self, py: Python<'_>) -> Self {
        match self {
            Self::Nobody => Self::Nobody,
            Self::Data(received) => Self::Data(received.clone_ref(py)),
            Self::Buffer(get, updated) => Self::Buffer(get.clone_ref(py), updated.clone_ref(py)),
        }
    }
}

/// Why there is no more data to hand over.
pub(super) enum End {
    /// The buffer is full: there may be more.
    Full,
    /// The peer has to say more.
    NeedRead,
    /// The peer has this side answer, and does not read the answers.
    NeedWrite,
    Closed,
    Failed(Error),
}

/// Opens what has come in until the buffer is full, but for its last byte, which is lent only
/// ([`Connection::read_with_spare`]), or nothing is left. Returns the number of bytes.
pub(super) fn open(connection: &Connection, buffer: &mut [u8]) -> (usize, End) {
    let mut filled = 0;
    while filled + 1 < buffer.len() {
        match connection.read_with_spare(&mut buffer[filled..]) {
            Ok(Read::Data(bytes)) => filled += bytes,
            Ok(Read::NeedRead) => return (filled, End::NeedRead),
            Ok(Read::NeedWrite) => return (filled, End::NeedWrite),
            Ok(Read::Closed) => return (filled, End::Closed),
            Err(error) => return (filled, End::Failed(error)),
        }
    }
    (filled, End::Full)
}

impl TransportCore {
    /// Hands over what has come in, and sends what there is to answer.
    pub(super) fn hand_over(&self, py: Python<'_>) -> PyResult<()> {
        let driver = self.driver()?;
        while self.is(phase::OPEN) && !self.paused.load(Ordering::Acquire) {
            let connection = driver.connection();
            let room = connection.received().max(connection.pending()).min(MAX_READ);
            if room == 0 {
                break;
            }
            let receiver = lock(&self.receiver).clone_ref(py);
            let end = match &receiver {
                Receiver::Data(received) => self.call_data_received(py, connection, room, received)?,
                Receiver::Buffer(get, updated) => self.fill_buffer(py, connection, room, get, updated)?,
                Receiver::Nobody => None,
            };
            match end {
                Some(End::Full) => {}
                Some(End::NeedRead) => break,
                Some(End::NeedWrite) => {
                    // Whoever takes the answers is heard again at once.
                    if self.is(phase::OPEN) && !self.send(py)? {
                        self.tell(py, intern!(py, "_stop_reading"))?;
                        break;
                    }
                }
                Some(End::Closed) => {
                    self.peer_closed.store(true, Ordering::Release);
                    return self.tell(py, intern!(py, "_peer_closed"));
                }
                Some(End::Failed(error)) => {
                    self.send_alert(py)?;
                    return self.fail(py, error, TLS_FAILED);
                }
                // The other half has been told why.
                None => return Ok(()),
            }
        }
        if self.is(phase::CLOSING) {
            return self.go_on_closing(py);
        }
        if driver.connection().wants_send() && self.is(phase::OPEN) {
            self.send(py)?;
        }
        Ok(())
    }

    /// Throws away what has come in, and sends what there is to answer.
    pub(super) fn drop_received(&self, py: Python<'_>) -> PyResult<()> {
        let connection = self.driver()?.connection();
        while self.is(phase::CLOSING) {
            let end = with_scratch(MAX_READ, |scratch| open(connection, scratch).1);
            if let Err(error) = self.connection.get().deliver_messages(py) {
                return self.fail(py, error, TLS_FAILED);
            }
            match end {
                End::Full => {}
                End::NeedRead => break,
                End::NeedWrite => {
                    if !self.send(py)? {
                        return self.tell(py, intern!(py, "_stop_reading"));
                    }
                }
                End::Closed => {
                    // What still comes means nothing. It is read all the same: a socket that is closed over something that
                    // nobody has read resets the connection, which may cost the peer what was written.
                    self.peer_closed.store(true, Ordering::Release);
                    drop(connection.take_leftover());
                    break;
                }
                End::Failed(error) => {
                    self.send_alert(py)?;
                    return self.fail(py, error, TLS_FAILED);
                }
            }
        }
        Ok(())
    }

    /// `None` when the protocol has failed.
    fn call_data_received(
        &self,
        py: Python<'_>,
        connection: &Connection,
        room: usize,
        received: &Py<PyAny>,
    ) -> PyResult<Option<End>> {
        let (bytes, end) = new_bytes::filled(py, room + 1, |buffer| {
            if room < SMALL { open(connection, buffer) } else { py.detach(|| open(connection, buffer)) }
        })?;
        if let Err(error) = self.connection.get().deliver_messages(py) {
            return self.fail(py, error, TLS_FAILED).map(|()| None);
        }
        if bytes.as_bytes().is_empty() {
            return Ok(Some(end));
        }
        match received.call1(py, (bytes,)) {
            Ok(_) => Ok(Some(end)),
            Err(error) => self.fail(py, error, TLS_FAILED).map(|()| None),
        }
    }

    /// The same for a `BufferedProtocol`.
    fn fill_buffer(
        &self,
        py: Python<'_>,
        connection: &Connection,
        room: usize,
        get: &Py<PyAny>,
        updated: &Py<PyAny>,
    ) -> PyResult<Option<End>> {
        let buffer = get.call1(py, (room,)).and_then(|buffer| Output::new(buffer.bind(py)));
        let buffer = buffer.and_then(|buffer| match buffer.len() {
            0 => Err(PyRuntimeError::new_err("get_buffer() returned an empty buffer")),
            _ => Ok(buffer),
        });
        let buffer = match buffer {
            Ok(buffer) => buffer,
            Err(error) => return self.fail(py, error, TLS_FAILED).map(|()| None),
        };
        let (filled, end) = with_scratch(room.min(buffer.len()), |scratch| {
            let (filled, end) = if scratch.len() < SMALL {
                open(connection, scratch)
            } else {
                py.detach(|| open(connection, scratch))
            };
            buffer.write(py, &scratch[..filled]);
            (filled, end)
        });
        drop(buffer);
        if let Err(error) = self.connection.get().deliver_messages(py) {
            return self.fail(py, error, TLS_FAILED).map(|()| None);
        }
        if filled == 0 {
            return Ok(Some(end));
        }
        match updated.call1(py, (filled,)) {
            Ok(_) => Ok(Some(end)),
            Err(error) => self.fail(py, error, TLS_FAILED).map(|()| None),
        }
    }
}
