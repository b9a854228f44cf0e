//! Vectors (RFC 8446 section 3.4): a length, then as many bytes.

/// Splits off a vector whose length stands in its first `width` bytes: its contents, and what stands behind it.
pub(crate) fn vector(bytes: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_at_checked(width)?;
    rest.split_at_checked(number(length))
}

/// A number of up to four bytes, big-endian.
pub(crate) fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, &byte| number << 8 | usize::from(byte))
}
