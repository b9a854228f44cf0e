//! Certificate messages of TLS 1.3: the list in them.

use super::vector::vector;

/// The context and the certificates of a Certificate message of TLS 1.3 (RFC 8446 section 4.4.2), the sender's own first.
pub(crate) fn read_tls13(body: &[u8]) -> Option<(&[u8], Vec<&[u8]>)> {
    let (context, rest) = vector(body, 1)?;
    let (mut list, []) = vector(rest, 3)? else { return None };
    let mut chain = Vec::new();
    while !list.is_empty() {
        let (certificate, rest) = vector(list, 3)?;
        let (_extensions, rest) = vector(rest, 2)?;
        chain.push(certificate);
        list = rest;
    }
    Some((context, chain))
}

/// A Certificate message of TLS 1.3 without its header.
pub(crate) fn write_tls13<'a>(context: &[u8], chain: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut list = Vec::new();
    for certificate in chain {
        list.extend(&(certificate.len() as u32).to_be_bytes()[1..]);
        list.extend_from_slice(certificate);
        list.extend([0, 0]); // no extensions
    }
    let mut body = vec![context.len() as u8];
    body.extend_from_slice(context);
    body.extend(&(list.len() as u32).to_be_bytes()[1..]);
    body.extend(list);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let chain: [&[u8]; 2] = [b"leaf", b"issuer"];
        let body = write_tls13(b"context", chain.into_iter());
        assert_eq!(read_tls13(&body), Some((&b"context"[..], chain.to_vec())));
        for cut in 0..body.len() {
            assert_eq!(read_tls13(&body[..cut]), None, "{cut}");
        }
    }
}
