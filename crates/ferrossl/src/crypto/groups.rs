//! The groups of the key exchange, and P-521, which rustls' provider leaves out.

use aws_lc_rs::agreement::{ECDH_P521, EphemeralPrivateKey, PublicKey, UnparsedPublicKey, agree_ephemeral};
use aws_lc_rs::rand::SystemRandom;
use rustls::crypto::aws_lc_rs::kx_group;
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved};

use crate::openssl_names::groups::Group;
use crate::verify::least_bits;

/// What is offered unless a program asks for one: X25519 first, as with OpenSSL.
const DEFAULT: [Group; 5] = [Group::X25519, Group::P256, Group::P384, Group::P521, Group::X25519MlKem768];

/// The groups that a context's settings leave.
pub(crate) fn groups(chosen: Option<Group>, level: u8) -> Vec<&'static dyn SupportedKxGroup> {
    let one = chosen.map(|group| [group]);
    let groups: &[Group] = one.as_ref().map_or(&DEFAULT, |one| one);
    groups
        .iter()
        .filter(|group| group.security_bits() >= least_bits(level))
        .map(|group| engine(*group))
        .collect()
}

const fn engine(group: Group) -> &'static dyn SupportedKxGroup {
    match group {
        Group::P256 => kx_group::SECP256R1,
        Group::P384 => kx_group::SECP384R1,
        Group::P521 => &P521,
        Group::X25519 => kx_group::X25519,
        Group::X25519MlKem768 => kx_group::X25519MLKEM768,
        Group::P256MlKem768 => kx_group::SECP256R1MLKEM768,
    }
}

#[derive(Debug)]
struct P521;

impl SupportedKxGroup for P521 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let private = EphemeralPrivateKey::generate(&ECDH_P521, &SystemRandom::new());
        let private = private.map_err(|_| Error::FailedToGetRandomBytes)?;
        let public = private.compute_public_key().map_err(|_| Error::FailedToGetRandomBytes)?;
        Ok(Box::new(P521Exchange { private, public }))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

struct P521Exchange {
    private: EphemeralPrivateKey,
    public: PublicKey,
}

impl ActiveKeyExchange for P521Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let invalid = || Error::from(PeerMisbehaved::InvalidKeyShare);
        // TLS knows uncompressed points only (RFC 8446 section 4.2.8.2); aws-lc-rs would take others.
        if peer.first() != Some(&4) {
            return Err(invalid());
        }
        agree_ephemeral(self.private, UnparsedPublicKey::new(&ECDH_P521, peer), invalid(), |secret| {
            Ok(SharedSecret::from(secret))
        })
        .map_err(|_| invalid())
    }

    fn pub_key(&self) -> &[u8] {
        self.public.as_ref()
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}
