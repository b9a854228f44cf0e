//! Sends back whatever a client sends, a thread for each client.
//!
//!     cargo run --example echo_server -- chain.pem key.pem [127.0.0.1:8443]
//!     openssl s_client -connect 127.0.0.1:8443 -quiet

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ferrossl::{Context, SslSocket};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [chain, key, rest @ ..] = arguments.as_slice() else {
        return Err("usage: echo_server CHAIN-FILE KEY-FILE [ADDRESS:PORT]".into());
    };
    let context = Arc::new(Context::server());
    context.use_identity_files(chain, Some(Path::new(key)), None)?;
    let listener = TcpListener::bind(rest.first().map_or("127.0.0.1:8443", String::as_str))?;
    println!("listening on {}", listener.local_addr()?);
    for stream in listener.incoming() {
        let (stream, context) = (stream?, Arc::clone(&context));
        std::thread::spawn(move || {
            if let Err(error) = serve(&context, stream) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

fn serve(context: &Context, stream: TcpStream) -> Result<(), Box<dyn Error>> {
    let mut socket = SslSocket::server(context, stream)?;
    socket.set_timeout(Some(Duration::from_secs(60)));
    socket.handshake()?;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let bytes = socket.read(&mut buffer)?;
        if bytes == 0 {
            socket.close_notify()?;
            return Ok(());
        }
        socket.write_all(&buffer[..bytes])?;
    }
}
