//! Small exchanges over a transport with Nagle's algorithm and acknowledgements that are late for ever: whoever waits
//! for one gets no further.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use ferrossl::connection::SavedSession;
use ferrossl::socket::{Deadline, Interest, SocketDriver, Transport};
use ferrossl::{Connection, Context, Error, Version, Versions};
use ferrossl_testkit::{Pki, contexts};

/// What travels one way.
#[derive(Default)]
struct Direction {
    arrived: VecDeque<u8>,
    /// Held back until what went before is acknowledged.
    held: Vec<u8>,
    unacknowledged: bool,
}

impl Direction {
    fn send(&mut self, bytes: &[u8], at_once: bool) {
        self.held.extend_from_slice(bytes);
        if at_once || !self.unacknowledged {
            self.push();
        }
    }

    fn push(&mut self) {
        self.unacknowledged |= !self.held.is_empty();
        self.arrived.extend(self.held.drain(..));
    }

    fn acknowledge(&mut self) {
        self.unacknowledged = false;
        self.push();
    }
}

/// One end.
struct Nagle {
    directions: Rc<RefCell<[Direction; 2]>>,
    end: usize,
    /// As if it were somebody else's, who does nothing about it.
    is_deaf: bool,
}

fn ends(client_is_deaf: bool, server_is_deaf: bool) -> (Nagle, Nagle) {
    let directions = Rc::new(RefCell::new(<[Direction; 2]>::default()));
    let client = Nagle { directions: Rc::clone(&directions), end: 0, is_deaf: client_is_deaf };
    (client, Nagle { directions, end: 1, is_deaf: server_is_deaf })
}

impl Nagle {
    fn send(&self, bytes: &[u8], at_once: bool) -> io::Result<usize> {
        let mut directions = self.directions.borrow_mut();
        directions[self.end].send(bytes, at_once);
        // What goes out takes the acknowledgement along.
        if !directions[self.end].arrived.is_empty() {
            directions[1 - self.end].acknowledge();
        }
        Ok(bytes.len())
    }
}

impl Transport for Nagle {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let arrived = &mut self.directions.borrow_mut()[1 - self.end].arrived;
        if arrived.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = buffer.len().min(arrived.len());
        for (place, byte) in buffer.iter_mut().zip(arrived.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.send(bytes, false)
    }

    fn send_at_once(&self, bytes: &[u8]) -> io::Result<usize> {
        self.send(bytes, !self.is_deaf)
    }

    fn acknowledge_now(&self) {
        if !self.is_deaf {
            self.directions.borrow_mut()[1 - self.end].acknowledge();
        }
    }

    fn wait(&self, _: Interest, _: Option<Duration>) -> io::Result<bool> {
        unreachable!("nothing waits here")
    }
}

/// What a program does next.
#[derive(Clone, Copy, Debug)]
enum Step {
    Write,
    Read(usize),
    Close,
}

/// An end and what is left of its program. `read` is how far its reading is.
struct Program<'a> {
    driver: SocketDriver,
    transport: Nagle,
    steps: &'a [Step],
    read: usize,
}

const PIECE: [u8; 64] = [7; 64];

impl Program<'_> {
    /// Goes as far as it can.
    fn run(&mut self) {
        if self.driver.connection().negotiated().is_none() {
            match self.driver.handshake(&self.transport, Deadline::Now) {
                Ok(_) => {}
                Err(Error::WantRead) => return,
                Err(error) => panic!("{error:?}"),
            }
        }
        while let [step, rest @ ..] = self.steps {
            let done = match step {
                Step::Write => {
                    self.driver.write(&self.transport, &PIECE, Deadline::Now).unwrap();
                    true
                }
                Step::Read(_) => {
                    match self.driver.read(&self.transport, &mut [0; 64], Deadline::Now) {
                        Ok(bytes) => self.read += bytes,
                        Err(Error::WantRead) => return,
                        Err(error) => panic!("{error:?}"),
                    }
                    matches!(step, Step::Read(wanted) if *wanted == self.read)
                }
                Step::Close => match self.driver.close(&self.transport, Deadline::Now) {
                    Ok(()) => true,
                    Err(Error::WantRead) => return,
                    Err(error) => panic!("{error:?}"),
                },
            };
            if done {
                self.steps = rest;
            }
        }
    }
}

const EXCHANGES: [(&str, &[Step], &[Step]); 8] = {
    use Step::{Close, Read, Write};
    [
        ("client first", &[Write, Read(64)], &[Read(64), Write]),
        ("server first", &[Read(64), Write], &[Write, Read(64)]),
        ("request in two writes", &[Write, Write, Read(64)], &[Read(128), Write]),
        ("answer in two writes", &[Write, Read(128)], &[Read(64), Write, Write]),
        ("greeting in two writes", &[Read(128), Write], &[Write, Write, Read(64)]),
        ("one way up", &[Write, Write], &[Read(128)]),
        ("one way down", &[Read(128)], &[Write, Write]),
        ("unwrapping", &[Write, Close], &[Read(64), Close]),
    ]
};

fn settings(pki: &Pki, tls13: bool) -> (Context, Context) {
    let (client, server) = contexts(pki, pki.identity("localhost"));
    client.update(|settings| {
        settings.versions = Versions::only(if tls13 { Version::Tls13 } else { Version::Tls12 })
    });
    (client, server)
}

/// Runs both programs until they are through, or nothing moves any more. The client's session, if they got through.
fn run(
    (client, server): &(Context, Context),
    (near, far): (Nagle, Nagle),
    (up, down): (&[Step], &[Step]),
    session: Option<&SavedSession>,
) -> Option<SavedSession> {
    let client = Connection::client(&client.snapshot(), Some("localhost")).unwrap();
    if let Some(session) = session {
        client.resume(session).unwrap();
    }
    let server = Connection::server(server.snapshot());
    let mut client = Program { driver: SocketDriver::new(client), transport: near, steps: up, read: 0 };
    let mut server = Program { driver: SocketDriver::new(server), transport: far, steps: down, read: 0 };
    // More rounds than a handshake and the longest program have steps.
    for _ in 0..20 {
        client.run();
        server.run();
    }
    assert_eq!(
        client.driver.connection().negotiated().is_some_and(|negotiated| negotiated.resumed),
        session.is_some()
    );
    let is_done = client.steps.is_empty() && server.steps.is_empty();
    is_done.then(|| client.driver.connection().session().unwrap())
}

#[test]
fn no_exchange_waits_for_an_acknowledgement() {
    let pki = Pki::new();
    for tls13 in [false, true] {
        let contexts = settings(&pki, tls13);
        for (name, up, down) in EXCHANGES {
            for (client_is_deaf, server_is_deaf) in [(false, false), (true, false), (false, true)] {
                let mut session = None;
                for resumed in [false, true] {
                    let ends = ends(client_is_deaf, server_is_deaf);
                    let through = run(&contexts, ends, (up, down), session.as_ref());
                    let case = (name, tls13, client_is_deaf, server_is_deaf, resumed);
                    assert!(through.is_some(), "{case:?}");
                    if !resumed {
                        // One that certainly has a ticket.
                        session =
                            run(&contexts, self::ends(false, false), (EXCHANGES[0].1, EXCHANGES[0].2), None);
                    }
                }
            }
        }
    }
}

/// The transport does stall those who do nothing about it.
#[test]
fn the_transport_is_as_bad_as_it_looks() {
    let pki = Pki::new();
    let contexts = settings(&pki, false);
    let stalls =
        EXCHANGES.iter().filter(|(_, up, down)| run(&contexts, ends(true, true), (up, down), None).is_none());
    assert!(stalls.count() >= 5);
}
