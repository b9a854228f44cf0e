//! One extension as it stands in a list (RFC 5280 section 4.1), whatever its value means.

use super::der::{Oid, all_of, boolean, items, tag};

/// One extension of a certificate, of a CRL or of a CRL's entry, whose value nobody has read yet.
#[derive(Debug)]
pub(super) struct Extension<'a> {
    pub(super) identifier: Oid<'a>,
    pub(super) critical: bool,
    pub(super) value: &'a [u8],
}

impl<'a> Extension<'a> {
    /// Reads the contents of `Extensions`, a SEQUENCE of them; `None` when one is damaged.
    pub(super) fn read_all(contents: &'a [u8]) -> Option<Vec<Self>> {
        all_of(contents, tag::SEQUENCE)?.into_iter().map(|extension| Self::read(extension.value)).collect()
    }

    fn read(contents: &'a [u8]) -> Option<Self> {
        let mut fields = items(contents);
        let identifier = Oid::read(fields.expect(tag::OID)?.value)?;
        let critical = match fields.optional(tag::BOOLEAN) {
            Some(flag) => boolean(flag.value)?,
            None => false,
        };
        let value = fields.expect(tag::OCTET_STRING)?.value;
        fields.finish()?;
        Some(Self { identifier, critical, value })
    }
}
