//! What a peer gets that breaks the protocol, or stretches it: the alert of the RFC and a clear error, or an answer.
//!
//! The cases are tables of what is sent, in which state and role, and what is owed for it. A new one is a line or a few
//! more in the file of its theme.

mod bounds;
mod certificates;
mod ends;
mod hellos;
mod in_place;

mod negotiation;
mod offers;
mod order;
mod post_handshake_auth;
mod records;
mod retries;
mod sessions;

use std::sync::LazyLock;

use ferrossl::{Error, Version};
use ferrossl_testkit::KeyKind;
use ferrossl_testkit::peer::wire::alert;
use ferrossl_testkit::peer::{Outcome, Peer, Role, Stage};

const TLS12: Version = Version::Tls12;
const TLS13: Version = Version::Tls13;
const CLIENT: Role = Role::Client;
const SERVER: Role = Role::Server;

/// Any alert, where the RFCs name none for the case.
const ANY: &[u8] = &[];

static STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::new(KeyKind::P256));
static RSA_STAGE: LazyLock<Stage> = LazyLock::new(|| Stage::new(KeyKind::Rsa2048));
/// Both contexts do authentication after the handshake.
static POST_HANDSHAKE_STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let stage = Stage::new(KeyKind::P256);
    stage.take_post_handshake_auth();
    stage
});

/// When the script of a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Nothing else is sent. A server has taken the ClientHello before.
    First,
    /// It puts something into the way of the handshake, which follows.
    During,
    /// Behind a whole handshake.
    After,
}

use When::{After, During, First};

/// Who the peer is, when it does what, and which alerts the connection may answer with.
type Case = (&'static str, Role, Version, When, fn(&mut Peer), &'static [u8]);

fn peer(stage: &Stage, role: Role, version: Version) -> Peer {
    match role {
        CLIENT => stage.scripted_client(version),
        SERVER => stage.scripted_server(version),
    }
}

/// Plays one case to its end.
fn play(stage: &Stage, (_, role, version, when, script, _): &Case) -> (Peer, Outcome) {
    let mut peer = peer(stage, *role, *version);
    match when {
        First => {
            if *role == SERVER {
                peer.receive_client_hello().unwrap();
            }
            script(&mut peer);
            let outcome = peer.outcome();
            (peer, outcome)
        }
        During => {
            script(&mut peer);
            let outcome = peer.run();
            (peer, outcome)
        }
        After => {
            peer.complete_handshake();
            script(&mut peer);
            let outcome = peer.outcome();
            (peer, outcome)
        }
    }
}

/// Why the connection has not refused as it should; `None` when it has.
fn complaint(peer: &Peer, outcome: &Outcome, alerts: &[u8]) -> Option<String> {
    let fatal: Vec<u8> =
        outcome.alerts.iter().filter(|one| one.level == alert::FATAL).map(|one| one.description).collect();
    let reason = outcome.reason();
    if !matches!(outcome.error, Some(Error::Protocol { .. })) {
        return Some(format!("error {:?}, alerts {fatal:?}, {:?}", outcome.error, outcome.stopped));
    }
    match fatal[..] {
        [one] if alerts.is_empty() || alerts.contains(&one) => {}
        [] => return Some(format!("no alert in place of {alerts:?} ({reason})")),
        _ => return Some(format!("alerts {fatal:?} in place of {alerts:?} ({reason})")),
    }
    let last = outcome.records.last().map(|record| record.content_type);
    if last != Some(ferrossl_testkit::peer::wire::content::ALERT) {
        return Some(format!("a record of type {last:?} behind the alert"));
    }
    // The error stays, whatever is tried.
    let again = peer.connection.write(b"more").err().map(|error| error.report());
    if again != outcome.error.as_ref().map(Error::report) {
        return Some(format!("later: {again:?}, at first: {:?}", outcome.error));
    }
    None
}

/// Plays all cases; each must end with one of its alerts and an error that stays.
#[track_caller]
fn refused(stage: &Stage, cases: &[Case]) {
    let mut complaints = Vec::new();
    for case in cases {
        let (name, role, version, when, _, alerts) = case;
        let (peer, outcome) = play(stage, case);
        if let Some(complaint) = complaint(&peer, &outcome, alerts) {
            complaints.push(format!("{name} (peer: {role:?}, {version:?}, {when:?}): {complaint}"));
        }
    }
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), cases.len(), complaints.join("\n"));
}

/// Plays all cases; each must end with a connection that is up and carries data both ways.
#[track_caller]
fn accepted(stage: &Stage, cases: &[Case]) {
    let mut complaints = Vec::new();
    for case in cases {
        let (name, role, version, when, ..) = case;
        let (mut peer, outcome) = play(stage, case);
        if !outcome.is_fine() {
            let Outcome { error, alerts, stopped, .. } = outcome;
            complaints.push(format!(
                "{name} (peer: {role:?}, {version:?}, {when:?}): {error:?}, {alerts:?}, {stopped:?}"
            ));
        } else if let Err(complaint) = carries_data(&mut peer) {
            complaints.push(format!("{name} (peer: {role:?}, {version:?}, {when:?}): {complaint}"));
        }
    }
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), cases.len(), complaints.join("\n"));
}

/// Whether data still goes both ways.
fn carries_data(peer: &mut Peer) -> Result<(), String> {
    peer.settle();
    peer.take_delivered();
    peer.send_data(b"to the connection");
    peer.exchange();
    let delivered = peer.take_delivered();
    if delivered != b"to the connection" {
        return Err(format!("{delivered:?} arrived, {:?}", peer.error));
    }
    peer.connection.write(b"to the peer").map_err(|error| error.to_string())?;
    let sent = peer.outcome().data();
    if sent.ends_with(b"to the peer") { Ok(()) } else { Err(format!("{sent:?} was sent")) }
}
