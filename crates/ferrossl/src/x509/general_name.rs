//! The kinds of names that extensions hold (RFC 5280 section 4.2.1.6).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::der::{Tlv, oid, tag};
use super::name::Name;

/// One `GeneralName`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneralName {
    /// `otherName`, whose contents nobody here reads.
    OtherName,
    /// `rfc822Name`: an email address.
    Email(String),
    /// `dNSName`, exactly as written, null bytes included.
    Dns(String),
    /// `x400Address`, whose contents nobody here reads.
    X400,
    /// `directoryName`.
    Directory(Name),
    /// `ediPartyName`, whose contents nobody here reads.
    EdiParty,
    /// `uniformResourceIdentifier`.
    Uri(String),
    /// `iPAddress`: 4 or 16 bytes, or anything else that somebody put there.
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
            t if t == tag::explicit(0) => Self::OtherName,
            t if t == tag::implicit(1) => Self::Email(text()),
            t if t == tag::implicit(2) => Self::Dns(text()),
            t if t == tag::explicit(3) => Self::X400,
            t if t == tag::explicit(4) => Self::Directory(Name::read(item.value)?),
            t if t == tag::explicit(5) => Self::EdiParty,
            t if t == tag::implicit(6) => Self::Uri(text()),
            t if t == tag::implicit(7) => Self::Ip(item.value.to_vec()),
            t if t == tag::implicit(8) => Self::RegisteredId(oid(item.value)?),
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
