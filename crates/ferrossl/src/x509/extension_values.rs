//! The values of extensions (RFC 5280 section 4.2): what they say, and how they are read, which is as strictly as OpenSSL's
//! templates do it: every tag, and nothing behind the last field.

use super::der::{
    Oid, Tlv, all_of, boolean, check_oid, integer, items, named_bits, only, small_integer, tag,
};
use super::general_name::{GeneralName, names_in};
use super::name::Name;
use super::oids;

/// `keyUsage`: the named bits, first bit (`digitalSignature`) at the top of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// `digitalSignature`.
    pub const DIGITAL_SIGNATURE: u16 = 0x8000;
    /// `keyEncipherment`.
    pub const KEY_ENCIPHERMENT: u16 = 0x2000;
    /// `keyAgreement`.
    pub const KEY_AGREEMENT: u16 = 0x0800;
    /// `keyCertSign`.
    pub const KEY_CERT_SIGN: u16 = 0x0400;
    /// `cRLSign`.
    pub const CRL_SIGN: u16 = 0x0200;

    /// Whether any of these bits is set.
    #[must_use]
    pub const fn any(self, bits: u16) -> bool {
        self.0 & bits != 0
    }
}

/// `extendedKeyUsage`: the purposes that OpenSSL looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtendedKeyUsage {
    /// `serverAuth`, or one of the old server-gated purposes that OpenSSL takes for it.
    pub server_auth: bool,
    /// `clientAuth`.
    pub client_auth: bool,
}

/// Netscape's certificate type, first bit (`sslClient`) at the top of 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetscapeCertType(u8);

impl NetscapeCertType {
    /// `sslClient`.
    pub const SSL_CLIENT: u8 = 0x80;
    /// `sslServer`.
    pub const SSL_SERVER: u8 = 0x40;
    /// `sslCA`.
    pub const SSL_CA: u8 = 0x04;
    /// `sslCA`, `emailCA` or `objectCA`.
    pub const ANY_CA: u8 = 0x07;

    /// Whether any of these bits is set.
    #[must_use]
    pub const fn any(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// `basicConstraints`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BasicConstraints {
    /// Whether the subject is a CA.
    pub ca: bool,
    /// How many CA certificates may follow below.
    pub path_length: Option<u64>,
    /// Whether the extension is critical.
    pub critical: bool,
}

/// `authorityKeyIdentifier`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorityKeyIdentifier {
    /// `keyIdentifier`.
    pub key_id: Option<Vec<u8>>,
    /// The first directory name of `authorityCertIssuer`.
    pub issuer: Option<Name>,
    /// `authorityCertSerialNumber`.
    pub serial: Option<Vec<u8>>,
}

/// `proxyCertInfo` (RFC 3820 section 3.8): the holder of a certificate has signed this one on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProxyInfo {
    /// How many proxies may follow below.
    pub path_length: Option<u64>,
}

/// A part of the name space (`GeneralSubtree`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subtree {
    /// Where the part begins.
    pub base: GeneralName,
    /// There is a `minimum` other than 0 or a `maximum`, which RFC 5280 forbids.
    pub has_distance: bool,
}

/// `nameConstraints`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameConstraints {
    /// Of these parts of the name space, names of their kind must be in one.
    pub permitted: Vec<Subtree>,
    /// Names must be in none of these.
    pub excluded: Vec<Subtree>,
}

/// `BIT STRING`. OpenSSL 3 takes one without any bit for an error (`X509V3_R_EMPTY_KEY_USAGE`).
pub(super) fn key_usage(value: &[u8]) -> Option<KeyUsage> {
    let bits = named_bits(only(value, tag::BIT_STRING)?.value)?;
    (bits != 0).then_some(KeyUsage(bits))
}

/// `BIT STRING`.
pub(super) fn netscape_cert_type(value: &[u8]) -> Option<NetscapeCertType> {
    let bits = named_bits(only(value, tag::BIT_STRING)?.value)?;
    Some(NetscapeCertType((bits >> 8) as u8))
}

/// `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`.
pub(super) fn basic_constraints(value: &[u8], critical: bool) -> Option<BasicConstraints> {
    let mut fields = items(only(value, tag::SEQUENCE)?.value);
    let ca = match fields.optional(tag::BOOLEAN) {
        Some(flag) => boolean(flag.value)?,
        None => false,
    };
    let path_length = match fields.optional(tag::INTEGER) {
        Some(number) => Some(small_integer(number.value)?),
        None => None,
    };
    fields.finish()?;
    Some(BasicConstraints { ca, path_length, critical })
}

/// `SEQUENCE OF OBJECT IDENTIFIER`.
pub(super) fn extended_key_usage(value: &[u8]) -> Option<ExtendedKeyUsage> {
    let mut usage = ExtendedKeyUsage::default();
    for purpose in all_of(only(value, tag::SEQUENCE)?.value, tag::OID)? {
        match Oid::read(purpose.value)? {
            oids::SERVER_AUTH | oids::MICROSOFT_SGC | oids::NETSCAPE_SGC => {
                usage.server_auth = true;
            }
            oids::CLIENT_AUTH => usage.client_auth = true,
            // anyExtendedKeyUsage does not count for OpenSSL's purposes.
            _ => {}
        }
    }
    Some(usage)
}

/// `SEQUENCE { keyIdentifier [0], authorityCertIssuer [1] GeneralNames, authorityCertSerialNumber [2] }`, all optional.
pub(super) fn authority_key_id(value: &[u8]) -> Option<AuthorityKeyIdentifier> {
    let mut fields = items(only(value, tag::SEQUENCE)?.value);
    let key_id = fields.optional(tag::implicit(0)).map(|field| field.value.to_vec());
    let issuer = match fields.optional(tag::explicit(1)) {
        Some(names) => names_in(names.value)?.into_iter().find_map(|name| match name {
            GeneralName::Directory(name) => Some(name),
            _ => None,
        }),
        None => None,
    };
    let serial = match fields.optional(tag::implicit(2)) {
        Some(field) => Some(integer(field.value)?.to_vec()),
        None => None,
    };
    fields.finish()?;
    Some(AuthorityKeyIdentifier { key_id, issuer, serial })
}

/// `SEQUENCE { pCPathLenConstraint INTEGER OPTIONAL, SEQUENCE { policyLanguage OID, policy OCTET STRING OPTIONAL } }`.
pub(super) fn proxy_info(value: &[u8]) -> Option<ProxyInfo> {
    let mut fields = items(only(value, tag::SEQUENCE)?.value);
    let path_length = match fields.optional(tag::INTEGER) {
        Some(number) => Some(small_integer(number.value)?),
        None => None,
    };
    let mut policy = fields.sequence()?;
    fields.finish()?;
    check_oid(policy.expect(tag::OID)?.value)?;
    policy.optional(tag::OCTET_STRING);
    policy.finish()?;
    Some(ProxyInfo { path_length })
}

/// `SEQUENCE { permittedSubtrees [0], excludedSubtrees [1] }`, both `SEQUENCE OF GeneralSubtree OPTIONAL`.
pub(super) fn name_constraints(value: &[u8]) -> Option<NameConstraints> {
    let mut fields = items(only(value, tag::SEQUENCE)?.value);
    let mut subtrees = |number| match fields.optional(tag::explicit(number)) {
        Some(list) => all_of(list.value, tag::SEQUENCE)?.into_iter().map(subtree).collect(),
        None => Some(Vec::new()),
    };
    let constraints = NameConstraints { permitted: subtrees(0)?, excluded: subtrees(1)? };
    fields.finish()?;
    Some(constraints)
}

/// `SEQUENCE { base GeneralName, minimum [0] INTEGER DEFAULT 0, maximum [1] INTEGER OPTIONAL }`.
fn subtree(item: Tlv<'_>) -> Option<Subtree> {
    let mut fields = items(item.value);
    let base = GeneralName::read(fields.next()?)?;
    let minimum = fields.optional(tag::implicit(0));
    let maximum = fields.optional(tag::implicit(1));
    fields.finish()?;
    for distance in [&minimum, &maximum].into_iter().flatten() {
        integer(distance.value)?;
    }
    let has_distance = minimum.is_some_and(|distance| distance.value != [0]) || maximum.is_some();
    Some(Subtree { base, has_distance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_constraints_are_der() {
        let read = |value: &[u8]| basic_constraints(value, true).map(|read| (read.ca, read.path_length));
        assert_eq!(read(&[0x30, 0]), Some((false, None)));
        assert_eq!(read(&[0x30, 3, 1, 1, 0xff]), Some((true, None)));
        // No DER, but OpenSSL takes it for TRUE too.
        assert_eq!(read(&[0x30, 3, 1, 1, 1]), Some((true, None)));
        assert_eq!(read(&[0x30, 6, 1, 1, 0xff, 2, 1, 0]), Some((true, Some(0))));
        for damaged in [
            &[][..],
            &[0x31, 0],
            &[0x30, 2, 1, 0],
            &[0x30, 4, 1, 2, 0, 0xff],
            &[0x30, 5, 1, 1, 0xff, 2, 0],
            &[0x30, 7, 1, 1, 0xff, 2, 2, 0, 1],
            &[0x30, 6, 1, 1, 0xff, 2, 1, 0x80],
            &[0x30, 6, 2, 1, 0, 1, 1, 0xff],
            &[0x30, 8, 1, 1, 0xff, 2, 1, 0, 5, 0],
            &[0x30, 0, 5, 0],
        ] {
            assert_eq!(read(damaged), None, "{damaged:02x?}");
        }
    }

    #[test]
    fn purposes_are_identifiers() {
        let server = [0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];
        let wrapped = |contents: &[u8]| [&[0x30, contents.len() as u8], contents].concat();
        assert!(extended_key_usage(&wrapped(&server)).unwrap().server_auth);
        assert_eq!(extended_key_usage(&[0x30, 0]), Some(ExtendedKeyUsage::default()));
        let mut text = server;
        text[0] = 0x0c;
        assert_eq!(extended_key_usage(&wrapped(&text)), None);
        assert_eq!(extended_key_usage(&wrapped(&[&server[..], &[5, 0]].concat())), None);
        assert_eq!(extended_key_usage(&wrapped(&[0x06, 0])), None);
    }

    #[test]
    fn authority_key_ids_are_der() {
        assert_eq!(authority_key_id(&[0x30, 0]), Some(AuthorityKeyIdentifier::default()));
        assert_eq!(authority_key_id(&[0x30, 3, 0x82, 1, 5]).unwrap().serial, Some(vec![5]));
        assert_eq!(authority_key_id(&[0x30, 4, 0x82, 2, 0, 0x80]).unwrap().serial, Some(vec![0, 0x80]));
        for damaged in [
            &[0x30, 4, 0x82, 2, 0, 5][..],
            &[0x30, 2, 0x82, 0],
            &[0x30, 6, 0x82, 1, 5, 0x80, 1, 5],
            &[0x30, 3, 0xa0, 1, 5],
            &[0x30, 2, 0x81, 0],
            &[0x30, 4, 0xa1, 2, 5, 0],
        ] {
            assert_eq!(authority_key_id(damaged), None, "{damaged:02x?}");
        }
    }

    #[test]
    fn subtrees_are_sequences() {
        let read = |subtree: &[u8]| {
            let list = [&[0xa0, subtree.len() as u8], subtree].concat();
            name_constraints(&[&[0x30, list.len() as u8], &list[..]].concat())
        };
        let permitted = read(&[0x30, 3, 0x82, 1, b'a']).unwrap().permitted;
        assert_eq!(permitted, [Subtree { base: GeneralName::Dns("a".into()), has_distance: false }]);
        assert!(!read(&[0x30, 6, 0x82, 1, b'a', 0x80, 1, 0]).unwrap().permitted[0].has_distance);
        assert!(read(&[0x30, 6, 0x82, 1, b'a', 0x80, 1, 1]).unwrap().permitted[0].has_distance);
        assert!(read(&[0x30, 6, 0x82, 1, b'a', 0x81, 1, 0]).unwrap().permitted[0].has_distance);
        for damaged in [
            &[0x31, 3, 0x82, 1, b'a'][..],
            &[0x82, 1, b'a'],
            &[0x30, 0],
            &[0x30, 5, 0x82, 1, b'a', 5, 0],
            &[0x30, 7, 0x82, 1, b'a', 0x80, 2, 0, 0],
            &[0x30, 5, 0x82, 1, b'a', 0x81, 0],
            &[0x30, 2, 5, 0],
        ] {
            assert_eq!(read(damaged), None, "{damaged:02x?}");
        }
        assert_eq!(name_constraints(&[0x30, 4, 0xa1, 0, 0xa0, 0]), None);
    }

    #[test]
    fn proxies_have_a_policy() {
        let policy = [0x30, 3, 0x06, 1, 0x2a];
        let wrapped = |contents: &[u8]| [&[0x30, contents.len() as u8], contents].concat();
        assert_eq!(proxy_info(&wrapped(&policy)), Some(ProxyInfo { path_length: None }));
        let limited = [&[2, 1, 3], &policy[..]].concat();
        assert_eq!(proxy_info(&wrapped(&limited)), Some(ProxyInfo { path_length: Some(3) }));
        for damaged in
            [&[][..], &[2, 1, 3], &[0x30, 0], &[0x30, 3, 0x0c, 1, 0x2a], &[0x30, 5, 6, 1, 0x2a, 5, 0]]
        {
            assert_eq!(proxy_info(&wrapped(damaged)), None, "{damaged:02x?}");
        }
    }
}
