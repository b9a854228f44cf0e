//! Which changes of a context's settings leave its sessions alone: those that say nothing of who may resume, and as whom.

use ferrossl::connection::{Read, SavedSession};
use ferrossl::verify::{ChainEnd, CrlCheck, Strictness};
use ferrossl::{Context, Settings, VerifyMode, Version, Versions};
use ferrossl_testkit::{Pair, Pki, contexts};

/// Connects, resuming `session` if the two agree to. Whether they did, and the session for the next time.
fn visit(client: &Context, server: &Context, session: Option<&SavedSession>) -> (bool, SavedSession) {
    let pair = Pair::new(client, server, "localhost").unwrap();
    if let Some(session) = session {
        pair.client.resume(session).unwrap();
    }
    pair.handshake().unwrap();
    assert_eq!(Pair::send(&pair.server, &pair.client, b"welcome").unwrap(), b"welcome");
    assert!(matches!(pair.client.read(&mut [0; 9]).unwrap(), Read::NeedRead));
    (pair.client.negotiated().unwrap().resumed, pair.client.session().unwrap())
}

type Change = fn(&Context, &Pki);

fn update(context: &Context, change: fn(&mut Settings)) {
    context.update(change);
}

/// Leaves sessions alone, whoever changes it.
const HARMLESS: [(&str, Change); 8] = [
    ("nothing", |context, _| update(context, |_| {})),
    ("trust, by nothing", |context, _| {
        context.update(|settings| settings.trust.extend(ferrossl::trust::TrustStore::new()));
    }),
    ("application protocols", |context, _| {
        update(context, |settings| settings.alpn_protocols = vec![b"h2".to_vec()]);
    }),
    ("the order of suites", |context, _| update(context, |settings| settings.server_preference = false)),
    ("how many tickets", |context, _| update(context, |settings| settings.ticket_count = 3)),
    ("ends without close_notify", |context, _| {
        update(context, |settings| settings.ignore_unexpected_eof = true);
    }),
    ("a suite less", |context, _| {
        update(context, |settings| settings.cipher_suites.truncate(settings.cipher_suites.len() - 1));
    }),
    ("a setting, there and back again", |context, _| {
        let mode = context.settings().verify_mode;
        update(context, |settings| settings.verify_mode = VerifyMode::Optional);
        context.update(|settings| settings.verify_mode = mode);
    }),
];

/// Ends sessions, if certificates are asked for.
const TRUST: [(&str, Change); 5] = [
    ("somebody more to trust", |context, _| {
        context.trust_pem(Pki::new().authority_pem().as_bytes()).unwrap();
    }),
    ("a folder to trust", |context, _| context.trust_directory("/nowhere")),
    ("a list of what is revoked is asked for, and not any more", |context, _| {
        update(context, |settings| settings.policy.crl_check = CrlCheck::Leaf);
        // Only a connection could have been made in between.
        let _ = context.snapshot();
        update(context, |settings| settings.policy.crl_check = CrlCheck::None);
    }),
    ("stricter rules", |context, _| {
        update(context, |settings| settings.policy.strictness = Strictness::Rfc5280)
    }),
    ("partial chains", |context, _| {
        update(context, |settings| settings.policy.chain_end = ChainEnd::AnyTrusted)
    }),
];

fn cases() -> impl Iterator<Item = (bool, bool)> {
    [(false, false), (false, true), (true, false), (true, true)].into_iter()
}

/// A client and a server of one version. `known` has the server ask for the client's certificate.
fn settings(pki: &Pki, tls13: bool, known: bool) -> (Context, Context) {
    let (client, server) = contexts(pki, pki.identity("localhost"));
    client.update(|settings| {
        settings.versions = Versions::only(if tls13 { Version::Tls13 } else { Version::Tls12 })
    });
    if known {
        server.trust_pem(pki.authority_pem().as_bytes()).unwrap();
        server.update(|settings| settings.verify_mode = VerifyMode::Required);
        client.use_identity(pki.identity("localhost"));
    }
    (client, server)
}

/// Whether a session is resumed after `change` of one of the two.
fn survives(pki: &Pki, (tls13, known): (bool, bool), tickets: bool, of_server: bool, change: Change) -> bool {
    let (client, server) = settings(pki, tls13, known);
    server.update(|settings| settings.tickets = tickets);
    let (_, session) = visit(&client, &server, None);
    let (resumed, session) = visit(&client, &server, Some(&session));
    assert!(resumed);
    change(if of_server { &server } else { &client }, pki);
    visit(&client, &server, Some(&session)).0
}

#[test]
fn what_says_nothing_of_who_may_resume_leaves_sessions_alone() {
    let pki = Pki::new();
    for (name, change) in HARMLESS {
        for case in cases() {
            for (tickets, of_server) in [(true, true), (false, true), (true, false)] {
                assert!(
                    survives(&pki, case, tickets, of_server, change),
                    "{name}, {case:?}, tickets {tickets}, of the server {of_server}"
                );
            }
        }
    }
}

#[test]
fn a_server_may_renew_its_certificate() {
    let pki = Pki::new();
    for case in cases() {
        let renew: Change = |server, pki| server.use_identity(pki.identity("localhost"));
        assert!(survives(&pki, case, true, true, renew), "{case:?}");
        // A client that shows another certificate is somebody else.
        assert!(!survives(&pki, case, true, false, renew), "{case:?}");
    }
}

#[test]
fn another_trust_ends_sessions() {
    let pki = Pki::new();
    for (name, change) in TRUST {
        for case @ (_, known) in cases() {
            // A server that asks nobody for a certificate has nobody to trust.
            assert_eq!(survives(&pki, case, true, true, change), !known, "{name}, {case:?}");
            assert!(!survives(&pki, case, true, false, change), "{name}, {case:?}");
        }
    }
}

#[test]
fn other_demands_end_sessions() {
    let pki = Pki::new();
    let demands: [(&str, Change); 3] = [
        ("an optional certificate", |context, _| {
            update(context, |settings| settings.verify_mode = VerifyMode::Optional);
        }),
        ("one version only", |context, _| {
            // Its session's own one, so that nothing else keeps it from being resumed.
            context.update(|settings| settings.versions.tls12 &= settings.ticket_count == 2);
            context.update(|settings| settings.versions.tls13 &= settings.ticket_count != 2);
        }),
        ("a while with other demands", |context, _| {
            let mode = context.settings().verify_mode;
            let other = if mode == VerifyMode::None { VerifyMode::Required } else { VerifyMode::None };
            context.update(|settings| settings.verify_mode = other);
            let _ = context.snapshot();
            context.update(|settings| settings.verify_mode = mode);
        }),
    ];
    for (name, change) in demands {
        for case @ (tls13, known) in cases() {
            let (client, server) = settings(&pki, tls13, known);
            server.update(|settings| settings.ticket_count = if tls13 { 3 } else { 2 });
            let (_, session) = visit(&client, &server, None);
            change(&server, &pki);
            assert!(!visit(&client, &server, Some(&session)).0, "{name}, {case:?}");
        }
    }
}

/// A session from a time when nobody was asked for a certificate is of no use once somebody is, nor the other way round.
#[test]
fn nobody_gets_in_by_a_session_from_before() {
    let pki = Pki::new();
    for tls13 in [false, true] {
        let (client, server) = settings(&pki, tls13, false);
        let (_, session) = visit(&client, &server, None);
        server.trust_pem(pki.authority_pem().as_bytes()).unwrap();
        server.update(|settings| settings.verify_mode = VerifyMode::Required);
        let pair = Pair::new(&client, &server, "localhost").unwrap();
        pair.client.resume(&session).unwrap();
        let entered = pair.handshake().and_then(|()| Pair::send(&pair.client, &pair.server, b"let me in"));
        entered.unwrap_err();
    }
}
