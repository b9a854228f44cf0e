//! Records that are right, by another hand than the code's own, and records that are wrong in every way we know.

use proptest::prelude::*;
use rustls::crypto::cipher::OutboundChunks;
use rustls::{ContentType, ProtocolVersion};

use super::*;

const HASHES: [MacHash; 2] = [MacHash::Sha1, MacHash::Sha256];
const KEY_LENGTHS: [usize; 2] = [16, 32];
const SEQUENCE: u64 = 0x0102_0304_0506_0708;
const IV: [u8; BLOCK] = [0xa5; BLOCK];

fn directions() -> impl Iterator<Item = Direction> {
    HASHES.into_iter().flat_map(|hash| {
        KEY_LENGTHS.map(|length| Direction {
            hash,
            mac_key: Zeroizing::new((1..).take(hash.length()).collect()),
            key: Zeroizing::new((101..).take(length).collect()),
        })
    })
}

fn open(direction: &mut Direction, record: &[u8]) -> Result<Vec<u8>, Error> {
    open_as(direction, record, ContentType::ApplicationData, SEQUENCE)
}

fn open_as(
    direction: &mut Direction,
    record: &[u8],
    content_type: ContentType,
    sequence: u64,
) -> Result<Vec<u8>, Error> {
    let mut record = record.to_vec();
    let message = InboundOpaqueMessage::new(content_type, ProtocolVersion::TLSv1_2, &mut record);
    direction.decrypt(message, sequence).map(|plain| plain.payload.to_vec())
}

fn seal(direction: &mut Direction, text: &[u8]) -> Vec<u8> {
    let message = OutboundPlainMessage {
        typ: ContentType::ApplicationData,
        version: ProtocolVersion::TLSv1_2,
        payload: OutboundChunks::Single(text),
    };
    // Behind the record's header.
    direction.encrypt(message, SEQUENCE).unwrap().encode()[5..].to_vec()
}

/// RFC 5246 section 6.2.3.1: HMAC over count, type, version, length and data.
fn tag(direction: &Direction, text: &[u8]) -> Vec<u8> {
    let algorithm = match direction.hash {
        MacHash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        MacHash::Sha256 => hmac::HMAC_SHA256,
    };
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    let covered = [&[1, 2, 3, 4, 5, 6, 7, 8, 23, 3, 3, length[0], length[1]], text].concat();
    hmac::sign(&hmac::Key::new(algorithm, &direction.mac_key), &covered).as_ref().to_vec()
}

/// IV and ciphertext of whole blocks, whatever is in them.
fn encrypted(direction: &Direction, blocks: &[u8]) -> Vec<u8> {
    let mut text = blocks.to_vec();
    let size = text.len();
    match direction.key.len() {
        16 => {
            let cipher = cbc::Encryptor::<Aes128>::new_from_slices(&direction.key, &IV).unwrap();
            cipher.encrypt_padded::<NoPadding>(&mut text, size).unwrap();
        }
        _ => {
            let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&direction.key, &IV).unwrap();
            cipher.encrypt_padded::<NoPadding>(&mut text, size).unwrap();
        }
    }
    [&IV, &*text].concat()
}

/// Data, its MAC and a padding of `padding` bytes and the one that counts them.
fn padded(direction: &Direction, text: &[u8], padding: u8) -> Vec<u8> {
    [text, &tag(direction, text), &vec![padding; usize::from(padding) + 1]].concat()
}

/// Every padding that makes whole blocks.
fn paddings(direction: &Direction, text: &[u8]) -> impl Iterator<Item = u8> + use<> {
    let unpadded = text.len() + direction.hash.length();
    (0..=255u8).filter(move |&padding| (unpadded + usize::from(padding) + 1).is_multiple_of(BLOCK))
}

#[test]
fn what_is_sealed_is_opened() {
    for mut direction in directions() {
        for size in (0..70).chain([255, 256, 1000, 1 << 14]) {
            let text: Vec<u8> = (0..size).map(|index| index as u8).collect();
            let record = seal(&mut direction, &text);
            assert_eq!(record.len(), direction.encrypted_payload_len(size));
            assert_eq!(open(&mut direction, &record).unwrap(), text);
            assert_ne!(record[..BLOCK], seal(&mut direction, &text)[..BLOCK], "the IV is new each time");
            // It is one record only, of one type.
            for (content_type, sequence) in [
                (ContentType::ApplicationData, SEQUENCE + 1),
                (ContentType::ApplicationData, 0),
                (ContentType::Handshake, SEQUENCE),
            ] {
                assert!(open_as(&mut direction, &record, content_type, sequence).is_err());
            }
        }
    }
}

#[test]
fn what_is_sealed_is_what_the_standard_says() {
    for mut direction in directions() {
        for size in 0..50 {
            let text = vec![7; size];
            let mut record = seal(&mut direction, &text);
            let mut expected = record[..BLOCK].to_vec();
            let least = paddings(&direction, &text).next().unwrap();
            let blocks = padded(&direction, &text, least);
            let key = direction.key.clone();
            let size = blocks.len();
            let text = &mut record[BLOCK..];
            assert_eq!(text.len(), size);
            match key.len() {
                16 => {
                    let cipher = cbc::Decryptor::<Aes128>::new_from_slices(&key, &expected).unwrap();
                    expected.extend_from_slice(cipher.decrypt_padded::<NoPadding>(text).unwrap());
                }
                _ => {
                    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&key, &expected).unwrap();
                    expected.extend_from_slice(cipher.decrypt_padded::<NoPadding>(text).unwrap());
                }
            }
            assert_eq!(expected[BLOCK..], blocks);
        }
    }
}

#[test]
fn a_record_of_any_length_that_is_nothing_is_refused() {
    for mut direction in directions() {
        for size in 0..=320 {
            assert_eq!(open(&mut direction, &vec![0; size]), Err(Error::DecryptError), "{size} bytes");
        }
        // Whole blocks without room for a MAC, under every padding that they could claim.
        for blocks in 0..=3 {
            for last in 0..=255 {
                let text = vec![last; blocks * BLOCK];
                let record = encrypted(&direction, &text);
                assert_eq!(open(&mut direction, &record), Err(Error::DecryptError));
            }
        }
    }
}

#[test]
fn every_padding_that_the_standard_allows_is_taken() {
    for mut direction in directions() {
        for size in [0, 1, 11, 12, 15, 16, 17, 100] {
            let text = vec![9; size];
            for padding in paddings(&direction, &text) {
                let record = encrypted(&direction, &padded(&direction, &text, padding));
                assert_eq!(open(&mut direction, &record).unwrap(), text, "{size} bytes and {padding}");
            }
        }
    }
}

#[test]
fn one_wrong_byte_of_padding_is_noticed() {
    for mut direction in directions() {
        let text = [9; 20];
        for padding in paddings(&direction, &text) {
            let right = padded(&direction, &text, padding);
            for place in right.len() - 1 - usize::from(padding)..right.len() {
                let mut wrong = right.clone();
                wrong[place] ^= 1;
                let record = encrypted(&direction, &wrong);
                assert_eq!(open(&mut direction, &record), Err(Error::DecryptError), "{padding} at {place}");
            }
        }
    }
}

#[test]
fn one_wrong_byte_of_data_or_mac_is_noticed() {
    for mut direction in directions() {
        let text = [9; 40];
        for padding in paddings(&direction, &text) {
            let right = padded(&direction, &text, padding);
            for place in 0..right.len() - 1 - usize::from(padding) {
                let mut wrong = right.clone();
                wrong[place] ^= 0x80;
                let record = encrypted(&direction, &wrong);
                assert_eq!(open(&mut direction, &record), Err(Error::DecryptError), "{padding} at {place}");
            }
        }
    }
}

/// A MAC over less than the record holds, with a padding that reaches beyond its beginning.
#[test]
fn a_padding_longer_than_the_record_is_refused() {
    for mut direction in directions() {
        for blocks in 3..=16 {
            let size = blocks * BLOCK;
            for padding in size - direction.hash.length()..=255 {
                let text = vec![padding as u8; size];
                let record = encrypted(&direction, &text);
                assert_eq!(open(&mut direction, &record), Err(Error::DecryptError));
            }
        }
    }
}

#[test]
fn the_key_block_is_cut_for_mac_and_cipher() {
    for hash in HASHES {
        for key_length in KEY_LENGTHS {
            let shape = Cbc { hash, key_length }.key_block_shape();
            assert_eq!(shape.enc_key_len, hash.length());
            assert_eq!(shape.fixed_iv_len, key_length);
            assert_eq!(shape.explicit_nonce_len, 0);
        }
    }
}

#[test]
fn paddings_by_hand() {
    for (text, expected) in [
        (&[9, 9, 7, 7, 0][..], Some(2)),
        (&[9, 7, 7, 1, 1], Some(1)),
        (&[7, 7, 2, 2, 2], Some(0)),
        (&[9, 7, 7, 0, 1], None),
        (&[7, 7, 2, 1, 2], None),
        (&[7, 3, 3, 3, 3], None),
        (&[9, 9, 9, 9, 255], None),
    ] {
        let (length, good) = unpadded(text, 2);
        assert_eq!(bool::from(good).then_some(length), expected, "{text:?}");
        assert_eq!(copied(text, length, 2), text[length..length + 2]);
    }
}

/// [`unpadded`], as one would write it if nobody could measure the time.
fn plainly_unpadded(text: &[u8], mac: usize) -> Option<usize> {
    let (&padding, _) = text.split_last()?;
    let rest = text.len().checked_sub(usize::from(padding) + 1)?;
    text[rest..].iter().all(|&byte| byte == padding).then(|| rest.checked_sub(mac))?
}

proptest! {
    #[test]
    fn the_constant_time_forms_agree_with_the_plain_ones(
        mut text in prop::collection::vec(0..4u8, 33..600),
        padding in 0..=255u8,
        shorter in 0..3usize,
        mac in prop::sample::select(vec![20usize, 32]),
    ) {
        let size = text.len();
        let run = (usize::from(padding) + 1).saturating_sub(shorter).min(size);
        text[size - run..].fill(padding);
        *text.last_mut().unwrap() = padding;
        let (length, good) = unpadded(&text, mac);
        match plainly_unpadded(&text, mac) {
            Some(expected) => prop_assert_eq!((length, bool::from(good)), (expected, true)),
            // Treated as if there were none.
            None => prop_assert_eq!((length, bool::from(good)), (size - mac, false)),
        }
        prop_assert_eq!(copied(&text, length, mac), &text[length..length + mac]);
    }
}
