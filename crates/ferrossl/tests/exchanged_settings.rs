//! Settings that are exchanged: before the handshake, and where a server has read the ClientHello.

use ferrossl::connection::Handshake;
use ferrossl::{Connection, Context, Error, Result, VerifyMode};
use ferrossl_testkit::{Pair, Pki, contexts};

/// The server stops at the ClientHello and goes on under `chosen`.
fn choose(pair: &Pair, chosen: &Context) -> Result<()> {
    pair.server.pause_at_client_hello();
    pair.client.handshake()?;
    pair.exchange();
    assert!(matches!(pair.server.handshake()?, Handshake::ClientHello(_)));
    pair.server.exchange_settings(&chosen.snapshot())?;
    pair.server.proceed()?;
    pair.handshake()
}

#[test]
fn a_choice_takes_no_demand_back() {
    let pki = Pki::new();
    let (client, first) = contexts(&pki, pki.identity("localhost"));
    let (_, chosen) = contexts(&pki, pki.identity("localhost"));
    first.update(|settings| settings.verify_mode = VerifyMode::Required);
    for context in [&first, &chosen] {
        context.trust_pem(pki.authority_pem().as_bytes()).unwrap();
    }
    let pair = Pair::new(&client, &first, "localhost").unwrap();
    let Err(Error::Protocol { reason, .. }) = choose(&pair, &chosen) else { panic!("nobody was asked") };
    assert_eq!(reason.name, "PEER_DID_NOT_RETURN_A_CERTIFICATE");

    client.use_identity(pki.identity("the client"));
    let pair = Pair::new(&client, &first, "localhost").unwrap();
    choose(&pair, &chosen).unwrap();
    assert!(pair.server.negotiated().unwrap().verified_chain.is_some());
}

/// What both settings leave may be nothing. The peer is told, and what was said until then is still there to be seen.
#[test]
fn settings_that_leave_nothing_refuse_the_client() {
    let pki = Pki::new();
    let (client, first) = contexts(&pki, pki.identity("localhost"));
    let (_, chosen) = contexts(&pki, pki.identity("localhost"));
    first.update(|settings| settings.versions.tls13 = false);
    chosen.update(|settings| settings.versions.tls12 = false);
    let pair = Pair::new(&client, &first, "localhost").unwrap();
    pair.server.log_messages();
    assert!(choose(&pair, &chosen).is_err());
    let error = pair.server.handshake().unwrap_err();
    assert_eq!(error.report().reason.unwrap().name, "NO_PROTOCOLS_AVAILABLE");
    pair.exchange();
    let told = pair.client.handshake().unwrap_err();
    assert!(matches!(told, Error::AlertReceived(70)), "{told:?}");
    let seen = pair.server.take_logged_messages();
    assert!(seen.iter().any(|message| message.sent && message.data == [2, 70]), "{seen:?}");
    assert!(seen.iter().any(|message| !message.sent && message.data.first() == Some(&1)), "{seen:?}");
}

#[test]
fn a_session_counts_under_the_same_demands_only() {
    let pki = Pki::new();
    let (client, first) = contexts(&pki, pki.identity("localhost"));
    let (_, chosen) = contexts(&pki, pki.identity("localhost"));
    client.use_identity(pki.identity("the client"));
    first.update(|settings| settings.verify_mode = VerifyMode::Required);
    chosen.trust_pem(pki.authority_pem().as_bytes()).unwrap();

    // Made where nobody was asked for a certificate.
    let pair = Pair::new(&client, &chosen, "localhost").unwrap();
    pair.handshake().unwrap();
    Pair::send(&pair.server, &pair.client, b"with the tickets in front").unwrap();
    let unasked = pair.client.session().unwrap();
    for (session, resumed) in [(Some(unasked), false), (None, true)] {
        let pair = Pair::new(&client, &first, "localhost").unwrap();
        let session = session.unwrap_or_else(|| {
            let earlier = Pair::new(&client, &first, "localhost").unwrap();
            choose(&earlier, &chosen).unwrap();
            Pair::send(&earlier.server, &earlier.client, b"with the tickets in front").unwrap();
            earlier.client.session().unwrap()
        });
        pair.client.resume(&session).unwrap();
        choose(&pair, &chosen).unwrap();
        assert_eq!(pair.server.negotiated().unwrap().resumed, resumed);
        assert!(!pair.server.negotiated().unwrap().peer_certificates.is_empty());
    }
}

#[test]
fn before_the_handshake_and_not_after() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let trusts_nobody = Context::new(ferrossl::Settings::default());
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    pair.client.exchange_settings(&trusts_nobody.snapshot()).unwrap();
    assert!(matches!(pair.handshake(), Err(Error::Verification(_))));
    // A connection that has failed stays as it is.
    pair.client.exchange_settings(&client.snapshot()).unwrap();
    assert!(matches!(pair.client.handshake(), Err(Error::Verification(_))));

    let pair = Pair::new(&client, &server, "localhost").unwrap();
    pair.client.handshake().unwrap();
    assert!(matches!(pair.client.exchange_settings(&client.snapshot()), Err(Error::Setting(_))));
    // The server has said nothing yet.
    pair.server.exchange_settings(&server.snapshot()).unwrap();
    pair.handshake().unwrap();
    assert!(matches!(pair.server.exchange_settings(&server.snapshot()), Err(Error::Setting(_))));
}

#[test]
fn a_name_that_is_to_be_checked_now_must_be_there() {
    let pki = Pki::new();
    let (checking, server) = contexts(&pki, pki.identity("localhost"));
    let careless = Context::new(ferrossl::Settings::default());
    let client = Connection::client(&careless.snapshot(), None).unwrap();
    assert!(matches!(client.exchange_settings(&checking.snapshot()), Err(Error::Setting(_))));

    for (name, good) in [("localhost", true), ("elsewhere", false)] {
        let pair = Pair::new(&careless, &server, name).unwrap();
        pair.client.exchange_settings(&checking.snapshot()).unwrap();
        assert_eq!(pair.handshake().is_ok(), good, "{name}");
    }
}
