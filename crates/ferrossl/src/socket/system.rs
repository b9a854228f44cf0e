//! The operating system's stream sockets as a transport.

use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
#[cfg(any(target_os = "linux", target_os = "android"))]
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send, sockopt};

use super::transport::{Interest, Transport};

#[cfg(unix)]
use std::os::fd::AsFd as AsSystemSocket;
#[cfg(windows)]
use std::os::windows::io::AsSocket as AsSystemSocket;

/// The longest wait that every system's `poll` takes (milliseconds in an `int`: 24 days); longer ones are done
/// in pieces.
const LONGEST_WAIT: Duration = Duration::from_millis(i32::MAX as u64);

/// A stream socket, in blocking or non-blocking mode: its operations never wait, whatever the mode is.
///
/// `S` lends a file descriptor (`AsFd`), on Windows a socket (`AsSocket`).
#[derive(Debug)]
pub struct SocketTransport<S>(pub S);

impl<S: AsSystemSocket> Transport for SocketTransport<S> {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        const FLAGS: RecvFlags = RecvFlags::DONTWAIT;
        #[cfg(windows)]
        const FLAGS: RecvFlags = RecvFlags::empty();
        #[cfg(windows)]
        self.must_be_ready(Interest::Read)?;
        let (received, _) = recv(&self.0, buffer, FLAGS)?;
        Ok(received)
    }

    // Linux alone throws bytes away without copying them; elsewhere two calls for a record are as many as now.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn peek(&self, buffer: &mut [u8], waits: bool) -> io::Result<usize> {
        let flags = if waits { RecvFlags::PEEK } else { RecvFlags::PEEK.union(RecvFlags::DONTWAIT) };
        let (seen, _) = recv(&self.0, buffer, flags)?;
        Ok(seen)
    }

    /// tcp(7): with MSG_TRUNC "the received bytes of data are discarded". Sockets that are not TCP copy them, as always.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn discard(&self, place: &mut [u8]) -> io::Result<()> {
        const FLAGS: RecvFlags = RecvFlags::TRUNC.union(RecvFlags::DONTWAIT);
        let mut done = 0;
        while done < place.len() {
            match recv(&self.0, &mut place[done..], FLAGS) {
                Ok((_, 0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok((_, taken)) => done += taken,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    #[cfg(unix)]
    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        // A peer that has gone is an error to handle, not a signal that ends the process. Apple's systems have no
        // such flag; Rust's own sockets have SO_NOSIGPIPE there, and Rust and Python ignore the signal.
        #[cfg(target_vendor = "apple")]
        const FLAGS: SendFlags = SendFlags::DONTWAIT;
        #[cfg(not(target_vendor = "apple"))]
        const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);
        Ok(send(&self.0, bytes, FLAGS)?)
    }

    #[cfg(windows)]
    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        // In blocking mode, Winsock returns when it has taken everything. There is room for something, so one record
        // at a time does not wait.
        const ONE_RECORD: usize = 5 + (1 << 14) + 256;
        self.must_be_ready(Interest::Write)?;
        Ok(send(&self.0, &bytes[..bytes.len().min(ONE_RECORD)], SendFlags::empty())?)
    }

    /// Nagle's algorithm holds a small piece back until the peer has acknowledged everything before it, and a peer that
    /// has nothing to say does that after 40 ms. The option is the program's: it is back as it was before this returns.
    fn send_at_once(&self, bytes: &[u8]) -> io::Result<usize> {
        // Sockets that are not TCP have no such option, and no need of it.
        let delays = matches!(sockopt::tcp_nodelay(&self.0), Ok(false))
            && sockopt::set_tcp_nodelay(&self.0, true).is_ok();
        let sent = self.send(bytes);
        if delays {
            // What could be set a moment ago fails only on a socket that is closed meanwhile.
            let _ = sockopt::set_tcp_nodelay(&self.0, false);
        }
        sent
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn acknowledge_now(&self) {
        let _ = sockopt::set_tcp_quickack(&self.0, true);
    }

    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        let flags = match interest {
            Interest::Read => PollFlags::IN,
            Interest::Write => PollFlags::OUT,
            Interest::ReadOrWrite => PollFlags::IN | PollFlags::OUT,
        };
        let mut fds = [PollFd::new(&self.0, flags)];
        let Some(mut left) = timeout else { return Ok(poll(&mut fds, None)? > 0) };
        loop {
            let piece = left.min(LONGEST_WAIT);
            let timespec = Timespec::try_from(piece).map_err(io::Error::other)?;
            if poll(&mut fds, Some(&timespec))? > 0 {
                return Ok(true);
            }
            left -= piece;
            if left.is_zero() {
                return Ok(false);
            }
        }
    }
}

#[cfg(windows)]
impl<S: AsSystemSocket> SocketTransport<S> {
    /// `WouldBlock` unless something can be done at once. Winsock has no `MSG_DONTWAIT`, and does not tell
    /// whether a socket is in blocking mode. The connection's locks keep others from coming in between.
    fn must_be_ready(&self, interest: Interest) -> io::Result<()> {
        if self.wait(interest, Some(Duration::ZERO))? {
            return Ok(());
        }
        Err(io::ErrorKind::WouldBlock.into())
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::os::unix::net::UnixStream;

    use super::*;

    fn look_and_discard(mut sender: impl Write, socket: impl AsSystemSocket + Read) {
        let transport = SocketTransport(socket);
        let mut buffer = [0; 100];
        assert_eq!(transport.peek(&mut buffer, false).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        sender.write_all(b"records and clear text").unwrap();
        // In blocking mode it waits for them.
        assert_eq!(transport.peek(&mut buffer, true).unwrap(), 22);
        assert_eq!(transport.peek(&mut buffer[..7], false).unwrap(), 7);
        assert_eq!(&buffer[..22], b"records and clear text");
        transport.discard(&mut buffer[..12]).unwrap();
        let mut socket = transport.0;
        assert_eq!(socket.read(&mut buffer).unwrap(), 10);
        assert_eq!(&buffer[..10], b"clear text");
        let transport = SocketTransport(socket);
        assert_eq!(transport.discard(&mut buffer).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(sender);
        assert_eq!(transport.peek(&mut buffer, true).unwrap(), 0);
        assert_eq!(transport.discard(&mut buffer).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_look_takes_nothing_and_a_discard_takes_exactly_that() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        look_and_discard(sender, listener.accept().unwrap().0);
        // Here MSG_TRUNC means nothing, and the bytes are copied.
        let (one, other) = UnixStream::pair().unwrap();
        look_and_discard(one, other);
    }
}
