//! Distinguished names: as attributes to be shown, and in canonical form to be compared.

use super::der::{Oid, Tlv, all_items, all_of, bit_string, check_oid, items, only, string, tag, wrap};
use super::oids;
use crate::openssl_names::objects;

/// A distinguished name.
#[derive(Clone, Debug)]
pub struct Name {
    raw: Vec<u8>,
    canonical: Vec<u8>,
}

/// One attribute of a relative distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute {
    /// OpenSSL's long name of the type, or its identifier in dotted form.
    pub long_name: String,
    /// OpenSSL's short name of the type, or its identifier in dotted form.
    pub short_name: String,
    /// The value as text; a value that is no string stands as `#` and its hexadecimal encoding.
    pub value: String,
}

impl Name {
    /// Reads a `Name` (a SEQUENCE of SETs) from its DER encoding; `None` when it is damaged.
    pub(crate) fn read(raw: &[u8]) -> Option<Self> {
        let mut canonical = Vec::with_capacity(raw.len());
        for set in all_of(only(raw, tag::SEQUENCE)?.value, tag::SET)? {
            canonical.extend(canonical_rdn(set.value)?);
        }
        Some(Self { raw: raw.to_vec(), canonical })
    }

    /// This name with one more relative name, whose attributes these are; `None` when they are damaged.
    pub(super) fn with_rdn(&self, attributes: &[u8]) -> Option<Self> {
        let above = only(&self.raw, tag::SEQUENCE)?.value;
        let raw = wrap(tag::SEQUENCE, &[above, &wrap(tag::SET, attributes)].concat());
        let canonical = [&self.canonical[..], &canonical_rdn(attributes)?].concat();
        Some(Self { raw, canonical })
    }

    /// The DER encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.raw
    }

    /// The form in which OpenSSL compares and hashes names (`x509_name_canon`): one string type, lower case
    /// in ASCII, runs of white space folded; the SETs stand one behind the other without their SEQUENCE.
    #[must_use]
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// Whether the name has no attribute at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.canonical.is_empty()
    }

    /// The relative names in order, each with its attributes.
    #[must_use]
    pub fn rdns(&self) -> Vec<Vec<Attribute>> {
        let Some(sequence) = only(&self.raw, tag::SEQUENCE) else { return Vec::new() };
        items(sequence.value)
            .map(|set| items(set.value).filter_map(|item| attribute(item.value)).collect())
            .collect()
    }

    /// The common names, in order.
    pub fn common_names(&self) -> impl Iterator<Item = String> {
        self.rdns().into_iter().flatten().filter(|a| a.short_name == "CN").map(|a| a.value)
    }

    /// How many attributes there are.
    #[must_use]
    pub fn attribute_count(&self) -> usize {
        let Some(sequence) = only(&self.raw, tag::SEQUENCE) else { return 0 };
        items(sequence.value).map(|set| items(set.value).count()).sum()
    }

    /// The email addresses among the attributes; `None` for one that is no IA5String, as it should be.
    pub(crate) fn email_addresses(&self) -> Vec<Option<String>> {
        let Some(sequence) = only(&self.raw, tag::SEQUENCE) else { return Vec::new() };
        items(sequence.value)
            .flat_map(|set| items(set.value))
            .filter_map(|attribute| {
                let mut fields = items(attribute.value);
                let is_email = Oid::new(fields.expect(tag::OID)?.value) == oids::EMAIL_ADDRESS;
                let value = fields.next()?;
                is_email.then(|| match value.tag {
                    tag::IA5_STRING => string(value.tag, value.value),
                    _ => None,
                })
            })
            .collect()
    }

    /// One line for people: `C=XY, O=Example, CN=host`.
    #[must_use]
    pub fn one_line(&self) -> String {
        self.rdns()
            .into_iter()
            .flatten()
            .map(|a| format!("{}={}", a.short_name, a.value.escape_debug()))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Name {}

/// The canonical form of a relative name, of whose SET these are the contents. One without attributes adds
/// nothing, as in OpenSSL, which keeps a list of the attributes alone.
fn canonical_rdn(contents: &[u8]) -> Option<Vec<u8>> {
    let mut attributes = all_items(contents)?
        .into_iter()
        .map(|attribute| canonical_attribute(attribute).map(|folded| wrap(tag::SEQUENCE, &folded)))
        .collect::<Option<Vec<_>>>()?;
    // DER orders the members of a SET, and folding may have changed that order.
    attributes.sort();
    Some(if attributes.is_empty() { Vec::new() } else { wrap(tag::SET, &attributes.concat()) })
}

fn attribute(contents: &[u8]) -> Option<Attribute> {
    let mut fields = items(contents);
    let dotted = Oid::read(fields.expect(tag::OID)?.value)?.dotted();
    let value = fields.next()?;
    let text = string(value.tag, value.value)
        .unwrap_or_else(|| value.raw.iter().fold("#".to_owned(), |text, byte| text + &format!("{byte:02X}")));
    let (long_name, short_name) = match objects::by_oid(&dotted) {
        Some(object) => (object.long_name.to_owned(), object.short_name.to_owned()),
        None => (dotted.clone(), dotted),
    };
    Some(Attribute { long_name, short_name, value: text })
}

fn canonical_attribute(attribute: Tlv<'_>) -> Option<Vec<u8>> {
    let mut fields = (attribute.tag == tag::SEQUENCE).then(|| items(attribute.value))?;
    let kind = fields.expect(tag::OID)?;
    check_oid(kind.value)?;
    let value = fields.next()?;
    fields.finish()?;
    let mut folded = kind.raw.to_vec();
    match text_of(value)? {
        Some(text) => {
            // C's isspace, which has the vertical tab beside Rust's five.
            let is_space = |c: char| c.is_ascii_whitespace() || c == '\x0b';
            let words: Vec<_> = text.split(is_space).filter(|word| !word.is_empty()).collect();
            folded.extend(wrap(tag::UTF8_STRING, words.join(" ").to_ascii_lowercase().as_bytes()));
        }
        None => folded.extend(value.raw),
    }
    Some(folded)
}

/// The text of an attribute's value, if it is text; `None` when its type may not stand there (`ASN1_PRINTABLE`), or its
/// contents are not of that type.
fn text_of(value: Tlv<'_>) -> Option<Option<String>> {
    match value.tag {
        tag::UTF8_STRING
        | tag::PRINTABLE_STRING
        | tag::T61_STRING
        | tag::IA5_STRING
        | tag::BMP_STRING
        | tag::UNIVERSAL_STRING => string(value.tag, value.value).map(Some),
        tag::BIT_STRING => bit_string(value.value).map(|_| None),
        // NumericString, which OpenSSL does not fold; and types that it does not know (REAL and RELATIVE-OID, say).
        tag::NUMERIC_STRING | tag::SEQUENCE | 0x07 | 0x08 | 0x09 | 0x0b | 0x0d | 0x0e | 0x0f | 0x1d => {
            Some(None)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name of relative names of attributes: type, tag and contents of the value.
    fn name(rdns: &[&[(&str, u8, &[u8])]]) -> Vec<u8> {
        let attribute = |&(kind, tag, contents): &(&str, u8, &[u8])| {
            let kind = wrap(tag::OID, &[&[0x55, 4], kind.as_bytes()].concat());
            wrap(tag::SEQUENCE, &[kind, wrap(tag, contents)].concat())
        };
        let rdn = |rdn: &&[(&str, u8, &[u8])]| {
            wrap(tag::SET, &rdn.iter().map(attribute).collect::<Vec<_>>().concat())
        };
        wrap(tag::SEQUENCE, &rdns.iter().map(rdn).collect::<Vec<_>>().concat())
    }

    const COMMON_NAME: &str = "\x03";

    #[test]
    fn string_types_and_spaces_do_not_count() {
        let plain = Name::read(&name(&[&[(COMMON_NAME, tag::UTF8_STRING, b"a b")]])).unwrap();
        for (tag, contents) in [
            (tag::PRINTABLE_STRING, &b"A B"[..]),
            (tag::T61_STRING, b" a \t\x0b b "),
            (tag::BMP_STRING, b"\0A\0 \0B"),
            (tag::UNIVERSAL_STRING, b"\0\0\0A\0\0\0 \0\0\0B"),
        ] {
            assert_eq!(
                Name::read(&name(&[&[(COMMON_NAME, tag, contents)]])),
                Some(plain.clone()),
                "{tag:02x}"
            );
        }
        assert_ne!(Name::read(&name(&[&[(COMMON_NAME, 0x12, b"a b")]])), Some(plain));
    }

    #[test]
    fn relative_names_without_attributes_leave_no_trace() {
        let empty = Name::read(&name(&[&[]])).unwrap();
        assert!(empty.is_empty());
        assert_eq!(empty.attribute_count(), 0);
        let part: &[(&str, u8, &[u8])] = &[(COMMON_NAME, tag::UTF8_STRING, b"a")];
        assert_eq!(Name::read(&name(&[&[], part])), Name::read(&name(&[part])));
    }

    #[test]
    fn a_relative_name_is_added_behind() {
        let part = name(&[&[(COMMON_NAME, tag::UTF8_STRING, b"b")]]);
        let attributes = items(items(&part).next().unwrap().value).next().unwrap().value;
        let whole = Name::read(&name(&[&[(COMMON_NAME, tag::UTF8_STRING, b"a")]])).unwrap();
        let both = whole.with_rdn(attributes).unwrap();
        assert_eq!(both.common_names().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(Name::read(both.der()), Some(both));
        assert_eq!(whole.with_rdn(&attributes[1..]), None);
    }

    #[test]
    fn values_are_of_the_types_that_openssl_takes() {
        for tag in 1..=0x3f {
            let is_good = Name::read(&name(&[&[(COMMON_NAME, tag, b"\0\0\0a")]])).is_some();
            let strings = [0x03, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x1c, 0x1e, 0x30];
            let unknown = [0x07, 0x08, 0x09, 0x0b, 0x0d, 0x0e, 0x0f, 0x1d];
            assert_eq!(is_good, strings.contains(&tag) || unknown.contains(&tag), "{tag:02x}");
        }
        for (tag, contents) in
            [(tag::UTF8_STRING, &b"\xff"[..]), (tag::BMP_STRING, b"a"), (tag::BIT_STRING, b"\x08")]
        {
            assert_eq!(Name::read(&name(&[&[(COMMON_NAME, tag, contents)]])), None, "{tag:02x}");
        }
    }

    #[test]
    fn nothing_stands_beside_type_and_value() {
        let good = name(&[&[(COMMON_NAME, tag::UTF8_STRING, b"a")]]);
        let kind = [0x06, 3, 0x55, 4, 3];
        let value = [0x0c, 1, b'a'];
        let with = |tag: u8, contents: &[u8]| {
            Name::read(&wrap(tag::SEQUENCE, &wrap(tag::SET, &wrap(tag, contents)))).is_some()
        };
        assert!(with(tag::SEQUENCE, &[&kind[..], &value].concat()) && Name::read(&good).is_some());
        assert!(!with(tag::SET, &[&kind[..], &value].concat()));
        assert!(!with(tag::SEQUENCE, &[&kind[..], &value, &[5, 0]].concat()));
        assert!(!with(tag::SEQUENCE, &kind));
        assert!(!with(tag::SEQUENCE, &[&value[..], &kind].concat()));
        assert!(!with(tag::SEQUENCE, &[&[0x06, 3, 0x55, 0x80, 3], &value[..]].concat()));
    }
}
