//! Ephemeral Diffie-Hellman over prime fields, for TLS 1.2: aws-lc-rs has none, so the arithmetic is crypto-bigint's,
//! whose exponentiation takes the same time for every exponent of a length.

use std::sync::{LazyLock, Mutex, OnceLock};

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::{self, FfdheGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion};
use zeroize::Zeroizing;

use super::dh_parameters::DhParameters;
use super::modp_groups::{MODP_2048, MODP_3072, MODP_4096};
use crate::random;
use crate::sync;

/// Bytes of a private exponent: twice the strength of any group up to 8192 bits (RFC 7919 section 5.2), and
/// more than any subgroup in use.
const EXPONENT: usize = 64;
/// `ffdhe_private_use` (RFC 7919 section 9): groups that have no number of their own.
const PRIVATE_USE: u16 = 0x01fc;

/// A group of integers modulo a prime.
#[derive(Debug)]
pub(crate) struct DhGroup {
    name: NamedGroup,
    group: FfdheGroup<'static>,
    /// Made when first needed: most connections never are.
    arithmetic: OnceLock<Option<Arithmetic>>,
}

#[derive(Debug)]
struct Arithmetic {
    modulus: BoxedMontyParams,
    generator: BoxedMontyForm,
}

impl DhGroup {
    const fn new(name: NamedGroup, group: FfdheGroup<'static>) -> Self {
        Self { name, group, arithmetic: OnceLock::new() }
    }

    /// An error for an even modulus, which cannot have been a prime.
    fn arithmetic(&self) -> Result<&Arithmetic, Error> {
        let make = || {
            let modulus = Odd::new(BoxedUint::from_be_slice_vartime(self.group.p)).into_option()?;
            let generator = BoxedUint::from_be_slice(self.group.g, modulus.bits_precision()).ok()?;
            let modulus = BoxedMontyParams::new_vartime(modulus);
            let generator = BoxedMontyForm::new(generator, &modulus);
            Some(Arithmetic { modulus, generator })
        };
        let unusable = || Error::General("the Diffie-Hellman group is unusable".into());
        self.arithmetic.get_or_init(make).as_ref().ok_or_else(unusable)
    }
}

/// What a client knows: a server chooses the group, and one that nobody has looked at could be a trap. The
/// groups of RFC 7919 are named in the ClientHello; those of RFC 3526 under numbers for private use.
static KNOWN: LazyLock<Vec<DhGroup>> = LazyLock::new(|| {
    let modp = |prime: &'static [u8]| FfdheGroup { p: prime, g: &[2] };
    [
        (NamedGroup::FFDHE2048, ffdhe_groups::FFDHE2048),
        (NamedGroup::FFDHE3072, ffdhe_groups::FFDHE3072),
        (NamedGroup::FFDHE4096, ffdhe_groups::FFDHE4096),
        (NamedGroup::from(PRIVATE_USE), modp(&MODP_2048)),
        (NamedGroup::from(PRIVATE_USE + 1), modp(&MODP_3072)),
        (NamedGroup::from(PRIVATE_USE + 2), modp(&MODP_4096)),
    ]
    .into_iter()
    .map(|(name, group)| DhGroup::new(name, group))
    .collect()
});

/// Groups that programs have loaded. rustls wants them to live for ever, so each is kept once.
static LOADED: Mutex<Vec<&'static DhGroup>> = Mutex::new(Vec::new());

/// The groups for a client.
pub(crate) fn known() -> impl Iterator<Item = &'static dyn SupportedKxGroup> {
    KNOWN.iter().map(|group| group as &dyn SupportedKxGroup)
}

/// The group of a server with these parameters.
pub(crate) fn for_server(parameters: &DhParameters) -> Option<&'static dyn SupportedKxGroup> {
    let same = |group: &DhGroup| {
        group.group.p == parameters.prime()
            && group.group.g.iter().skip_while(|b| **b == 0).eq(parameters.generator())
    };
    if let Some(known) = KNOWN.iter().find(|group| same(group)) {
        return Some(known);
    }
    let mut loaded = sync::lock(&LOADED);
    if let Some(known) = loaded.iter().find(|group| same(group)) {
        return Some(*known);
    }
    let group = FfdheGroup {
        p: Box::leak(parameters.prime().to_vec().into_boxed_slice()),
        g: Box::leak(parameters.generator().to_vec().into_boxed_slice()),
    };
    // Under a name that OpenSSL's clients offer: with parameters of its own, a server does not ask which groups a
    // client would like (RFC 5246 has no such question).
    let group: &'static DhGroup = Box::leak(Box::new(DhGroup::new(NamedGroup::FFDHE3072, group)));
    loaded.push(group);
    Some(group)
}

impl SupportedKxGroup for DhGroup {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let generator = &self.arithmetic()?.generator;
        // Found again among those that live for ever: a key exchange outlives the borrow.
        let group = KNOWN
            .iter()
            .find(|known| std::ptr::eq(*known, self))
            .or_else(|| {
                let loaded = sync::lock(&LOADED);
                loaded.iter().copied().find(|known| std::ptr::eq(*known, self))
            })
            .ok_or(Error::FailedToGetRandomBytes)?;
        let mut exponent = Zeroizing::new(vec![0; EXPONENT]);
        random::fill(&mut exponent).map_err(|_| Error::FailedToGetRandomBytes)?;
        let private = Zeroizing::new(BoxedUint::from_be_slice_vartime(&exponent));
        let public = padded(&generator.pow(&private).retrieve(), self.group.p.len());
        Ok(Box::new(Exchange { group, private, public }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        Some(self.group)
    }

    fn name(&self) -> NamedGroup {
        self.name
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_2
    }
}

struct Exchange {
    group: &'static DhGroup,
    private: Zeroizing<BoxedUint>,
    public: Vec<u8>,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let arithmetic = &self.group.arithmetic()?.modulus;
        let modulus = arithmetic.modulus();
        let invalid = || Error::from(PeerMisbehaved::InvalidKeyShare);
        let peer = BoxedUint::from_be_slice(peer, modulus.bits_precision()).map_err(|_| invalid())?;
        // RFC 7919 section 5.1: 1 < y < p - 1, lest the secret be one that anybody can guess.
        let one = BoxedUint::one_with_precision(modulus.bits_precision());
        let largest = modulus.as_ref().wrapping_sub(&one);
        if peer <= one || peer >= largest {
            return Err(invalid());
        }
        let shared = Zeroizing::new(BoxedMontyForm::new(peer, arithmetic).pow(&self.private).retrieve());
        Ok(SharedSecret::from(padded(&shared, self.group.group.p.len())))
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn group(&self) -> NamedGroup {
        self.group.name
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        Some(self.group.group)
    }
}

/// The number in exactly `length` bytes; limbs may make it longer by zeros.
fn padded(number: &BoxedUint, length: usize) -> Vec<u8> {
    let bytes = Zeroizing::new(number.to_be_bytes().into_vec());
    bytes[bytes.len().saturating_sub(length)..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plus(number: &[u8], more: i8) -> Vec<u8> {
        // The primes end in bytes of ones, so nothing is carried.
        let mut bytes = number.to_vec();
        let last = bytes.last_mut().unwrap();
        *last = last.checked_add_signed(more).unwrap();
        bytes
    }

    /// As from a file: two numbers in a SEQUENCE (PKCS #3).
    fn parameters(prime: &[u8], generator: &[u8]) -> DhParameters {
        fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
            let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
            let length = if contents.len() < 128 { vec![length[1]] } else { [&[0x82], &length[..]].concat() };
            [&[tag], &length[..], contents].concat()
        }
        // A byte for the sign, where the first bit is set.
        let sign = |number: &[u8]| vec![0; usize::from(number[0] >> 7)];
        let integer = |number: &[u8]| tlv(2, &[&sign(number), number].concat());
        let der = tlv(0x30, &[integer(prime), integer(generator)].concat());
        DhParameters::from_pem(crate::pem::encode("DH PARAMETERS", &der).as_bytes()).unwrap()
    }

    #[test]
    fn both_sides_agree_in_every_group() {
        for group in KNOWN.iter() {
            let (ours, theirs) = (group.start().unwrap(), group.start().unwrap());
            let (our_share, their_share) = (ours.pub_key().to_vec(), theirs.pub_key().to_vec());
            assert_eq!(our_share.len(), group.group.p.len());
            assert_ne!(our_share, their_share);
            assert_eq!(ours.group(), group.name);
            assert_eq!(ours.ffdhe_group(), Some(group.group));
            let ours = ours.complete(&their_share).unwrap();
            let theirs = theirs.complete(&our_share).unwrap();
            assert_eq!(ours.secret_bytes(), theirs.secret_bytes());
            assert_eq!(ours.secret_bytes().len(), group.group.p.len());
        }
    }

    /// RFC 7919 section 5.1: what would make the secret one that anybody can guess.
    #[test]
    fn shares_that_give_the_secret_away_are_refused() {
        for group in KNOWN.iter() {
            let prime = group.group.p;
            let longer = [&[1][..], prime].concat();
            for share in [&[][..], &[0], &[1], &plus(prime, -1), prime, &longer] {
                assert!(group.start().unwrap().complete(share).is_err(), "{share:?}");
            }
            for share in [&[2][..], &plus(prime, -2)] {
                assert!(group.start().unwrap().complete(share).is_ok(), "{share:?}");
            }
        }
    }

    #[test]
    fn a_number_is_as_long_as_the_prime() {
        let number = BoxedUint::from_be_slice_vartime(&[0, 0, 0, 5]);
        assert_eq!(padded(&number, 3), [0, 0, 5]);
        assert_eq!(padded(&number, 1), [5]);
    }

    /// rustls would offer them in TLS 1.3 too, where they have another meaning (RFC 8446 section 4.2.7).
    #[test]
    fn for_tls_1_2_alone() {
        for group in known() {
            assert!(group.usable_for_version(ProtocolVersion::TLSv1_2));
            assert!(!group.usable_for_version(ProtocolVersion::TLSv1_3));
        }
    }

    #[test]
    fn a_loaded_group_is_kept_once() {
        for known in known() {
            let group = known.ffdhe_group().unwrap();
            let found = for_server(&parameters(group.p, group.g)).unwrap();
            assert_eq!(found.name(), known.name());
        }
        let prime = [&[0xf1; 255][..], &[7]].concat();
        let mine = parameters(&prime, &[5]);
        let (one, again) = (for_server(&mine).unwrap(), for_server(&mine).unwrap());
        assert!(std::ptr::addr_eq(one, again));
        assert_eq!(one.ffdhe_group().unwrap().p, prime);
        let other = for_server(&parameters(&prime, &[3])).unwrap();
        assert!(!std::ptr::addr_eq(one, other));
        assert_eq!(other.ffdhe_group().unwrap().g, [3]);
        let (ours, theirs) = (one.start().unwrap(), again.start().unwrap());
        let share = ours.pub_key().to_vec();
        let secret = ours.complete(theirs.pub_key()).unwrap();
        assert_eq!(secret.secret_bytes(), theirs.complete(&share).unwrap().secret_bytes());
        // An even number is no prime.
        let even = FfdheGroup { p: &[0xf2; 256], g: &[2] };
        assert!(DhGroup::new(NamedGroup::FFDHE2048, even).start().is_err());
    }
}
