//! Distinguished names: as tuples for people, in canonical form for comparison.

use super::der::{all_items, items, oid, only, string, tag, wrap};
use crate::openssl_names::objects;

/// A distinguished name.
#[derive(Clone, Debug)]
pub struct Name {
    raw: Vec<u8>,
    canonical: Vec<u8>,
}

/// One attribute of a relative distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        for set in all_items(only(raw, tag::SEQUENCE)?.value)? {
            if set.tag != tag::SET {
                return None;
            }
            let mut attributes = Vec::new();
            for attribute in all_items(set.value)? {
                attributes.push(wrap(tag::SEQUENCE, &canonical_attribute(attribute.value)?));
            }
            // DER orders the members of a SET, and folding may have changed that order.
            attributes.sort();
            canonical.extend(wrap(tag::SET, &attributes.concat()));
        }
        Some(Self { raw: raw.to_vec(), canonical })
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
        /// 1.2.840.113549.1.9.1
        const EMAIL_ADDRESS: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];
        let Some(sequence) = only(&self.raw, tag::SEQUENCE) else { return Vec::new() };
        items(sequence.value)
            .flat_map(|set| items(set.value))
            .filter_map(|attribute| {
                let mut fields = items(attribute.value);
                let is_email = fields.expect(tag::OID)?.value == EMAIL_ADDRESS;
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

fn attribute(contents: &[u8]) -> Option<Attribute> {
    let mut fields = items(contents);
    let dotted = oid(fields.expect(tag::OID)?.value)?;
    let value = fields.next()?;
    let text = string(value.tag, value.value)
        .unwrap_or_else(|| value.raw.iter().fold("#".to_owned(), |text, byte| text + &format!("{byte:02X}")));
    let (long_name, short_name) = match objects::by_oid(&dotted) {
        Some(object) => (object.long_name.to_owned(), object.short_name.to_owned()),
        None => (dotted.clone(), dotted),
    };
    Some(Attribute { long_name, short_name, value: text })
}

fn canonical_attribute(contents: &[u8]) -> Option<Vec<u8>> {
    let mut fields = items(contents);
    let kind = fields.expect(tag::OID)?;
    let value = fields.next()?;
    let mut folded = kind.raw.to_vec();
    match string(value.tag, value.value) {
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
