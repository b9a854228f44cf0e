//! Object identifiers with OpenSSL's numbers and names (`obj_mac.h`): what distinguished names and
//! `ASN1Object` show.

/// An object identifier that OpenSSL has a number and names for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Object {
    /// OpenSSL's NID.
    pub nid: u16,
    /// The identifier in dotted form.
    pub oid: &'static str,
    /// The short name, for instance `CN`.
    pub short_name: &'static str,
    /// The long name, for instance `commonName`.
    pub long_name: &'static str,
}

macro_rules! objects {
    ($($nid:literal $oid:literal $short:literal $long:literal;)*) => {
        /// The objects that certificates commonly name, generated from OpenSSL 3.0's own table.
        pub const ALL: &[Object] = &[$(Object { nid: $nid, oid: $oid, short_name: $short, long_name: $long },)*];
    };
}

objects! {
    13 "2.5.4.3" "CN" "commonName";
    100 "2.5.4.4" "SN" "surname";
    105 "2.5.4.5" "serialNumber" "serialNumber";
    14 "2.5.4.6" "C" "countryName";
    15 "2.5.4.7" "L" "localityName";
    16 "2.5.4.8" "ST" "stateOrProvinceName";
    660 "2.5.4.9" "street" "streetAddress";
    17 "2.5.4.10" "O" "organizationName";
    18 "2.5.4.11" "OU" "organizationalUnitName";
    106 "2.5.4.12" "title" "title";
    107 "2.5.4.13" "description" "description";
    860 "2.5.4.15" "businessCategory" "businessCategory";
    861 "2.5.4.16" "postalAddress" "postalAddress";
    661 "2.5.4.17" "postalCode" "postalCode";
    862 "2.5.4.18" "postOfficeBox" "postOfficeBox";
    864 "2.5.4.20" "telephoneNumber" "telephoneNumber";
    173 "2.5.4.41" "name" "name";
    99 "2.5.4.42" "GN" "givenName";
    101 "2.5.4.43" "initials" "initials";
    509 "2.5.4.44" "generationQualifier" "generationQualifier";
    503 "2.5.4.45" "x500UniqueIdentifier" "x500UniqueIdentifier";
    174 "2.5.4.46" "dnQualifier" "dnQualifier";
    510 "2.5.4.65" "pseudonym" "pseudonym";
    400 "2.5.4.72" "role" "role";
    1089 "2.5.4.97" "organizationIdentifier" "organizationIdentifier";
    48 "1.2.840.113549.1.9.1" "emailAddress" "emailAddress";
    49 "1.2.840.113549.1.9.2" "unstructuredName" "unstructuredName";
    55 "1.2.840.113549.1.9.8" "unstructuredAddress" "unstructuredAddress";
    458 "0.9.2342.19200300.100.1.1" "UID" "userId";
    391 "0.9.2342.19200300.100.1.25" "DC" "domainComponent";
    460 "0.9.2342.19200300.100.1.3" "mail" "rfc822Mailbox";
    955 "1.3.6.1.4.1.311.60.2.1.1" "jurisdictionL" "jurisdictionLocalityName";
    956 "1.3.6.1.4.1.311.60.2.1.2" "jurisdictionST" "jurisdictionStateOrProvinceName";
    957 "1.3.6.1.4.1.311.60.2.1.3" "jurisdictionC" "jurisdictionCountryName";
    129 "1.3.6.1.5.5.7.3.1" "serverAuth" "TLS Web Server Authentication";
    130 "1.3.6.1.5.5.7.3.2" "clientAuth" "TLS Web Client Authentication";
    131 "1.3.6.1.5.5.7.3.3" "codeSigning" "Code Signing";
    132 "1.3.6.1.5.5.7.3.4" "emailProtection" "E-mail Protection";
    133 "1.3.6.1.5.5.7.3.8" "timeStamping" "Time Stamping";
    180 "1.3.6.1.5.5.7.3.9" "OCSPSigning" "OCSP Signing";
    910 "2.5.29.37.0" "anyExtendedKeyUsage" "Any Extended Key Usage";
    178 "1.3.6.1.5.5.7.48.1" "OCSP" "OCSP";
    179 "1.3.6.1.5.5.7.48.2" "caIssuers" "CA Issuers";
    82 "2.5.29.14" "subjectKeyIdentifier" "X509v3 Subject Key Identifier";
    83 "2.5.29.15" "keyUsage" "X509v3 Key Usage";
    85 "2.5.29.17" "subjectAltName" "X509v3 Subject Alternative Name";
    86 "2.5.29.18" "issuerAltName" "X509v3 Issuer Alternative Name";
    87 "2.5.29.19" "basicConstraints" "X509v3 Basic Constraints";
    666 "2.5.29.30" "nameConstraints" "X509v3 Name Constraints";
    103 "2.5.29.31" "crlDistributionPoints" "X509v3 CRL Distribution Points";
    89 "2.5.29.32" "certificatePolicies" "X509v3 Certificate Policies";
    90 "2.5.29.35" "authorityKeyIdentifier" "X509v3 Authority Key Identifier";
    126 "2.5.29.37" "extendedKeyUsage" "X509v3 Extended Key Usage";
    177 "1.3.6.1.5.5.7.1.1" "authorityInfoAccess" "Authority Information Access";
    663 "1.3.6.1.5.5.7.1.14" "proxyCertInfo" "Proxy Certificate Information";
    6 "1.2.840.113549.1.1.1" "rsaEncryption" "rsaEncryption";
    65 "1.2.840.113549.1.1.5" "RSA-SHA1" "sha1WithRSAEncryption";
    912 "1.2.840.113549.1.1.10" "RSASSA-PSS" "rsassaPss";
    668 "1.2.840.113549.1.1.11" "RSA-SHA256" "sha256WithRSAEncryption";
    669 "1.2.840.113549.1.1.12" "RSA-SHA384" "sha384WithRSAEncryption";
    670 "1.2.840.113549.1.1.13" "RSA-SHA512" "sha512WithRSAEncryption";
    408 "1.2.840.10045.2.1" "id-ecPublicKey" "id-ecPublicKey";
    415 "1.2.840.10045.3.1.7" "prime256v1" "prime256v1";
    715 "1.3.132.0.34" "secp384r1" "secp384r1";
    716 "1.3.132.0.35" "secp521r1" "secp521r1";
    794 "1.2.840.10045.4.3.2" "ecdsa-with-SHA256" "ecdsa-with-SHA256";
    795 "1.2.840.10045.4.3.3" "ecdsa-with-SHA384" "ecdsa-with-SHA384";
    796 "1.2.840.10045.4.3.4" "ecdsa-with-SHA512" "ecdsa-with-SHA512";
    1087 "1.3.101.112" "ED25519" "ED25519";
    1034 "1.3.101.110" "X25519" "X25519";
}

/// The object of an identifier in dotted form.
#[must_use]
pub fn by_oid(oid: &str) -> Option<&'static Object> {
    ALL.iter().find(|object| object.oid == oid)
}

/// The object with OpenSSL's number `nid`.
#[must_use]
pub fn by_nid(nid: u16) -> Option<&'static Object> {
    ALL.iter().find(|object| object.nid == nid)
}

/// The object with this short or long name, compared exactly as `OBJ_txt2nid` does.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Object> {
    ALL.iter().find(|object| object.short_name == name || object.long_name == name)
}
