//! `ssl.MemoryBIO`, and the like of it from the standard library: asyncio makes those for whatever context
//! it is given.

use std::ffi::c_int;
use std::sync::{Arc, Mutex, MutexGuard};

use ferrossl::MemoryBio;
use ferrossl::socket::ONE_RECORD;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::PyBytes;

use crate::buffers::Input;
use crate::exceptions::{BindingResult, plain_ssl_error};
use crate::sync::lock;

/// A queue of bytes between a TLS connection and a program that moves them itself.
#[pyclass(frozen, immutable_type, subclass, name = "MemoryBIO", module = "ferrossl")]
pub(crate) struct PyMemoryBio {
    pub(crate) bio: Arc<MemoryBio>,
}

#[pymethods]
impl PyMemoryBio {
    #[new]
    fn new() -> Self {
        Self { bio: Arc::new(MemoryBio::new()) }
    }

    /// Read up to size bytes from the memory BIO.
    ///
    /// If size is not specified or negative, read all bytes. An empty result means that there are none
    /// now, or, if `eof` is true, never again.
    #[pyo3(signature = (size=-1, /), text_signature = "($self, size=-1, /)")]
    fn read<'py>(&self, py: Python<'py>, size: c_int) -> Bound<'py, PyBytes> {
        let limit = usize::try_from(size).unwrap_or(usize::MAX);
        self.bio.read_with(limit, |bytes| PyBytes::new(py, bytes))
    }

    /// Write the bytes b into the memory BIO. Returns the number of bytes written.
    #[pyo3(signature = (b, /))]
    fn write(&self, b: &Bound<'_, PyAny>) -> PyResult<usize> {
        let input = Input::new(b)?;
        self.bio.write(input.as_slice()).map_err(|error| plain_ssl_error(0, error.report().text))
    }

    /// Write an EOF marker to the memory BIO. After this, writing is an error.
    fn write_eof(&self) {
        self.bio.write_eof();
    }

    /// The number of bytes pending in the memory BIO.
    #[getter]
    fn pending(&self) -> usize {
        self.bio.pending()
    }

    /// Whether the memory BIO is at EOF.
    #[getter]
    fn eof(&self) -> bool {
        self.bio.is_eof()
    }
}

/// Type, version and length in front of every record (RFC 8446 section 5.1), in bytes.
const HEADER: usize = 5;
/// `ContentType::application_data`.
const APPLICATION_DATA: u8 = 23;
/// The largest body of a record of data: 2^14 bytes and what TLS 1.2 may add to them.
const MAX_BODY: usize = (1 << 14) + 2048;
/// A record with more than this is not close_notify, whatever stands inside: behind it, more may be taken at once.
/// (An alert that is padded to more is put back together with what follows it.)
const LARGER_THAN_ALERTS: usize = 512;
/// How much is brought in for one step: less than a queue keeps of its memory, so that it need not grow each time.
const BATCH: usize = 2 * (HEADER + MAX_BODY);

/// Where in the stream of records the bytes end that were taken from another module's BIO.
#[derive(Default)]
struct Place {
    header: [u8; HEADER],
    /// How many bytes of the header are there.
    known: usize,
    /// How many bytes of the body are not.
    missing: usize,
}

impl Place {
    /// How many bytes there are to the end of the header, or of the body.
    const fn wanted(&self) -> usize {
        if self.missing > 0 { self.missing } else { HEADER - self.known }
    }

    /// Goes on over `bytes`, which are no more than was wanted. Returns the length of the body that ends with them; `None`
    /// in the middle of a record, and behind what is no record at all.
    fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.missing > 0 {
            self.missing -= bytes.len();
        } else {
            self.header[self.known..self.known + bytes.len()].copy_from_slice(bytes);
            self.known += bytes.len();
            if self.known < HEADER {
                return None;
            }
            // What is no record is refused by its header, as with OpenSSL.
            let length = self.body();
            let possible = matches!(self.header, [20..=24, 3, ..]) && length <= MAX_BODY;
            self.missing = if possible { length } else { 0 };
            if !possible {
                self.known = 0;
                return None;
            }
        }
        if self.missing > 0 {
            return None;
        }
        self.known = 0;
        Some(self.body())
    }

    const fn body(&self) -> usize {
        let [.., high, low] = self.header;
        u16::from_be_bytes([high, low]) as usize
    }

    /// Whether the record that has just ended may be the last one of the peer's.
    fn may_have_closed(&self) -> bool {
        self.header[0] != APPLICATION_DATA || self.body() < LARGER_THAN_ALERTS
    }
}

/// Another module's BIO, and how far it was read.
struct Foreign {
    bio: Py<PyAny>,
    place: Mutex<Place>,
}

impl Foreign {
    fn read<'py>(&self, py: Python<'py>, size: usize) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.bio.bind(py).call_method1(intern!(py, "read"), (size,))?;
        Ok(bytes.cast_into::<PyBytes>()?)
    }

    fn is_eof(&self, py: Python<'_>) -> PyResult<bool> {
        self.bio.bind(py).getattr(intern!(py, "eof"))?.extract()
    }

    fn write(&self, bytes: Bound<'_, PyAny>) -> PyResult<()> {
        let py = bytes.py();
        self.bio.bind(py).call_method1(intern!(py, "write"), (bytes,)).map(|_| ())
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        lock(&self.place)
    }
}

/// One BIO of a connection.
pub(crate) struct Bio {
    queue: Arc<MemoryBio>,
    /// Another module's BIO, whose bytes pass through `queue`.
    foreign: Option<Foreign>,
}

impl Bio {
    /// Takes our own BIO, or anything with its methods.
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(own) = object.cast::<PyMemoryBio>() {
            return Ok(Self { queue: Arc::clone(&own.get().bio), foreign: None });
        }
        for name in ["read", "write", "write_eof", "eof", "pending"] {
            if !object.hasattr(name)? {
                return Err(PyTypeError::new_err(format!(
                    "a MemoryBIO is required, not '{}'",
                    object.get_type().name()?
                )));
            }
        }
        let foreign = Foreign { bio: object.clone().unbind(), place: Mutex::default() };
        Ok(Self { queue: Arc::new(MemoryBio::new()), foreign: Some(foreign) })
    }

    pub(crate) const fn queue(&self) -> &Arc<MemoryBio> {
        &self.queue
    }

    /// The other module's BIO.
    pub(crate) fn foreign(&self) -> Option<&Py<PyAny>> {
        self.foreign.as_ref().map(|foreign| &foreign.bio)
    }

    /// Brings in the record under way from the other module's BIO, as far as it is there, and nothing behind it: first the
    /// header, then the body. Whoever looks at that BIO's `pending` sees what is left, as with OpenSSL.
    ///
    /// Where `room` in the reader's buffer is left behind a large record, the following ones come along: their data goes
    /// to the same reader, and one step opens them all.
    ///
    /// Returns how many bytes came, 0 for the news of the end; `None` when there is nothing new.
    pub(crate) fn take_in(&self, py: Python<'_>, room: usize) -> BindingResult<Option<usize>> {
        let Some(foreign) = &self.foreign else { return Ok(None) };
        // What is read must also be queued before another thread reads.
        with_critical_section(foreign.bio.bind(py), || {
            let (mut taken, mut room) = (0, room);
            loop {
                let wanted = foreign.place().wanted();
                let bytes = foreign.read(py, wanted)?;
                let bytes = bytes.as_bytes();
                self.queue.write(bytes)?;
                taken += bytes.len();
                if bytes.is_empty() {
                    if taken == 0 && !self.queue.is_eof() && foreign.is_eof(py)? {
                        self.queue.write_eof();
                        return Ok(Some(0));
                    }
                    break;
                }
                let mut place = foreign.place();
                let ended = place.advance(&bytes[..bytes.len().min(wanted)]);
                let half = place.missing > 0 && place.known == HEADER;
                match ended {
                    None if half => {}
                    Some(body) if !place.may_have_closed() => {
                        room = room.saturating_sub(body);
                        if room < ONE_RECORD || taken + HEADER + MAX_BODY > BATCH {
                            break;
                        }
                    }
                    _ => break,
                }
            }
            Ok((taken > 0).then_some(taken))
        })
    }

    /// Whether the other module's BIO has something.
    pub(crate) fn has_more(&self, py: Python<'_>) -> PyResult<bool> {
        let Some(foreign) = &self.foreign else { return Ok(false) };
        Ok(foreign.bio.bind(py).getattr(intern!(py, "pending"))?.extract::<usize>()? > 0)
    }

    /// Moves what was written to the other module's BIO.
    pub(crate) fn give_out(&self, py: Python<'_>) -> PyResult<()> {
        match &self.foreign {
            Some(foreign) if self.queue.pending() > 0 => {
                foreign.write(self.queue.read_with(usize::MAX, |bytes| PyBytes::new(py, bytes)).into_any())
            }
            _ => Ok(()),
        }
    }

    /// Puts back, in front of what is there, what was brought in and belongs to nobody here: clear text behind the peer's
    /// close_notify.
    pub(crate) fn give_back(&self, py: Python<'_>) -> PyResult<()> {
        let Some(foreign) = &self.foreign else { return Ok(()) };
        // A BIO that is marked as ended takes no more, and says so: nothing can be put back there.
        if self.queue.pending() == 0 || foreign.write(PyBytes::new(py, b"").into_any()).is_err() {
            return Ok(());
        }
        let behind = foreign.bio.bind(py).call_method0(intern!(py, "read"))?;
        self.give_out(py)?;
        foreign.write(behind)
    }
}
