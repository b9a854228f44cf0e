//! The kinds of names that extensions hold (RFC 5280 section 4.2.1.6).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::der::{Oid, Tlv, all_items, any, items, only, string, tag};
use super::name::Name;

/// One `GeneralName`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneralName {
    /// `otherName`: its kind in dotted form, and its value in DER, which is not read here.
    OtherName(String, Vec<u8>),
    /// `rfc822Name`: an email address.
    Email(String),
    /// `dNSName`, exactly as written, null bytes included.
    Dns(String),
    /// `x400Address` in DER, which is not read here.
    X400(Vec<u8>),
    /// `directoryName`.
    Directory(Name),
    /// `ediPartyName` in DER, which is not read here.
    EdiParty(Vec<u8>),
    /// `uniformResourceIdentifier`.
    Uri(String),
    /// `iPAddress`: 4 or 16 bytes, or any other number that the certificate has there.
    Ip(Vec<u8>),
    /// `registeredID` in dotted form.
    RegisteredId(String),
}

impl GeneralName {
    /// Reads one name; `None` when it is damaged or of no known kind.
    pub(super) fn read(item: Tlv<'_>) -> Option<Self> {
        // OpenSSL takes any bytes in an IA5String; Latin-1 keeps them apart.
        let text = || item.value.iter().map(|&byte| char::from(byte)).collect::<String>();
        Some(match item.tag {
            t if t == tag::explicit(0) => other_name(item.value)?,
            t if t == tag::implicit(1) => Self::Email(text()),
            t if t == tag::implicit(2) => Self::Dns(text()),
            t if t == tag::explicit(3) => Self::X400(item.value.to_vec()),
            t if t == tag::explicit(4) => Self::Directory(Name::read(item.value)?),
            t if t == tag::explicit(5) => {
                check_edi_party(item.value)?;
                Self::EdiParty(item.value.to_vec())
            }
            t if t == tag::implicit(6) => Self::Uri(text()),
            t if t == tag::implicit(7) => Self::Ip(item.value.to_vec()),
            t if t == tag::implicit(8) => Self::RegisteredId(Oid::read(item.value)?.dotted()),
            _ => return None,
        })
    }

    /// The address of an `iPAddress` of 4 or 16 bytes.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        let Self::Ip(bytes) = self else { return None };
        if let Ok(v4) = <[u8; 4]>::try_from(bytes.as_slice()) {
            return Some(Ipv4Addr::from(v4).into());
        }
        <[u8; 16]>::try_from(bytes.as_slice()).ok().map(|v6| Ipv6Addr::from(v6).into())
    }
}

/// `SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }`.
fn other_name(contents: &[u8]) -> Option<GeneralName> {
    let mut fields = items(contents);
    let kind = Oid::read(fields.expect(tag::OID)?.value)?.dotted();
    let value = fields.expect(tag::explicit(0))?.value;
    fields.finish()?;
    let [inside] = all_items(value)?.try_into().ok()?;
    any(inside)?;
    Some(GeneralName::OtherName(kind, value.to_vec()))
}

/// `SEQUENCE { nameAssigner [0] DirectoryString OPTIONAL, partyName [1] DirectoryString }`.
fn check_edi_party(contents: &[u8]) -> Option<()> {
    let mut fields = items(contents);
    let is_text = |contents: &[u8]| {
        let [text] = <[Tlv<'_>; 1]>::try_from(all_items(contents)?).ok()?;
        string(text.tag, text.value).map(drop)
    };
    if let Some(assigner) = fields.optional(tag::explicit(0)) {
        is_text(assigner.value)?;
    }
    is_text(fields.expect(tag::explicit(1))?.value)?;
    fields.finish()
}

/// The names of a GeneralNames, which is in `bytes` with nothing behind it.
pub(super) fn general_names(bytes: &[u8]) -> Option<Vec<GeneralName>> {
    names_in(only(bytes, tag::SEQUENCE)?.value)
}

/// The names of a GeneralNames with these contents.
pub(super) fn names_in(contents: &[u8]) -> Option<Vec<GeneralName>> {
    all_items(contents)?.into_iter().map(GeneralName::read).collect()
}

#[cfg(test)]
mod tests {
    use super::super::der::wrap;
    use super::*;

    fn read(tag: u8, contents: &[u8]) -> Option<GeneralName> {
        GeneralName::read(items(&wrap(tag, contents)).next()?)
    }

    #[test]
    fn names_that_nobody_reads_are_whole_and_told_apart() {
        let kind = [0x06, 1, 0x2a];
        let value = |text: u8| [0xa0, 3, 0x0c, 1, text];
        let other = |text| read(0xa0, &[&kind[..], &value(text)].concat()).unwrap();
        assert_eq!(other(b'a'), other(b'a'));
        assert_ne!(other(b'a'), other(b'b'));
        for damaged in [
            &kind[..],
            &value(b'a'),
            &[&kind[..], &value(b'a'), &[5, 0]].concat(),
            &[&kind[..], &[0x0c, 1, b'a']].concat(),
            &[&kind[..], &[0xa0, 0]].concat(),
            &[&kind[..], &[0xa0, 3, 0x05, 1, 0]].concat(),
            &[&kind[..], &[0xa0, 4, 5, 0, 5, 0]].concat(),
        ] {
            assert_eq!(read(0xa0, damaged), None, "{damaged:02x?}");
        }
        assert_ne!(read(0xa3, &[5, 0]), read(0xa3, &[]));
        let party = |tag, text| [tag, 3, 0x0c, 1, text];
        assert!(read(0xa5, &party(0xa1, b'a')).is_some());
        assert!(read(0xa5, &[party(0xa0, b'a'), party(0xa1, b'b')].concat()).is_some());
        for damaged in [&party(0xa0, b'a')[..], &party(0xa1, 0xff), &[], &[party(0xa1, b'a'); 2].concat()] {
            assert_eq!(read(0xa5, damaged), None, "{damaged:02x?}");
        }
    }

    #[test]
    fn other_tags_are_no_names() {
        for tag in 1..=0xffu8 {
            let known = [0x81, 0x82, 0x86, 0x87, 0x88, 0xa3];
            if tag & 0x1f != 0x1f {
                assert_eq!(read(tag, b"\x2a").is_some(), known.contains(&tag), "{tag:02x}");
            }
        }
        assert_eq!(read(0x88, &[0x80, 1]), None);
        assert_eq!(read(0xa4, &[0x30, 0]), Some(GeneralName::Directory(Name::read(&[0x30, 0]).unwrap())));
    }
}
