//! A handshake in which messages are damaged, left out, doubled, exchanged and interrupted, under the right keys.
//!
//! The first byte says which side, version and kind of handshake. Then come changes of four bytes each: the message, what
//! is done to it, and two numbers.

#![no_main]

use std::sync::LazyLock;

use ferrossl::Version;
use ferrossl_testkit::KeyKind;
use ferrossl_testkit::peer::wire::{content, group};
use ferrossl_testkit::peer::{Peer, Stage, Step};
use libfuzzer_sys::fuzz_target;

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::new(KeyKind::Ed25519));
static LATER: LazyLock<Stage> = LazyLock::new(|| {
    let stage = Stage::new(KeyKind::Ed25519);
    stage.take_post_handshake_auth();
    stage
});
const MESSAGES: [u8; 14] = [1, 2, 4, 5, 8, 11, 12, 13, 14, 15, 16, 20, 24, 0];

fuzz_target!(|bytes: &[u8]| {
    let [flags, rest @ ..] = bytes else { return };
    let version = if flags & 2 == 0 { Version::Tls13 } else { Version::Tls12 };
    let stage = if flags & 4 == 0 { &STAGE } else { &LATER };
    let mut peer =
        if flags & 1 == 0 { stage.scripted_client(version) } else { stage.scripted_server(version) };
    peer.setup.together = flags & 8 != 0;
    peer.setup.ask_for_certificate = flags & 16 != 0;
    if flags & 1 == 0 && flags & 16 != 0 {
        peer.setup.post_handshake_auth = true;
        peer.setup.signer = Some(stage.signer());
    }
    if flags & 32 != 0 {
        peer.setup.shares = vec![group::SECP256R1];
    }
    peer.setup.extended_master_secret = flags & 64 == 0;
    if flags & 128 != 0 {
        peer.setup.offer_both_versions();
    }
    for change in rest.as_chunks::<4>().0.iter().take(6) {
        let [kind, what, one, two] = *change;
        let step = match MESSAGES.get(usize::from(kind) % (MESSAGES.len() + 1)) {
            Some(kind) => Step::Message(*kind),
            None => Step::ChangeCipherSpec,
        };
        peer.replace(step, move |peer, message| damage(peer, &message, what, one, two));
    }
    let outcome = peer.run();
    if let Some(error) = &outcome.error {
        assert!(!outcome.done || outcome.delivered.is_empty());
        let again = peer.connection.read(&mut [0; 9]).map_err(|error| error.report());
        assert!(again.as_ref().is_err_and(|again| *again == error.report()), "{error:?}, then {again:?}");
    }
    // What both sides take for a handshake carries data.
    if outcome.is_fine() {
        peer.send_data(b"data");
        peer.settle();
        assert!(peer.error.is_some() || peer.take_delivered() == b"data");
    }
});

fn damage(peer: &mut Peer, message: &[u8], what: u8, one: u8, two: u8) {
    let mut message = message.to_vec();
    let place = usize::from(u16::from_be_bytes([one, two]));
    let at = place.checked_rem(message.len()).unwrap_or(0);
    match what % 14 {
        0 if !message.is_empty() => message[at] ^= 1 << (what >> 5),
        1 => message.truncate(at),
        2 => message.extend(vec![one; usize::from(two)]),
        // The length in the header fits what is there.
        3 => fit(&mut message, |body| body.truncate(at)),
        4 => fit(&mut message, |body| body.extend(vec![one; usize::from(two)])),
        5 => {}
        6 => peer.send_handshake(&message.clone()),
        7 => peer.send_sealed(20 + one % 6, &vec![two; usize::from(two)], 0),
        8 => peer.send_record(20 + one % 6, 0x0300 | u16::from(two), &[1]),
        9 => {
            let (first, second) = message.split_at(at);
            peer.send_handshake_bytes(first);
            peer.flush();
            match one % 3 {
                0 => peer.send_data(b"x"),
                1 => peer.send_change_cipher_spec(),
                _ => peer.send_alert(1, 90),
            }
            peer.send_handshake_bytes(second);
            return;
        }
        10 => {
            // Byte by byte, more or less.
            let sizes = vec![1 + usize::from(two); message.len() / (1 + usize::from(two))];
            peer.send_fragments(content::HANDSHAKE, &message, &sizes);
            return;
        }
        11 => message.first_mut().into_iter().for_each(|kind| *kind = one),
        12 if message.len() > 5 => message[at.max(4)] = two,
        _ => peer.send_alert(1 + one % 2, two),
    }
    if what % 14 != 5 {
        peer.send_handshake(&message);
    }
}

fn fit(message: &mut Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) {
    if message.len() < 4 {
        return;
    }
    let mut body = message.split_off(4);
    change(&mut body);
    *message = ferrossl_testkit::peer::wire::handshake(message[0], &body);
}
