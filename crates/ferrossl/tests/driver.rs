//! The driver over a transport that does what a script says: signals, little room, peers that hang up.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use ferrossl::connection::Handshake;
use ferrossl::socket::{Deadline, Interest, SocketDriver, Transport};
use ferrossl::{Connection, Error, Version, Versions};
use ferrossl_testkit::{Pki, contexts};
use io::ErrorKind::{BrokenPipe, ConnectionReset, Interrupted, WouldBlock};

/// What the next call of a kind does.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// At most this many bytes.
    Bytes(usize),
    Fail(io::ErrorKind),
}

/// A transport whose other end is another connection in the same thread: it answers when somebody waits.
struct Script<'a> {
    peer: &'a Connection,
    /// What has come from the peer.
    inbound: RefCell<VecDeque<u8>>,
    ended: Cell<bool>,
    /// Whether the peer does its part when we wait.
    peer_lives: Cell<bool>,
    receives: RefCell<VecDeque<Step>>,
    sends: RefCell<VecDeque<Step>>,
    waits: RefCell<VecDeque<io::Result<bool>>>,
    waited_for: RefCell<Vec<(Interest, Option<Duration>)>>,
    interruptions: Cell<usize>,
    /// Whether a signal's handler raises.
    handler_fails: Cell<bool>,
    /// The system call, counted from 0, that a signal interrupts.
    signal_at: Cell<Option<usize>>,
    calls: Cell<usize>,
}

impl<'a> Script<'a> {
    fn new(peer: &'a Connection) -> Self {
        Self {
            peer,
            inbound: RefCell::default(),
            ended: Cell::new(false),
            peer_lives: Cell::new(true),
            receives: RefCell::default(),
            sends: RefCell::default(),
            waits: RefCell::default(),
            waited_for: RefCell::default(),
            interruptions: Cell::new(0),
            handler_fails: Cell::new(false),
            signal_at: Cell::new(None),
            calls: Cell::new(0),
        }
    }

    fn on_sends(&self, steps: impl IntoIterator<Item = Step>) {
        self.sends.borrow_mut().extend(steps);
    }

    /// The peer hears what we have sent, and what it says is there to be received.
    fn let_the_peer_answer(&self) {
        let _ = self.peer.handshake();
        self.take_from_peer();
    }

    fn take_from_peer(&self) {
        let mut inbound = self.inbound.borrow_mut();
        self.peer
            .send_with(|bytes| {
                inbound.extend(bytes);
                Ok(bytes.len())
            })
            .unwrap();
    }

    /// Counts the call, which a signal may interrupt.
    fn call(&self) -> io::Result<()> {
        let number = self.calls.replace(self.calls.get() + 1);
        if self.signal_at.get() == Some(number) { Err(Interrupted.into()) } else { Ok(()) }
    }

    fn interests(&self) -> Vec<Interest> {
        self.waited_for.borrow().iter().map(|(interest, _)| *interest).collect()
    }
}

impl Transport for Script<'_> {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.call()?;
        let most = match self.receives.borrow_mut().pop_front() {
            Some(Step::Fail(kind)) => return Err(kind.into()),
            Some(Step::Bytes(most)) => most,
            None => usize::MAX,
        };
        let mut inbound = self.inbound.borrow_mut();
        if inbound.is_empty() {
            return if self.ended.get() { Ok(0) } else { Err(WouldBlock.into()) };
        }
        let count = buffer.len().min(most).min(inbound.len());
        for (place, byte) in buffer.iter_mut().zip(inbound.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.call()?;
        let count = match self.sends.borrow_mut().pop_front() {
            Some(Step::Fail(kind)) => return Err(kind.into()),
            Some(Step::Bytes(most)) => most.min(bytes.len()),
            None => bytes.len(),
        };
        self.peer.feed(&bytes[..count]);
        Ok(count)
    }

    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.call()?;
        self.waited_for.borrow_mut().push((interest, timeout));
        assert!(self.waited_for.borrow().len() < 1000, "waits for what never comes");
        if let Some(answer) = self.waits.borrow_mut().pop_front() {
            return answer;
        }
        assert!(self.peer_lives.get(), "waits for a peer that is gone");
        self.let_the_peer_answer();
        Ok(true)
    }

    fn interrupted(&self) -> io::Result<()> {
        self.interruptions.set(self.interruptions.get() + 1);
        if self.handler_fails.get() { Err(io::Error::other("the handler raises")) } else { Ok(()) }
    }
}

const TLS12: Versions = Versions::only(Version::Tls12);
const TLS13: Versions = Versions::only(Version::Tls13);

/// A client that is driven, and a server to be its peer; nothing has been said.
fn beginning(versions: Versions) -> (SocketDriver, Connection) {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.update(|settings| settings.versions = versions);
    let client = Connection::client(&client.snapshot(), Some("localhost")).unwrap();
    (SocketDriver::new(client), Connection::server(server.snapshot()))
}

fn connected(versions: Versions) -> (SocketDriver, Connection) {
    let (client, server) = beginning(versions);
    let script = Script::new(&server);
    assert_eq!(client.handshake(&script, Deadline::Never).unwrap(), Handshake::Done);
    script.let_the_peer_answer();
    assert!(server.negotiated().is_some());
    (client, server)
}

/// Everything that has reached the peer.
fn arrived(peer: &Connection) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    while let Ok(ferrossl::connection::Read::Data(count)) = peer.read(&mut buffer) {
        all.extend_from_slice(&buffer[..count]);
    }
    all
}

fn kind(error: &Error) -> Option<io::ErrorKind> {
    match error {
        Error::Io(error) => Some(error.kind()),
        _ => None,
    }
}

/// A signal in any one system call of a whole conversation changes nothing, whichever it is.
#[test]
fn a_signal_in_any_system_call_makes_no_difference() {
    for versions in [TLS12, TLS13] {
        let converse = |signal_at| {
            let (client, server) = beginning(versions);
            let script = Script::new(&server);
            script.signal_at.set(signal_at);
            client.handshake(&script, Deadline::Never).unwrap();
            assert_eq!(client.write(&script, b"question", Deadline::Never).unwrap(), 8);
            assert_eq!(arrived(&server), b"question");
            let mut buffer = [0; 20];
            server.write(b"answer").unwrap();
            assert_eq!(client.read(&script, &mut buffer, Deadline::Never).unwrap(), 6);
            assert!(matches!(client.close(&script, Deadline::Now), Err(Error::WantRead)));
            server.close().unwrap();
            client.close(&script, Deadline::Never).unwrap();
            (script.calls.get(), script.interruptions.get())
        };
        let (calls, none) = converse(None);
        assert!(calls > 10);
        // The one that may have come while the ClientHello was made.
        assert_eq!(none, 1);
        let told: usize = (0..calls).map(|call| converse(Some(call)).1 - none).sum();
        // Each is passed on, but for those in a flight that goes out as far as it goes before a wait, or at the end.
        assert!(told >= calls - 4, "{versions:?}: {told} of {calls}");
    }
}

/// A handler that raises ends the operation, wherever it waits or sends.
#[test]
fn a_handler_that_raises_ends_the_operation() {
    let raises = |steps: &dyn Fn(&Script<'_>, &SocketDriver) -> Error| {
        let (client, server) = connected(TLS13);
        let script = Script::new(&server);
        script.handler_fails.set(true);
        let error = steps(&script, &client);
        assert_eq!(kind(&error), Some(io::ErrorKind::Other), "{error:?}");
        assert_eq!(script.interruptions.get(), 1);
    };
    // One that came while the ClientHello was made wakes nobody who waits: it is asked for before the first wait.
    let (client, server) = beginning(TLS13);
    let script = Script::new(&server);
    script.handler_fails.set(true);
    script.peer_lives.set(false);
    let error = client.handshake(&script, Deadline::Never).unwrap_err();
    assert_eq!((kind(&error), script.interruptions.get()), (Some(io::ErrorKind::Other), 1));
    assert!(script.waited_for.borrow().is_empty());
    raises(&|script, client| {
        script.receives.borrow_mut().push_back(Step::Fail(Interrupted));
        client.read(script, &mut [0; 9], Deadline::Never).unwrap_err()
    });
    raises(&|script, client| {
        script.on_sends([Step::Fail(Interrupted)]);
        client.write(script, b"data", Deadline::Never).unwrap_err()
    });
    raises(&|script, client| {
        script.waits.borrow_mut().push_back(Err(Interrupted.into()));
        client.read(script, &mut [0; 9], Deadline::Never).unwrap_err()
    });
}

#[test]
fn little_room_and_small_pieces_lose_nothing() {
    for versions in [TLS12, TLS13] {
        let (client, server) = connected(versions);
        let script = Script::new(&server);
        let data: Vec<u8> = (0..600_000u32).map(|index| (index * 7) as u8).collect();
        // Now and then a byte, now and then no room at all.
        for _ in 0..50 {
            script.on_sends([Step::Bytes(1), Step::Fail(WouldBlock), Step::Bytes(10_000), Step::Bytes(3)]);
        }
        assert_eq!(client.write(&script, &data, Deadline::Never).unwrap(), data.len());
        assert!(arrived(&server) == data);
        assert_eq!(script.interests(), vec![Interest::Write; 50]);
    }
}

#[test]
fn a_write_without_room_goes_on_where_it_stopped() {
    let (client, server) = connected(TLS13);
    let script = Script::new(&server);
    let data = vec![7; 1000];
    for taken in [100, 200, 300] {
        script.on_sends([Step::Bytes(taken), Step::Fail(WouldBlock)]);
        assert!(matches!(client.write(&script, &data, Deadline::Now), Err(Error::WantWrite)));
        assert!(client.connection().wants_send());
    }
    assert!(script.interests().is_empty(), "nobody waits");
    assert_eq!(client.write(&script, &data, Deadline::Now).unwrap(), 1000);
    assert_eq!(arrived(&server), data);
    // A write that has gone out is over: the same bytes once more are new ones.
    assert_eq!(client.write(&script, &data, Deadline::Now).unwrap(), 1000);
    assert_eq!(arrived(&server), data);
}

/// What was queued by an earlier call counts once, and a longer buffer goes on behind it.
#[test]
fn a_retried_write_may_be_longer() {
    let (client, server) = connected(TLS13);
    let script = Script::new(&server);
    script.on_sends([Step::Fail(WouldBlock)]);
    assert!(matches!(client.write(&script, b"first", Deadline::Now), Err(Error::WantWrite)));
    assert_eq!(client.write(&script, b"first and more", Deadline::Never).unwrap(), 14);
    assert_eq!(arrived(&server), b"first and more");
}

/// A write that does not wait returns what is out, and at least the beginning; one that waits returns with everything.
#[test]
fn how_much_one_write_sends() {
    let (client, server) = connected(TLS13);
    let script = Script::new(&server);
    let data = vec![1; ferrossl::connection::WRITE_BATCH + 10];
    assert_eq!(client.write(&script, &data, Deadline::Now).unwrap(), ferrossl::connection::WRITE_BATCH);
    assert_eq!(arrived(&server).len(), ferrossl::connection::WRITE_BATCH);
    assert_eq!(client.write(&script, &data, Deadline::Never).unwrap(), data.len());
    assert_eq!(arrived(&server).len(), data.len());
    assert_eq!(client.write(&script, b"", Deadline::Now).unwrap(), 0);
}

#[test]
fn a_transport_that_takes_nothing_is_an_error_and_no_loop() {
    let (client, server) = connected(TLS13);
    let script = Script::new(&server);
    script.on_sends([Step::Bytes(0)]);
    let error = client.write(&script, b"data", Deadline::Never).unwrap_err();
    assert_eq!(kind(&error), Some(io::ErrorKind::WriteZero));
}

/// When our flight cannot be sent because the peer has refused us and hung up, what it said is the error.
#[test]
fn the_peers_alert_is_better_news_than_a_broken_pipe() {
    const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];
    /// The client's second flight fails with `failure`, and `words` are what then turns up.
    fn refused(failure: io::ErrorKind, words: &[u8], ended: bool) -> Error {
        let (client, server) = beginning(TLS12);
        let script = Script::new(&server);
        assert!(matches!(client.handshake(&script, Deadline::Now), Err(Error::WantRead)));
        script.let_the_peer_answer();
        let flight: Vec<u8> = script.inbound.take().into();
        script.inbound.borrow_mut().extend(&flight);
        // Everything of the server's flight, then nothing; then, behind the failed send, what it said.
        let count = receives_of(&flight);
        script.receives.borrow_mut().extend(vec![Step::Bytes(usize::MAX); count]);
        script.receives.borrow_mut().push_back(Step::Fail(WouldBlock));
        script.on_sends([Step::Fail(failure)]);
        script.inbound.borrow_mut().extend(words);
        script.ended.set(ended);
        script.peer_lives.set(false);
        client.handshake(&script, Deadline::Never).unwrap_err()
    }
    for failure in [BrokenPipe, ConnectionReset] {
        let error = refused(failure, &ALERT, true);
        assert_eq!(error.report().reason.unwrap().name, "SSLV3_ALERT_HANDSHAKE_FAILURE");
        assert!(matches!(error, Error::AlertReceived(_)), "{error:?}");
        assert!(matches!(refused(failure, &ALERT, false), Error::AlertReceived(_)));
        // Nothing, a part of something, something else: the failure itself.
        for words in [&[][..], &ALERT[..4], &ALERT[..6], &[22, 3, 3, 0, 1, 99], &[0; 20]] {
            for ended in [true, false] {
                assert_eq!(kind(&refused(failure, words, ended)), Some(failure), "{words:?} {ended}");
            }
        }
    }
}

/// How many calls take these records from a transport: header and body of each.
fn receives_of(records: &[u8]) -> usize {
    let (mut rest, mut count) = (records, 0);
    while let [_, _, _, high, low, ..] = rest {
        rest = &rest[5 + usize::from(u16::from_be_bytes([*high, *low]))..];
        count += 2;
    }
    count
}

/// A flight that finds no room, or a signal, when it is made and before the wait is no failure: the wait is for room as well.
#[test]
fn a_flight_without_room_waits_for_either() {
    for hindrance in [WouldBlock, Interrupted] {
        let (client, server) = beginning(TLS13);
        let script = Script::new(&server);
        script.on_sends([Step::Bytes(10), Step::Fail(hindrance), Step::Fail(hindrance)]);
        client.handshake(&script, Deadline::Never).unwrap();
        assert_eq!(script.interests()[0], Interest::ReadOrWrite);
        assert_eq!(script.interests()[1], Interest::Read);

        let (client, server) = beginning(TLS13);
        let script = Script::new(&server);
        script.on_sends([Step::Fail(hindrance), Step::Fail(hindrance)]);
        assert!(matches!(client.handshake(&script, Deadline::Now), Err(Error::WantWrite)));
        assert!(matches!(client.handshake(&script, Deadline::Now), Err(Error::WantRead)));
    }
}

#[test]
fn time_runs_out_in_the_operation_that_waits() {
    let end = Deadline::At(Instant::now() + Duration::from_secs(1000));
    let out_of_time = |script: &Script<'_>| script.waits.borrow_mut().push_back(Ok(false));
    let (client, server) = beginning(TLS13);
    let script = Script::new(&server);
    out_of_time(&script);
    assert!(matches!(client.handshake(&script, end), Err(Error::TimedOut { operation: "handshake" })));
    let left = script.waited_for.borrow()[0].1.unwrap();
    assert!(left <= Duration::from_secs(1000) && left > Duration::from_secs(900));

    let (client, server) = connected(TLS13);
    let script = Script::new(&server);
    out_of_time(&script);
    assert!(matches!(client.read(&script, &mut [0; 9], end), Err(Error::TimedOut { operation: "read" })));
    out_of_time(&script);
    script.on_sends([Step::Fail(WouldBlock)]);
    assert!(matches!(client.write(&script, b"data", end), Err(Error::TimedOut { operation: "write" })));
    out_of_time(&script);
    assert!(matches!(client.close(&script, end), Err(Error::TimedOut { operation: "shutdown" })));
    // Nothing of it was in vain.
    assert_eq!(arrived(&server), b"data");
}

#[test]
fn what_the_system_says_is_passed_on() {
    let (client, server) = connected(TLS13);
    let script = Script::new(&server);
    script.receives.borrow_mut().push_back(Step::Fail(ConnectionReset));
    let error = client.read(&script, &mut [0; 9], Deadline::Never).unwrap_err();
    assert_eq!(kind(&error), Some(ConnectionReset));
    script.waits.borrow_mut().push_back(Err(io::ErrorKind::NotConnected.into()));
    let error = client.read(&script, &mut [0; 9], Deadline::Never).unwrap_err();
    assert_eq!(kind(&error), Some(io::ErrorKind::NotConnected));
    script.on_sends([Step::Fail(BrokenPipe)]);
    let error = client.write(&script, b"data", Deadline::Never).unwrap_err();
    assert_eq!(kind(&error), Some(BrokenPipe));
}

/// Both have said goodbye: that the answer cannot be sent any more is nobody's concern.
#[test]
fn a_peer_that_has_closed_may_be_gone() {
    let (client, server) = connected(TLS13);
    let script = Script::new(&server);
    server.close().unwrap();
    script.take_from_peer();
    assert!(matches!(client.read(&script, &mut [0; 9], Deadline::Never), Err(Error::Closed)));
    script.on_sends([Step::Fail(WouldBlock)]);
    assert!(matches!(client.close(&script, Deadline::Now), Err(Error::WantWrite)));
    script.on_sends([Step::Fail(BrokenPipe)]);
    client.close(&script, Deadline::Never).unwrap();

    // Before the peer has said it, it is.
    let (client, server) = connected(TLS13);
    let script = Script::new(&server);
    script.on_sends([Step::Fail(BrokenPipe)]);
    assert_eq!(kind(&client.close(&script, Deadline::Never).unwrap_err()), Some(BrokenPipe));
}

/// A large buffer takes the records that are there, and what is wrong with a later one shows at the next read.
#[test]
fn a_large_buffer_takes_what_is_there() {
    for versions in [TLS12, TLS13] {
        let (client, server) = connected(versions);
        let script = Script::new(&server);
        for number in 0..5u8 {
            server.write(&[number; 100]).unwrap();
        }
        script.take_from_peer();
        // One record, and more for as long as the largest would fit behind them.
        let mut buffer = vec![0; (1 << 14) + 200];
        assert_eq!(client.read(&script, &mut buffer, Deadline::Now).unwrap(), 300);
        assert_eq!([buffer[0], buffer[100], buffer[299]], [0, 1, 2]);
        assert_eq!(client.read(&script, &mut buffer[..1 << 14], Deadline::Now).unwrap(), 100);
        assert_eq!(client.read(&script, &mut buffer, Deadline::Now).unwrap(), 100);
        assert!(matches!(client.read(&script, &mut buffer, Deadline::Now), Err(Error::WantRead)));
        assert_eq!(client.read(&script, &mut [], Deadline::Now).unwrap(), 0);

        server.write(b"good").unwrap();
        script.take_from_peer();
        script.inbound.borrow_mut().extend([23, 3, 3, 0, 30]);
        script.inbound.borrow_mut().extend([0; 30]);
        assert_eq!(client.read(&script, &mut buffer, Deadline::Now).unwrap(), 4);
        let error = client.read(&script, &mut buffer, Deadline::Now).unwrap_err();
        assert_eq!(error.report().reason.unwrap().name, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC");
        // The peer is told at once.
        assert!(matches!(server.read(&mut buffer), Err(Error::AlertReceived(_))));
    }
}

/// The end of the transport is news for the next read too; until then the other direction is open.
#[test]
fn an_end_behind_data_is_told_by_the_next_read() {
    let (client, server) = connected(TLS13);
    let script = Script::new(&server);
    server.write(b"last").unwrap();
    script.take_from_peer();
    script.ended.set(true);
    let mut buffer = vec![0; 1 << 16];
    assert_eq!(client.read(&script, &mut buffer, Deadline::Never).unwrap(), 4);
    client.write(&script, b"still here", Deadline::Never).unwrap();
    assert_eq!(arrived(&server), b"still here");
    assert!(matches!(client.read(&script, &mut buffer, Deadline::Never), Err(Error::UnexpectedEof)));
    assert!(matches!(client.write(&script, b"no more", Deadline::Never), Err(Error::UnexpectedEof)));
}

/// Whatever ends a handshake, the peer hears of it, unless the transport takes nothing.
#[test]
fn a_failed_handshake_tells_the_peer() {
    for room in [true, false] {
        let (client, server) = beginning(TLS13);
        let script = Script::new(&server);
        assert!(matches!(client.handshake(&script, Deadline::Now), Err(Error::WantRead)));
        script.inbound.borrow_mut().extend([22, 3, 3, 0, 4, 77, 0, 0, 0]);
        if !room {
            script.on_sends([Step::Fail(WouldBlock)]);
        }
        let error = client.handshake(&script, Deadline::Never).unwrap_err();
        assert!(error.report().reason.is_some(), "{error:?}");
        assert_eq!(client.connection().wants_send(), !room);
        assert_eq!(matches!(server.handshake(), Err(Error::AlertReceived(_))), room);
    }
}

#[test]
fn deadlines_from_timeouts() {
    assert_eq!(Deadline::after(None), Deadline::Never);
    assert_eq!(Deadline::after(Some(Duration::ZERO)), Deadline::Now);
    assert_eq!(Deadline::after(Some(Duration::MAX)), Deadline::Never);
    assert_eq!(Deadline::Never.remaining(), None);
    assert_eq!(Deadline::Now.remaining(), Some(Duration::ZERO));
    let before = Instant::now();
    let Deadline::At(end) = Deadline::after(Some(Duration::from_secs(50))) else { panic!("a point in time") };
    assert!(end >= before + Duration::from_secs(50));
    assert!(end <= Instant::now() + Duration::from_secs(50));
    let left = Deadline::At(end).remaining().unwrap();
    assert!(left <= Duration::from_secs(50) && !left.is_zero());
    assert_eq!(Deadline::At(before).remaining(), Some(Duration::ZERO));
}

/// What a transport fails with is the transport's, also where that is a connection of this crate itself (TLS in TLS): the end of
/// the tunnel is not the end that the peer has announced.
#[test]
fn errors_of_a_tunnel_are_not_those_of_what_goes_through_it() {
    struct Tunnel(Error);
    impl Transport for Tunnel {
        fn receive(&self, _: &mut [u8]) -> io::Result<usize> {
            Err(self.0.clone().into())
        }
        fn send(&self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.clone().into())
        }
        fn wait(&self, _: Interest, _: Option<Duration>) -> io::Result<bool> {
            Err(self.0.clone().into())
        }
    }
    for inner in [Error::Closed, Error::UnexpectedEof, Error::AlertReceived(48)] {
        let (client, _server) = connected(TLS13);
        let tunnel = Tunnel(inner);
        let read = client.read(&tunnel, &mut [0; 9], Deadline::Never);
        assert!(matches!(read, Err(Error::Io(_))), "{read:?}");
        let written = client.write(&tunnel, b"data", Deadline::Never);
        assert!(matches!(written, Err(Error::Io(_))), "{written:?}");
    }
}
