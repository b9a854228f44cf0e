//! Tag-length-value items over the `der` crate, and the few ASN.1 types that certificates use.

use der::{Decode, Header, Reader, SliceReader};

/// One item: its identifier octet, its contents, and all its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    pub(crate) raw: &'a [u8],
}

pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const T61_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const VISIBLE_STRING: u8 = 0x1a;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    /// `[n]`, constructed.
    pub(crate) const fn explicit(n: u8) -> u8 {
        0xa0 | n
    }
    /// `[n]`, primitive.
    pub(crate) const fn implicit(n: u8) -> u8 {
        0x80 | n
    }
}

/// Cuts the first item off; `None` when the bytes do not begin with a whole item.
pub(crate) fn split_first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let length = reader.tlv_bytes().ok()?.len();
    Some(bytes.split_at(length))
}

/// The items that stand one behind the other in `bytes`.
pub(crate) fn items(bytes: &[u8]) -> Items<'_> {
    Items { rest: bytes }
}

/// Iterator of [`items`]; ends early, with bytes left over, at the first damaged item.
#[derive(Clone)]
pub(crate) struct Items<'a> {
    rest: &'a [u8],
}

impl<'a> Items<'a> {
    /// The next item, when it has this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<Tlv<'a>> {
        self.next().filter(|item| item.tag == tag)
    }

    /// The next item, taken only when it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Tlv<'a>> {
        if self.rest.first() == Some(&tag) { self.next() } else { None }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let (raw, rest) = split_first(self.rest)?;
        let mut reader = SliceReader::new(raw).ok()?;
        Header::decode(&mut reader).ok()?;
        let start = usize::try_from(reader.position()).ok()?;
        self.rest = rest;
        Some(Tlv { tag: raw[0], value: &raw[start..], raw })
    }
}

/// All items of `bytes`, or `None` when some of them are damaged.
pub(crate) fn all_items(bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let mut iterator = items(bytes);
    let found: Vec<_> = iterator.by_ref().collect();
    iterator.is_empty().then_some(found)
}

/// The only item of `bytes`, with this tag and nothing behind it.
pub(crate) fn only(bytes: &[u8], tag: u8) -> Option<Tlv<'_>> {
    let mut iterator = items(bytes);
    let item = iterator.expect(tag)?;
    iterator.is_empty().then_some(item)
}

/// An item with this identifier octet and these contents.
pub(crate) fn wrap(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let digits = &length.to_be_bytes()[length.leading_zeros() as usize / 8..];
    let mut item = Vec::with_capacity(length + 2 + digits.len());
    item.push(tag);
    if length < 0x80 {
        item.push(length as u8);
    } else {
        item.push(0x80 | digits.len() as u8);
        item.extend(digits);
    }
    item.extend(contents);
    item
}

/// An object identifier in dotted form. OpenSSL sets no limit to an arc; we stop at 64 bits.
pub(crate) fn oid(contents: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc: u64 = 0;
    let mut pending = false;
    for &byte in contents {
        if arc > u64::MAX >> 7 {
            return None;
        }
        arc = arc << 7 | u64::from(byte & 0x7f);
        pending = byte & 0x80 != 0;
        if !pending {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.push(first);
                arcs.push(arc - first * 40);
            } else {
                arcs.push(arc);
            }
            arc = 0;
        }
    }
    if pending || arcs.is_empty() {
        return None;
    }
    Some(arcs.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}

/// A small non-negative INTEGER; `None` when it is negative or above 63 bits.
pub(crate) fn small_integer(contents: &[u8]) -> Option<u64> {
    if contents.is_empty() || contents[0] & 0x80 != 0 || contents.len() > 8 {
        return None;
    }
    Some(contents.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
}

/// The bytes of a BIT STRING that has no unused bits.
pub(crate) fn whole_bits(contents: &[u8]) -> Option<&[u8]> {
    match contents.split_first()? {
        (0, bits) => Some(bits),
        _ => None,
    }
}

/// The first 16 bits of a named BIT STRING, first bit at the top.
pub(crate) fn named_bits(contents: &[u8]) -> Option<u16> {
    let (&unused, bytes) = contents.split_first()?;
    if unused > 7 || (bytes.is_empty() && unused != 0) {
        return None;
    }
    let byte = |index: usize| {
        let value = bytes.get(index).copied().unwrap_or(0);
        if index + 1 == bytes.len() { value & (0xff << unused) as u8 } else { value }
    };
    Some(u16::from(byte(0)) << 8 | u16::from(byte(1)))
}

/// Any ASN.1 string type as text, as `ASN1_STRING_to_UTF8` reads it; `None` for other types and bad encodings.
pub(crate) fn string(tag: u8, contents: &[u8]) -> Option<String> {
    match tag {
        tag::UTF8_STRING => std::str::from_utf8(contents).ok().map(str::to_owned),
        // OpenSSL reads T61String and the ASCII types as Latin-1.
        tag::PRINTABLE_STRING | tag::T61_STRING | tag::IA5_STRING | tag::VISIBLE_STRING => {
            Some(contents.iter().map(|&byte| char::from(byte)).collect())
        }
        tag::BMP_STRING => {
            let (pairs, []) = contents.as_chunks::<2>() else { return None };
            String::from_utf16(&pairs.iter().map(|&pair| u16::from_be_bytes(pair)).collect::<Vec<_>>()).ok()
        }
        tag::UNIVERSAL_STRING => {
            let (quads, []) = contents.as_chunks::<4>() else { return None };
            quads.iter().map(|&quad| char::from_u32(u32::from_be_bytes(quad))).collect()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oids_are_dotted() {
        assert_eq!(oid(&[0x55, 4, 3]).unwrap(), "2.5.4.3");
        assert_eq!(oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]).unwrap(), "1.2.840.113549");
        assert_eq!(oid(&[0x88, 0x37, 3]).unwrap(), "2.999.3");
        assert_eq!(oid(&[0x55, 0x84]), None);
        assert_eq!(oid(&[0xff; 12]), None);
    }

    #[test]
    fn damaged_items_are_not_whole() {
        assert!(all_items(&[2, 1, 5, 2, 1]).is_none());
        assert_eq!(all_items(&[2, 1, 5, 4, 0]).unwrap().len(), 2);
        assert!(split_first(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).is_none());
    }

    #[test]
    fn unused_bits_do_not_count() {
        assert_eq!(named_bits(&[5, 0b1011_1111]), Some(0b1010_0000 << 8));
        assert_eq!(named_bits(&[7, 0, 0x80]), Some(0x80));
        assert_eq!(named_bits(&[9, 0]), None);
    }
}
