//! A throw-away certificate authority.

use ferrossl::Identity;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use time::{Duration, OffsetDateTime};

use crate::keys::KeyKind;
use crate::peer::Signer;

/// What a leaf certificate is to say.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Its names; addresses become `iPAddress`.
    pub names: Vec<String>,
    /// Its key.
    pub key: KeyKind,
    /// Its last valid moment, in days from now.
    pub days: i64,
    /// Its first valid moment, in days from now.
    pub start_days: i64,
    /// What it may be used for; empty says nothing about that.
    pub purposes: Vec<ExtendedKeyUsagePurpose>,
    /// Whether it signs itself instead of being signed.
    pub self_signed: bool,
}

impl Default for Leaf {
    fn default() -> Self {
        Self {
            names: vec!["localhost".into()],
            key: KeyKind::P256,
            days: 1,
            start_days: -1,
            purposes: vec![],
            self_signed: false,
        }
    }
}

/// A certificate authority with one root.
pub struct Pki {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Default for Pki {
    fn default() -> Self {
        Self::new()
    }
}

impl Pki {
    /// A new authority with a P-256 key.
    #[must_use]
    pub fn new() -> Self {
        Self::with_key(KeyKind::P256)
    }

    /// A new authority with this kind of key.
    ///
    /// # Panics
    ///
    /// When rcgen refuses to make a certificate, which it has no reason to.
    #[must_use]
    pub fn with_key(kind: KeyKind) -> Self {
        let key = kind.generate();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "ferrossl test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = params.self_signed(&key).expect("a root").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// The root certificate as PEM.
    #[must_use]
    pub fn authority_pem(&self) -> &str {
        &self.pem
    }

    /// A leaf for one name.
    #[must_use]
    pub fn identity(&self, name: &str) -> Identity {
        self.issue(&Leaf { names: vec![name.into()], ..Leaf::default() })
    }

    /// A leaf as told.
    ///
    /// # Panics
    ///
    /// When the names are none that a certificate can hold.
    #[must_use]
    pub fn issue(&self, leaf: &Leaf) -> Identity {
        let (chain, key) = self.issue_pem(leaf);
        Identity::from_pem(chain.as_bytes(), key.as_bytes(), None).expect("what was just made")
    }

    /// A leaf as told, as PEM texts of the chain and the key.
    ///
    /// # Panics
    ///
    /// When the names are none that a certificate can hold.
    #[must_use]
    pub fn issue_pem(&self, leaf: &Leaf) -> (String, String) {
        let (certificate, key) = self.make(leaf);
        (certificate.pem(), key.serialize_pem())
    }

    /// A leaf as told, for a scripted peer.
    ///
    /// # Panics
    ///
    /// When the names are none that a certificate can hold.
    #[must_use]
    pub fn signer(&self, leaf: &Leaf) -> Signer {
        let (certificate, key) = self.make(leaf);
        Signer::new(vec![certificate.der().to_vec()], leaf.key, &key.serialize_der())
    }

    fn make(&self, leaf: &Leaf) -> (Certificate, KeyPair) {
        let key = leaf.key.generate();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "ferrossl test leaf");
        params.subject_alt_names = leaf
            .names
            .iter()
            .map(|name| match name.parse() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName(name.as_str().try_into().expect("an ASCII name")),
            })
            .collect();
        let now = OffsetDateTime::now_utc();
        params.not_before = now + Duration::days(leaf.start_days);
        params.not_after = now + Duration::days(leaf.days);
        params.extended_key_usages.clone_from(&leaf.purposes);
        params.use_authority_key_identifier_extension = !leaf.self_signed;
        let certificate =
            if leaf.self_signed { params.self_signed(&key) } else { params.signed_by(&key, &self.issuer) };
        (certificate.expect("a leaf"), key)
    }
}
