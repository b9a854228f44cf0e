//! Tag-length-value items, and the few ASN.1 types that certificates use.
//!
//! The reader takes DER and nothing else (ITU-T X.690 section 10): lengths are definite and as short as can be, strings
//! come in one piece, integers and identifiers are not padded. OpenSSL's templates take some of BER as well; what
//! they refuse is refused here, because a limit would be lost with a field that one side reads and the other passes
//! over. The one exception: TRUE may be any byte but zero, as in OpenSSL, because such CA certificates exist.

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
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
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

/// The lengths of an item's header and of its contents; `None` when this is no whole item in DER.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    let (&first, mut rest) = bytes.split_first()?;
    // 0: the end of an item without a length (X.690 section 8.1.5), which DER does not have.
    if first == 0 {
        return None;
    }
    if first & 0x1f == 0x1f {
        // The number follows in groups of 7 bits. One that fits into the first byte must be there.
        let (&leading, _) = rest.split_first()?;
        let digits = 1 + rest.iter().take(5).position(|byte| byte & 0x80 == 0)?;
        if leading == 0x80 || digits > 4 || (digits == 1 && leading < 0x1f) {
            return None;
        }
        rest = &rest[digits..];
    }
    let (&length, mut rest) = rest.split_first()?;
    let length = match length {
        0..=0x7f => usize::from(length),
        // 1 to 4 bytes; 0x80 would be a length that is not given.
        0x81..=0x84 => {
            let (digits, behind) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let value = digits.iter().fold(0usize, |value, &digit| value << 8 | usize::from(digit));
            if digits[0] == 0 || value < 0x80 {
                return None;
            }
            rest = behind;
            value
        }
        _ => return None,
    };
    (length <= rest.len()).then_some((bytes.len() - rest.len(), length))
}

/// Cuts the first item off; `None` when the bytes do not begin with a whole item.
pub(crate) fn split_first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, length) = header(bytes)?;
    bytes.split_at_checked(header + length)
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

    /// A SEQUENCE's fields.
    pub(crate) fn sequence(&mut self) -> Option<Self> {
        self.expect(tag::SEQUENCE).map(|item| items(item.value))
    }

    /// That nothing is left.
    pub(crate) fn finish(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let (start, length) = header(self.rest)?;
        let (raw, rest) = self.rest.split_at_checked(start + length)?;
        self.rest = rest;
        Some(Tlv { tag: raw[0], value: &raw[start..], raw })
    }
}

/// All items of `bytes`, or `None` when some of them are damaged.
pub(crate) fn all_items(bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let mut iterator = items(bytes);
    let found: Vec<_> = iterator.by_ref().collect();
    iterator.finish()?;
    Some(found)
}

/// All items of `bytes`, which must have this tag.
pub(crate) fn all_of(bytes: &[u8], tag: u8) -> Option<Vec<Tlv<'_>>> {
    all_items(bytes).filter(|found| found.iter().all(|item| item.tag == tag))
}

/// The only item of `bytes`, with this tag and nothing behind it.
pub(crate) fn only(bytes: &[u8], tag: u8) -> Option<Tlv<'_>> {
    let mut iterator = items(bytes);
    let item = iterator.expect(tag)?;
    iterator.finish()?;
    Some(item)
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

/// The longest object identifier that is written in numbers. OpenSSL stops there too (CVE-2023-2650): the time it takes
/// grows with the square of the length.
const MAX_OID: usize = 586;

/// That these are the contents of an object identifier.
pub(crate) fn check_oid(contents: &[u8]) -> Option<()> {
    let starts_padded =
        |(index, &byte): (usize, &u8)| byte == 0x80 && (index == 0 || contents[index - 1] & 0x80 == 0);
    let is_good = contents.last()? & 0x80 == 0 && !contents.iter().enumerate().any(starts_padded);
    is_good.then_some(())
}

/// An object identifier: the contents of its item. Two are the same when their bytes are, because DER has one form only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Oid<'a>(&'a [u8]);

impl<'a> Oid<'a> {
    /// One with these contents, which are not looked at.
    pub(crate) const fn new(contents: &'a [u8]) -> Self {
        Self(contents)
    }

    /// Reads the contents of an item; `None` when they are damaged.
    pub(crate) fn read(contents: &'a [u8]) -> Option<Self> {
        check_oid(contents).map(|()| Self(contents))
    }

    /// Whether it is longer than OpenSSL writes in numbers.
    pub(crate) const fn is_too_long(self) -> bool {
        self.0.len() > MAX_OID
    }

    /// The dotted form; a very long identifier stands as `#` and its hexadecimal contents.
    pub(crate) fn dotted(self) -> String {
        if self.is_too_long() {
            return self.0.iter().fold("#".to_owned(), |text, byte| text + &format!("{byte:02X}"));
        }
        let mut text = String::new();
        for arc in self.0.split_inclusive(|byte| byte & 0x80 == 0) {
            if !text.is_empty() {
                text.push('.');
                text.push_str(&decimal(arc, 0));
            } else if let [first @ 0..80] = arc {
                text = format!("{}.{}", first / 40, first % 40);
            } else {
                text = format!("2.{}", decimal(arc, 80));
            }
        }
        text
    }
}

/// A number in groups of 7 bits, minus `less`, in decimal digits: arcs have no limit, and those made of UUIDs
/// (under 2.25) have 128 bits.
fn decimal(groups: &[u8], less: u32) -> String {
    const BASE: u64 = 1_000_000_000_000_000_000;
    // Least significant first.
    let mut digits = vec![0u64];
    for group in groups {
        let mut carry = u128::from(group & 0x7f);
        for digit in &mut digits {
            carry += u128::from(*digit) << 7;
            *digit = (carry % u128::from(BASE)) as u64;
            carry /= u128::from(BASE);
        }
        if carry > 0 {
            digits.push(carry as u64);
        }
    }
    let mut borrow = u64::from(less);
    for digit in &mut digits {
        let (value, below) = digit.overflowing_sub(borrow);
        (*digit, borrow) = if below { (value.wrapping_add(BASE), 1) } else { (value, 0) };
    }
    while digits.len() > 1 && digits.last() == Some(&0) {
        digits.pop();
    }
    let (last, rest) = digits.split_last().unwrap_or((&0, &[]));
    rest.iter().rev().fold(last.to_string(), |text, digit| text + &format!("{digit:018}"))
}

/// A BOOLEAN.
pub(crate) fn boolean(contents: &[u8]) -> Option<bool> {
    match contents {
        [byte] => Some(*byte != 0),
        _ => None,
    }
}

/// The bytes of an INTEGER or ENUMERATED, in as few as it takes.
pub(crate) fn integer(contents: &[u8]) -> Option<&[u8]> {
    match contents {
        [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => None,
        _ => Some(contents),
    }
}

/// A small non-negative INTEGER; `None` when it is negative or above 63 bits.
pub(crate) fn small_integer(contents: &[u8]) -> Option<u64> {
    if integer(contents)?[0] & 0x80 != 0 || contents.len() > 8 {
        return None;
    }
    Some(contents.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
}

/// A BIT STRING: how many bits of its last byte do not count, and its bytes.
pub(crate) fn bit_string(contents: &[u8]) -> Option<(u8, &[u8])> {
    match contents.split_first()? {
        (&unused @ 0..=7, bytes) => Some((unused, bytes)),
        _ => None,
    }
}

/// The bytes of a BIT STRING that has no unused bits.
pub(crate) fn whole_bits(contents: &[u8]) -> Option<&[u8]> {
    match bit_string(contents)? {
        (0, bytes) => Some(bytes),
        _ => None,
    }
}

/// The first 16 bits of a named BIT STRING, first bit at the top.
pub(crate) fn named_bits(contents: &[u8]) -> Option<u16> {
    let (unused, bytes) = bit_string(contents)?;
    let byte = |index: usize| {
        let value = bytes.get(index).copied().unwrap_or(0);
        if index + 1 == bytes.len() { value & (0xff << unused) as u8 } else { value }
    };
    Some(u16::from(byte(0)) << 8 | u16::from(byte(1)))
}

/// Whether an item of any type is what its tag says, as far as OpenSSL looks into it (`ASN1_ANY`).
pub(crate) fn any(item: Tlv<'_>) -> Option<()> {
    let value = item.value;
    let is_good = match item.tag {
        tag::BOOLEAN => boolean(value).is_some(),
        tag::INTEGER | tag::ENUMERATED => integer(value).is_some(),
        tag::BIT_STRING => bit_string(value).is_some(),
        tag::NULL => value.is_empty(),
        tag::OID => check_oid(value).is_some(),
        tag::UTC_TIME => value.len() >= 13,
        tag::GENERALIZED_TIME => value.len() >= 15,
        tag::UNIVERSAL_STRING => value.len().is_multiple_of(4),
        tag::BMP_STRING => value.len().is_multiple_of(2),
        tag::SEQUENCE | tag::SET => true,
        // A SEQUENCE or SET in one piece, and strings in several.
        0x10 | 0x11 | 0x20..=0x3f => false,
        _ => true,
    };
    is_good.then_some(())
}

/// Any ASN.1 string type as text, as `ASN1_STRING_to_UTF8` reads it; `None` for other types and bad encodings.
pub(crate) fn string(tag: u8, contents: &[u8]) -> Option<String> {
    match tag {
        tag::UTF8_STRING => std::str::from_utf8(contents).ok().map(str::to_owned),
        // OpenSSL reads T61String and the ASCII types as Latin-1.
        tag::NUMERIC_STRING
        | tag::PRINTABLE_STRING
        | tag::T61_STRING
        | tag::IA5_STRING
        | tag::VISIBLE_STRING => Some(contents.iter().map(|&byte| char::from(byte)).collect()),
        // Two bytes each and no more: halves of surrogate pairs are no characters.
        tag::BMP_STRING => {
            let (pairs, []) = contents.as_chunks::<2>() else { return None };
            pairs.iter().map(|&pair| char::from_u32(u16::from_be_bytes(pair).into())).collect()
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

    /// The dotted form of what can be read.
    fn oid(contents: &[u8]) -> Option<String> {
        Oid::read(contents).map(Oid::dotted)
    }

    #[test]
    fn oids_are_dotted() {
        assert_eq!(oid(&[0x55, 4, 3]).unwrap(), "2.5.4.3");
        assert_eq!(oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]).unwrap(), "1.2.840.113549");
        assert_eq!(oid(&[0x88, 0x37, 3]).unwrap(), "2.999.3");
        assert_eq!(oid(&[0x50]).unwrap(), "2.0");
        assert_eq!(oid(&[0x4f]).unwrap(), "1.39");
        for damaged in
            [&[][..], &[0x55, 0x84], &[0xff; 12], &[0x80, 0x01], &[0x55, 0x80, 0x04], &[0x55, 4, 0x80, 3]]
        {
            assert_eq!(oid(damaged), None, "{damaged:?}");
        }
    }

    #[test]
    fn arcs_have_no_limit() {
        let mut uuid = vec![0x69, 0x83];
        uuid.extend([0xff; 17]);
        uuid.push(0x7f);
        assert_eq!(oid(&uuid).unwrap(), format!("2.25.{}", u128::MAX));
        // 2^70, with zeros in the middle of its decimal digits where they were cut; and less the first arc.
        let large: Vec<_> = [0x81].into_iter().chain([0x80; 9]).chain([0]).collect();
        assert_eq!(oid(&[&[0x2a], &large[..]].concat()).unwrap(), format!("1.2.{}", 1u128 << 70));
        assert_eq!(oid(&large).unwrap(), format!("2.{}", (1u128 << 70) - 80));
        let long = [&[0x2a][..], &[1; MAX_OID]].concat();
        assert!(oid(&long).unwrap().starts_with("#2A01"));
        assert!(oid(&long[1..]).unwrap().starts_with("0.1.1"));
    }

    #[test]
    fn damaged_items_are_not_whole() {
        assert!(all_items(&[2, 1, 5, 2, 1]).is_none());
        assert_eq!(all_items(&[2, 1, 5, 4, 0]).unwrap().len(), 2);
        assert!(all_of(&[2, 1, 5, 4, 0], tag::INTEGER).is_none());
        assert_eq!(all_of(&[2, 1, 5, 2, 1, 6], tag::INTEGER).unwrap().len(), 2);
    }

    #[test]
    fn headers_are_written_in_one_way_only() {
        let contents = [0u8; 300];
        for header in [
            &[0x04, 0x05][..],
            &[0x04, 0x81, 0x80],
            &[0x04, 0x82, 0x01, 0x00],
            &[0x5f, 0x1f, 0x05],
            &[0x5f, 0x81, 0x00, 0x05],
        ] {
            assert!(split_first(&[header, &contents].concat()).is_some(), "{header:02x?}");
        }
        for header in [
            &[0x04, 0x80][..],
            &[0x04, 0x81, 0x05],
            &[0x04, 0x81, 0x7f],
            &[0x04, 0x82, 0x00, 0x80],
            &[0x04, 0x83, 0x00, 0x01, 0x00],
            &[0x04, 0x85, 0x00, 0x00, 0x00, 0x00, 0x05],
            &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x04, 0xff],
            &[0x00, 0x00],
            &[0x5f, 0x05, 0x01],
            &[0x5f, 0x80, 0x1f, 0x01],
            &[0x5f, 0x81, 0x81, 0x81, 0x81, 0x01, 0x01],
        ] {
            assert!(split_first(&[header, &contents].concat()).is_none(), "{header:02x?}");
            assert!(split_first(header).is_none(), "{header:02x?}");
        }
        for short in [&[][..], &[0x04], &[0x5f], &[0x5f, 0x1f], &[0x04, 0x81], &[0x04, 0x02, 0x01]] {
            assert!(split_first(short).is_none(), "{short:02x?}");
        }
    }

    #[test]
    fn what_is_wrapped_is_read_again() {
        for length in [0, 1, 127, 128, 129, 255, 256, 257, 65_535, 65_536] {
            let contents = vec![7; length];
            let wrapped = wrap(tag::OCTET_STRING, &contents);
            let (first, rest) = split_first(&wrapped).unwrap();
            assert_eq!((first.len(), rest.len()), (wrapped.len(), 0), "{length}");
            assert_eq!(only(&wrapped, tag::OCTET_STRING).unwrap().value, contents, "{length}");
        }
    }

    #[test]
    fn numbers_are_not_padded() {
        for good in
            [&[0][..], &[0x7f], &[0x80], &[0, 0x80], &[0xff, 0x7f], &[0xff, 0], &[0xff, 0, 1], &[0xff]]
        {
            assert_eq!(integer(good), Some(good));
        }
        for padded in [&[][..], &[0, 0], &[0, 0x7f], &[0xff, 0x80], &[0xff, 0xff]] {
            assert_eq!(integer(padded), None, "{padded:02x?}");
        }
        assert_eq!(small_integer(&[0, 0x80]), Some(0x80));
        assert_eq!(small_integer(&[0x80]), None);
        assert_eq!(small_integer(&[0, 0x80, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!((boolean(&[0]), boolean(&[1]), boolean(&[0xff])), (Some(false), Some(true), Some(true)));
        assert_eq!((boolean(&[]), boolean(&[0, 0xff])), (None, None));
    }

    #[test]
    fn any_type_is_what_it_says() {
        let good = |bytes: &[u8]| any(items(bytes).next().unwrap()).is_some();
        for bytes in
            [&[5, 0][..], &[1, 1, 7], &[2, 1, 0], &[3, 1, 0], &[6, 1, 0x2a], &[0x30, 1, 7], &[0x80, 0]]
        {
            assert!(good(bytes), "{bytes:02x?}");
        }
        for bytes in [
            &[5, 1, 0][..],
            &[1, 2, 0, 0],
            &[2, 2, 0, 0],
            &[10, 0],
            &[3, 0],
            &[3, 1, 8],
            &[6, 0],
            &[0x17, 1, b'Z'],
            &[0x18, 1, b'Z'],
            &[0x1c, 1, 0],
            &[0x1e, 1, 0],
            &[0x10, 0],
            &[0x11, 0],
            &[0x24, 0],
        ] {
            assert!(!good(bytes), "{bytes:02x?}");
        }
    }

    #[test]
    fn unused_bits_do_not_count() {
        assert_eq!(named_bits(&[5, 0b1011_1111]), Some(0b1010_0000 << 8));
        assert_eq!(named_bits(&[7, 0, 0x80]), Some(0x80));
        assert_eq!(named_bits(&[0]), Some(0));
        assert_eq!(named_bits(&[9, 0]), None);
        assert_eq!(named_bits(&[]), None);
        assert_eq!(whole_bits(&[0, 5]), Some(&[5][..]));
        assert_eq!(whole_bits(&[1, 4]), None);
    }

    #[test]
    fn strings_are_characters() {
        assert_eq!(string(tag::BMP_STRING, &[0x01, 0x52, 0, b'a']).unwrap(), "Œa");
        assert_eq!(string(tag::BMP_STRING, &[0xd8, 0x3d, 0xde, 0x00]), None);
        assert_eq!(string(tag::UNIVERSAL_STRING, &[0, 1, 0xf6, 0]).unwrap(), "😀");
        assert_eq!(string(tag::UNIVERSAL_STRING, &[0, 0, 0xd8, 0]), None);
        assert_eq!(string(tag::UTF8_STRING, &[0xed, 0xa0, 0x80]), None);
        assert_eq!(string(tag::T61_STRING, &[0xe9]).unwrap(), "é");
        assert_eq!(string(tag::NUMERIC_STRING, b"12").unwrap(), "12");
        assert_eq!(string(tag::OCTET_STRING, b"a"), None);
    }
}
