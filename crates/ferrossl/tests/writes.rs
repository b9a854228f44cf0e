//! What a write reports as sent arrives, once and in order, whatever the transport does and whatever the program gives up.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::time::Duration;

use ferrossl::connection::{Read, WRITE_BATCH};
use ferrossl::socket::{Deadline, Interest, SocketDriver, Transport};
use ferrossl::{Connection, Context, Error, Version, Versions};
use ferrossl_testkit::{Pki, contexts};
use proptest::prelude::*;

/// What the transport does with one call.
#[derive(Clone, Copy, Debug)]
enum Step {
    TakeAll,
    Take(usize),
    WouldBlock,
    Interrupted,
    /// Some error that passes, as when the system has no memory for a moment.
    Failure,
}

/// A transport that follows a script when it sends, and behaves when the script is over.
#[derive(Default)]
struct Scripted {
    sent: RefCell<Vec<u8>>,
    incoming: RefCell<VecDeque<u8>>,
    script: RefCell<VecDeque<Step>>,
}

impl Transport for Scripted {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut incoming = self.incoming.borrow_mut();
        if incoming.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = buffer.len().min(incoming.len());
        for (place, byte) in buffer.iter_mut().zip(incoming.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let count = match self.script.borrow_mut().pop_front() {
            None | Some(Step::TakeAll) => bytes.len(),
            Some(Step::Take(count)) => count.min(bytes.len()),
            Some(Step::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            Some(Step::Interrupted) => return Err(io::ErrorKind::Interrupted.into()),
            Some(Step::Failure) => return Err(io::ErrorKind::OutOfMemory.into()),
        };
        self.sent.borrow_mut().extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn wait(&self, _: Interest, _: Option<Duration>) -> io::Result<bool> {
        Ok(true)
    }
}

struct Ends {
    client: SocketDriver,
    near: Scripted,
    server: Connection,
}

impl Ends {
    fn new(client: &Context, server: &Context) -> Self {
        let client = SocketDriver::new(Connection::client(&client.snapshot(), Some("localhost")).unwrap());
        let ends = Self { client, near: Scripted::default(), server: Connection::server(server.snapshot()) };
        while ends.client.handshake(&ends.near, Deadline::Now).is_err() {
            ends.deliver();
            ends.server.handshake().unwrap();
            ends.answer();
        }
        ends.deliver();
        ends.server.handshake().unwrap();
        ends.answer();
        ends
    }

    fn deliver(&self) {
        self.server.feed(&std::mem::take(&mut *self.near.sent.borrow_mut()));
    }

    fn answer(&self) {
        let take = |bytes: &[u8]| {
            self.near.incoming.borrow_mut().extend(bytes);
            Ok(bytes.len())
        };
        self.server.send_with(take).unwrap();
    }

    /// Everything that has arrived.
    fn arrived(&self) -> Vec<u8> {
        self.deliver();
        let (mut arrived, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
        while let Read::Data(bytes) = self.server.read(&mut buffer).unwrap() {
            arrived.extend_from_slice(&buffer[..bytes]);
        }
        arrived
    }
}

/// A program's write: what, whether it waits, and how often it tries again before it gives up.
#[derive(Clone, Debug)]
struct Job {
    letter: u8,
    length: usize,
    waits: bool,
    patience: usize,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::TakeAll),
        (1..40_000usize).prop_map(Step::Take),
        Just(Step::Take(1)),
        Just(Step::WouldBlock),
        Just(Step::WouldBlock),
        Just(Step::Interrupted),
        Just(Step::Failure),
    ]
}

fn job() -> impl Strategy<Value = Job> {
    let length = prop_oneof![Just(1usize), Just(1), 1..100usize, 1..600_000usize];
    (b'a'..b'd', length, any::<bool>(), prop_oneof![Just(0usize), Just(usize::MAX), 0..3usize])
        .prop_map(|(letter, length, waits, patience)| Job { letter, length, waits, patience })
}

/// Does the job. What it has reported as written, and what it has given up.
fn work(ends: &Ends, job: &Job) -> (Vec<u8>, Option<Vec<u8>>) {
    let data = vec![job.letter; job.length];
    let deadline = if job.waits { Deadline::Never } else { Deadline::Now };
    let (mut done, mut refusals) = (0, 0);
    while done < data.len() {
        match ends.client.write(&ends.near, &data[done..], deadline) {
            Ok(bytes) => done += bytes,
            Err(Error::WantWrite | Error::Io(_)) if refusals < job.patience => refusals += 1,
            Err(Error::WantWrite | Error::Io(_)) => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    let given_up = (done < data.len()).then(|| data[done..].to_vec());
    (data[..done].to_vec(), given_up)
}

/// Whether `arrived` is what was reported, with what was given up in its place: whole, or as many batches of it as were
/// encrypted, or nothing.
fn is_honest(arrived: &[u8], told: &[(Vec<u8>, Option<Vec<u8>>)]) -> bool {
    let mut places = BTreeSet::from([0]);
    for (reported, given_up) in told {
        let behind = |places: &BTreeSet<usize>, bytes: &[u8]| -> BTreeSet<usize> {
            let fits = places.iter().filter(|&&place| arrived[place..].starts_with(bytes));
            fits.map(|place| place + bytes.len()).collect()
        };
        places = behind(&places, reported);
        if let Some(given_up) = given_up {
            let batches = (WRITE_BATCH..given_up.len()).step_by(WRITE_BATCH).chain([given_up.len()]);
            let ends: Vec<_> = batches.map(|length| behind(&places, &given_up[..length])).collect();
            places.extend(ends.into_iter().flatten());
        }
    }
    places.contains(&arrived.len())
}

fn check(tls13: bool, script: Vec<Step>, jobs: &[Job]) -> Result<(), TestCaseError> {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.update(|settings| {
        settings.versions = Versions::only(if tls13 { Version::Tls13 } else { Version::Tls12 })
    });
    let ends = Ends::new(&client, &server);
    *ends.near.script.borrow_mut() = script.into();
    let mut told: Vec<_> = jobs.iter().map(|job| work(&ends, job)).collect();
    ends.near.script.borrow_mut().clear();
    // Whatever is left goes out with the next write, or with the next but one, when it is sent away once.
    let last = Job { letter: b'z', length: 1, waits: false, patience: 2 };
    told.push(work(&ends, &last));
    let arrived = ends.arrived();
    prop_assert!(arrived.last() == Some(&b'z'));
    prop_assert!(is_honest(&arrived, &told), "{} bytes arrived", arrived.len());
    if jobs.iter().all(|job| job.patience == usize::MAX) {
        let all: Vec<u8> = told.into_iter().flat_map(|(reported, _)| reported).collect();
        prop_assert!(arrived == all);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_reported_arrives_once_and_in_order(
        tls13 in any::<bool>(),
        script in proptest::collection::vec(step(), 0..60),
        jobs in proptest::collection::vec(job(), 1..12),
    ) {
        check(tls13, script, &jobs)?;
    }

    #[test]
    fn a_program_that_never_gives_up_has_everything_arrive(
        tls13 in any::<bool>(),
        script in proptest::collection::vec(step(), 0..60),
        jobs in proptest::collection::vec(job(), 1..12),
    ) {
        let patient: Vec<Job> = jobs.into_iter().map(|job| Job { patience: usize::MAX, ..job }).collect();
        check(tls13, script, &patient)?;
    }
}

#[test]
fn a_write_that_was_given_up_swallows_no_later_one() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    let ends = Ends::new(&client, &server);
    let say = |word: &[u8]| ends.client.write(&ends.near, word, Deadline::Now);
    say(b"h").unwrap();
    ends.near.script.borrow_mut().push_back(Step::WouldBlock);
    assert!(matches!(say(b"h"), Err(Error::WantWrite)));
    // The program thinks better of it. Its records are on their way, and that is all.
    for word in [b"o" as &[u8], b"h", b"e"] {
        assert_eq!(say(word).unwrap(), 1);
    }
    assert_eq!(ends.arrived(), b"hhohe");
}
