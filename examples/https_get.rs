//! Fetches a page over HTTPS and shows what was agreed.
//!
//!     cargo run --example https_get -- https://example.org/ [ca.pem]
//!
//! Without a file, the system's CAs are trusted.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ferrossl::{Context, SslSocket};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("usage: https_get https://HOST[:PORT]/PATH [CA-FILE]")?;
    let rest = url.strip_prefix("https://").ok_or("the URL must begin with https://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse()?),
        None => (authority, 443),
    };

    let context = Context::client();
    match arguments.next() {
        Some(file) => context.trust_file(file)?,
        None => context.trust_system(),
    }
    let stream = TcpStream::connect((host, port))?;
    let mut socket = SslSocket::client(&context, stream, Some(host))?;
    // For each operation as a whole, the handshake included.
    socket.set_timeout(Some(Duration::from_secs(30)));
    if let Err(ferrossl::Error::Verification(refusal)) = socket.handshake() {
        return Err(format!("{refusal} ({})", refusal.hint()).into());
    }
    socket.handshake()?;
    if let Some(negotiated) = socket.negotiated() {
        eprintln!("{} {}", negotiated.version.name(), negotiated.cipher.name);
    }

    write!(socket, "GET /{path} HTTP/1.0\r\nHost: {authority}\r\nConnection: close\r\n\r\n")?;
    let mut page = Vec::new();
    // An end without close_notify is an error here: the page may be cut short.
    socket.read_to_end(&mut page)?;
    std::io::stdout().write_all(&page)?;
    Ok(())
}
