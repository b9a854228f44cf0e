//! Signatures that were found right, remembered: a signature that was right stays right, whoever asks and whenever, so a chain
//! that comes again is not computed again. Nothing else of a verdict is remembered: dates, names, purposes and revocation are
//! looked at each time, and so is whether the issuer may sign at all.
//!
//! An entry is a SHA-256 over everything that the check depends on: all bytes of what is signed, its signature among them, and of
//! the issuer's SubjectPublicKeyInfo. What was found wrong is not remembered.
//!
//! The memory is asked, never waited for (as the pool of buffers, `pool.rs`): who finds a part of it locked computes the
//! signature. So nobody waits for a thread that a `fork()` has left behind, and threads do not wait for each other.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

use aws_lc_rs::digest::{Context, SHA256};

use crate::x509::{Certificate, PublicKey, RevocationList};

/// How many signatures are remembered, 32 bytes each.
const SIGNATURES: usize = 1024;
/// Each has its place in one of the sets, by its first bytes. Of a full set, the one that was asked for longest ago is forgotten.
const SET: usize = 8;
const SETS: usize = SIGNATURES / SET;

type Entry = [u8; 32];

/// Signatures that were found right.
pub struct SignatureMemory {
    /// The latest that was asked for stands first.
    sets: [Mutex<Vec<Entry>>; SETS],
}

impl SignatureMemory {
    /// One that knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { sets: [const { Mutex::new(Vec::new()) }; SETS] }
    }

    /// That of the process, which contexts share.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: SignatureMemory = SignatureMemory::new();
        &SHARED
    }

    fn set(&self, entry: &Entry) -> Option<MutexGuard<'_, Vec<Entry>>> {
        let number = usize::from(u16::from_be_bytes([entry[0], entry[1]])) % SETS;
        match self.sets[number].try_lock() {
            Ok(set) => Some(set),
            Err(TryLockError::Poisoned(set)) => Some(set.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn knows(&self, entry: &Entry) -> bool {
        let Some(mut set) = self.set(entry) else { return false };
        let Some(place) = set.iter().position(|known| known == entry) else { return false };
        set[..=place].rotate_right(1);
        true
    }

    fn remember(&self, entry: Entry) {
        let Some(mut set) = self.set(&entry) else { return };
        // Two threads may have found out the same.
        if !set.contains(&entry) {
            set.truncate(SET - 1);
            set.insert(0, entry);
        }
    }
}

impl Default for SignatureMemory {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SignatureMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignatureMemory")
    }
}

/// How often signatures of certificates and CRLs were computed, and how often that was not necessary.
#[derive(Debug, Default)]
pub struct SignatureCounts {
    computed: AtomicUsize,
    remembered: AtomicUsize,
}

impl SignatureCounts {
    /// How many signatures were computed, right or wrong.
    #[must_use]
    pub fn computed(&self) -> usize {
        self.computed.load(Ordering::Relaxed)
    }

    /// How many were found in a [`SignatureMemory`].
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.remembered.load(Ordering::Relaxed)
    }
}

/// What somebody has signed, signature included.
pub(super) trait Signed {
    /// Tells this kind of thing from the others.
    const KIND: u8;

    /// The SHA-256 of all its bytes.
    fn fingerprint(&self) -> [u8; 32];

    /// Whether this key made the signature.
    fn is_signed_by(&self, key: &PublicKey) -> bool;
}

impl Signed for Certificate {
    const KIND: u8 = 1;

    fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint()
    }

    fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.is_signed_by(key)
    }
}

impl Signed for RevocationList {
    const KIND: u8 = 2;

    fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint()
    }

    fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.is_signed_by(key)
    }
}

/// How the signatures of one verification are checked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Signatures<'a> {
    pub(super) memory: Option<&'a SignatureMemory>,
    pub(super) counts: Option<&'a SignatureCounts>,
}

impl Signatures<'_> {
    /// Whether `key` made the signature of `signed`, computed or remembered.
    pub(super) fn is_right<T: Signed>(&self, signed: &T, key: &PublicKey) -> bool {
        let Some(memory) = self.memory else { return self.compute(signed, key) };
        let entry = entry(signed, key);
        if memory.knows(&entry) {
            if let Some(counts) = self.counts {
                counts.remembered.fetch_add(1, Ordering::Relaxed);
            }
            return true;
        }
        let is_right = self.compute(signed, key);
        if is_right {
            memory.remember(entry);
        }
        is_right
    }

    fn compute<T: Signed>(&self, signed: &T, key: &PublicKey) -> bool {
        if let Some(counts) = self.counts {
            counts.computed.fetch_add(1, Ordering::Relaxed);
        }
        signed.is_signed_by(key)
    }
}

/// All parts but the last have a fixed length, so no two questions have the same bytes.
fn entry<T: Signed>(signed: &T, key: &PublicKey) -> Entry {
    let mut context = Context::new(&SHA256);
    context.update(&[T::KIND]);
    context.update(&signed.fingerprint());
    context.update(key.spki());
    let mut entry = Entry::default();
    entry.copy_from_slice(context.finish().as_ref());
    entry
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Something whose signature is right for keys of one length.
    struct Fake {
        fingerprint: [u8; 32],
        right: bool,
        computed: AtomicUsize,
    }

    impl Fake {
        fn new(number: u32, right: bool) -> Self {
            let mut fingerprint = [0; 32];
            fingerprint[..4].copy_from_slice(&number.to_be_bytes());
            Self { fingerprint, right, computed: AtomicUsize::new(0) }
        }

        fn computed(&self) -> usize {
            self.computed.load(Ordering::Relaxed)
        }
    }

    impl Signed for Fake {
        const KIND: u8 = 7;

        fn fingerprint(&self) -> [u8; 32] {
            self.fingerprint
        }

        fn is_signed_by(&self, _: &PublicKey) -> bool {
            self.computed.fetch_add(1, Ordering::Relaxed);
            self.right
        }
    }

    fn key() -> PublicKey {
        let made = rcgen::generate_simple_self_signed(vec!["a.test".to_owned()]).unwrap();
        Certificate::from_der(made.cert.der()).unwrap().public_key().clone()
    }

    #[test]
    fn what_was_right_is_not_computed_again_and_what_was_wrong_is() {
        let (memory, counts, key, other_key) =
            (SignatureMemory::new(), SignatureCounts::default(), key(), key());
        let signatures = Signatures { memory: Some(&memory), counts: Some(&counts) };
        let (right, wrong) = (Fake::new(1, true), Fake::new(2, false));
        for _ in 0..3 {
            assert!(signatures.is_right(&right, &key));
            assert!(!signatures.is_right(&wrong, &key));
        }
        assert_eq!((right.computed(), wrong.computed()), (1, 3));
        assert_eq!((counts.computed(), counts.remembered()), (4, 2));
        // Under another key it is another question.
        assert!(signatures.is_right(&right, &other_key));
        assert_eq!(right.computed(), 2);
        // Without a memory nothing is remembered, and what others have remembered does not count.
        let without = Signatures { memory: None, counts: Some(&counts) };
        assert!(without.is_right(&right, &key) && without.is_right(&right, &key));
        assert_eq!((right.computed(), counts.remembered()), (4, 2));
    }

    #[test]
    fn a_certificate_and_a_crl_of_the_same_bytes_are_two_things() {
        struct Other(Fake);
        impl Signed for Other {
            const KIND: u8 = 8;
            fn fingerprint(&self) -> [u8; 32] {
                self.0.fingerprint()
            }
            fn is_signed_by(&self, key: &PublicKey) -> bool {
                self.0.is_signed_by(key)
            }
        }
        let (memory, key) = (SignatureMemory::new(), key());
        let signatures = Signatures { memory: Some(&memory), counts: None };
        assert!(signatures.is_right(&Fake::new(1, true), &key));
        assert!(!signatures.is_right(&Other(Fake::new(1, false)), &key));
    }

    /// Entries of one set: the first bytes choose it.
    fn of_one_set(number: u8) -> Entry {
        let mut entry = [0; 32];
        entry[31] = number;
        entry
    }

    #[test]
    fn of_a_full_set_the_one_asked_for_longest_ago_goes() {
        let memory = SignatureMemory::new();
        for number in 0..SET as u8 {
            memory.remember(of_one_set(number));
        }
        assert!(memory.knows(&of_one_set(0)));
        memory.remember(of_one_set(100));
        assert!(memory.knows(&of_one_set(0)) && !memory.knows(&of_one_set(1)));
        assert!((2..SET as u8).all(|number| memory.knows(&of_one_set(number))));
        memory.remember(of_one_set(100));
        assert_eq!(memory.sets[0].lock().unwrap().len(), SET);
    }

    #[test]
    fn however_many_there_are_so_many_are_kept() {
        let (memory, key) = (SignatureMemory::new(), key());
        let signatures = Signatures { memory: Some(&memory), counts: None };
        for number in 0..20 * SIGNATURES as u32 {
            assert!(signatures.is_right(&Fake::new(number, true), &key));
        }
        let kept: usize = memory.sets.iter().map(|set| set.lock().unwrap().len()).sum();
        assert_eq!(kept, SIGNATURES, "twenty for each place fill every set");
        assert!(memory.sets.iter().all(|set| set.lock().unwrap().capacity() <= SET));
    }

    #[test]
    fn a_locked_memory_is_not_waited_for() {
        let (memory, key) = (SignatureMemory::new(), key());
        let signatures = Signatures { memory: Some(&memory), counts: None };
        let right = Fake::new(1, true);
        let held: Vec<_> = memory.sets.iter().map(|set| set.lock().unwrap()).collect();
        assert!(signatures.is_right(&right, &key) && signatures.is_right(&right, &key));
        assert_eq!(right.computed(), 2);
        drop(held);
        assert!(signatures.is_right(&right, &key) && signatures.is_right(&right, &key));
        assert_eq!(right.computed(), 3);
    }

    #[test]
    fn threads_get_the_same_answers() {
        let (memory, counts, key) = (SignatureMemory::new(), SignatureCounts::default(), key());
        let signatures = Signatures { memory: Some(&memory), counts: Some(&counts) };
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for round in 0..2000 {
                        assert!(signatures.is_right(&Fake::new(round % 50, true), &key));
                        assert!(!signatures.is_right(&Fake::new(1000 + round % 50, false), &key));
                    }
                });
            }
        });
        assert_eq!(counts.computed() + counts.remembered(), 8 * 2 * 2000);
        assert!(counts.remembered() > 0);
    }
}
