//! From the program to the transport, close_notify included.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ferrossl::Error;
use ferrossl::connection::Closing;
use pyo3::intern;
use pyo3::prelude::*;

use super::{SMALL, TLS_FAILED, TransportCore, WRITE_FAILED, phase};
use crate::buffers::Input;
use crate::descriptor;
use crate::sync::lock;

impl TransportCore {
    /// Writes, or keeps, what is not empty.
    pub(super) fn take_in(&self, py: Python<'_>, input: Input<'_>) -> PyResult<()> {
        let waits = match self.phase.load(Ordering::Acquire) {
            phase::OPEN => self.blocked.load(Ordering::Acquire) || lock(&self.backlog).len() > 0,
            phase::HANDSHAKE => true,
            _ => return self.written_too_late(py),
        };
        let done = if waits {
            0
        } else {
            let Some(done) = self.encrypt(py, input.as_slice())? else { return Ok(()) };
            if !self.blocked.load(Ordering::Acquire) {
                return Ok(());
            }
            done
        };
        if done < input.as_slice().len() {
            lock(&self.backlog).push(input, done);
        }
        self.tell(py, intern!(py, "_writing_blocked"))
    }

    /// Encrypts and sends the beginning of `data`, for as long as the transport takes it. Returns how many bytes that were;
    /// `None` when the other half has been told of a failure.
    pub(super) fn encrypt(&self, py: Python<'_>, data: &[u8]) -> PyResult<Option<usize>> {
        let driver = self.driver()?;
        let Some(socket) = self.socket(py)? else {
            return self.fail_io(py, descriptor::closed(), WRITE_FAILED).map(|()| None);
        };
        let work = || {
            let mut done = 0;
            while done < data.len() {
                match driver.connection().write(&data[done..]) {
                    Ok(Some(bytes)) => done += bytes,
                    Ok(None) => return Err((Error::WantRead, TLS_FAILED)),
                    Err(error) => return Err((error, TLS_FAILED)),
                }
                match driver.send_pending(&socket) {
                    Ok(true) => {}
                    Ok(false) => {
                        self.blocked.store(true, Ordering::Release);
                        break;
                    }
                    Err(error) => return Err((Error::Io(Arc::new(error)), WRITE_FAILED)),
                }
            }
            Ok(done)
        };
        match if data.len() < SMALL { work() } else { py.detach(work) } {
            Ok(done) => Ok(Some(done)),
            Err((error, what)) => self.fail(py, error, what).map(|()| None),
        }
    }

    /// Sends what is queued. Returns whether all of it is gone.
    pub(super) fn send(&self, py: Python<'_>) -> PyResult<bool> {
        let sent = match self.socket(py)? {
            Some(socket) => self.driver()?.send_pending(&socket),
            None => Err(descriptor::closed()),
        };
        match sent {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.blocked.store(true, Ordering::Release);
                self.tell(py, intern!(py, "_writing_blocked"))?;
                Ok(false)
            }
            Err(error) => {
                self.fail_io(py, error, WRITE_FAILED)?;
                Ok(false)
            }
        }
    }

    /// Sends what is queued, if it goes. The news is another failure.
    pub(super) fn send_alert(&self, py: Python<'_>) -> PyResult<()> {
        if let Some(socket) = self.socket(py)? {
            let _ = self.driver()?.send_pending(&socket);
        }
        Ok(())
    }

    /// Says close_notify behind everything that was written, and throws away what the peer still says.
    pub(super) fn go_on_closing(&self, py: Python<'_>) -> PyResult<()> {
        self.drop_received(py)?;
        if !self.is(phase::CLOSING) || self.blocked.load(Ordering::Acquire) || lock(&self.backlog).len() > 0 {
            return Ok(());
        }
        let connection = self.driver()?.connection();
        let ended = self.ended.load(Ordering::Acquire);
        let done = if ended && !self.peer_closed.load(Ordering::Acquire) {
            // Who hangs up without close_notify is sent none.
            true
        } else {
            match connection.close() {
                Ok(Closing::Done) => true,
                // Its data was thrown away a moment ago. What comes next has the socket ready.
                Ok(Closing::NeedRead | Closing::NeedWrite) => ended,
                Err(error) => {
                    self.send_alert(py)?;
                    return self.fail(py, error, TLS_FAILED);
                }
            }
        };
        if let Err(error) = self.connection.get().deliver_messages(py) {
            return self.fail(py, error, TLS_FAILED);
        }
        if self.send(py)? && done {
            self.tell(py, intern!(py, "_shut_down"))?;
        }
        Ok(())
    }

    /// A connection that is closed takes nothing. It may have no other half any more.
    fn written_too_late(&self, py: Python<'_>) -> PyResult<()> {
        let earlier = self.too_late.fetch_add(1, Ordering::Relaxed);
        let module = py.import(intern!(py, "ferrossl._asyncio_transport"))?;
        module.call_method1(intern!(py, "_written_too_late"), (earlier,)).map(|_| ())
    }
}
