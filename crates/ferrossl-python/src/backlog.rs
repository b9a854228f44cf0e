//! What a program has written and a connection has not taken yet, because its transport takes no more.

use std::collections::VecDeque;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffers::Input;

/// Pieces below this are put together, up to [`FULL`].
const SMALL: usize = 4096;
const FULL: usize = 64 * 1024;

enum Piece {
    /// The program's own object, which nobody can change.
    Bytes(Py<PyBytes>),
    Copied(Vec<u8>),
}

/// A queue of bytes.
#[derive(Default)]
pub(crate) struct Backlog {
    pieces: VecDeque<Piece>,
    /// How many bytes of the first piece are gone.
    taken: usize,
    bytes: usize,
}

impl Backlog {
    /// How many bytes wait.
    pub(crate) const fn len(&self) -> usize {
        self.bytes
    }

    /// Keeps `input`, of which the first `done` bytes are gone already.
    pub(crate) fn push(&mut self, input: Input<'_>, done: usize) {
        let rest = &input.as_slice()[done..];
        self.bytes += rest.len();
        if rest.len() < SMALL
            && let Some(Piece::Copied(last)) = self.pieces.back_mut()
            && last.len() < FULL
        {
            last.extend_from_slice(rest);
            return;
        }
        // The offset is that of the first piece only.
        let piece = match input {
            Input::Bytes(bytes) if done == 0 && rest.len() >= SMALL => Piece::Bytes(bytes.unbind()),
            Input::Copied(bytes) if done == 0 => Piece::Copied(bytes),
            Input::Bytes(bytes) if self.pieces.is_empty() => {
                self.taken = done;
                Piece::Bytes(bytes.unbind())
            }
            _ => Piece::Copied(rest.to_vec()),
        };
        self.pieces.push_back(piece);
    }

    /// Takes the next bytes out, at most `most`.
    pub(crate) fn take(&mut self, py: Python<'_>, most: usize) -> Vec<u8> {
        let mut batch = Vec::with_capacity(most.min(self.bytes));
        while batch.len() < most
            && let Some(piece) = self.pieces.front()
        {
            let bytes = match piece {
                Piece::Bytes(bytes) => bytes.as_bytes(py),
                Piece::Copied(bytes) => bytes,
            };
            let rest = &bytes[self.taken..];
            let count = rest.len().min(most - batch.len());
            batch.extend_from_slice(&rest[..count]);
            if count == rest.len() {
                self.taken = 0;
                self.pieces.pop_front();
            } else {
                self.taken += count;
            }
        }
        self.bytes -= batch.len();
        batch
    }
}
