//! What a text is in which the block that was looked for is not: people mistake one kind of file for another.

use super::{BEGIN, read};

/// Says that there is no `wanted` in the text ("certificate", "private key"), and what there is instead.
pub(crate) fn nothing_found(wanted: &str, text: &[u8]) -> String {
    let instead = instead(text);
    format!("there is no {wanted}{instead}")
}

fn instead(text: &[u8]) -> String {
    let trimmed = text.trim_ascii_start();
    if trimmed.is_empty() {
        return ": it is empty".into();
    }
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") || looks_like_utf16(text) {
        return ": this looks like UTF-16, and PEM is ASCII".into();
    }
    if is_der(text) {
        // PFX: a SEQUENCE that begins with the version 3 (RFC 7292 section 4).
        let is_pfx = text.windows(3).take(8).any(|bytes| bytes == [2, 1, 3]);
        return if is_pfx {
            ": this looks like PKCS #12, not PEM; 'openssl pkcs12' converts it".into()
        } else {
            ": this looks like DER, not PEM; 'openssl x509' and 'openssl pkey' convert it with -inform DER"
                .into()
        };
    }
    if text.starts_with(b"PuTTY-User-Key-File") {
        return ": this is a key of PuTTY's; puttygen exports others".into();
    }
    let mut labels: Vec<String> = Vec::new();
    for block in read(text).map_while(Result::ok) {
        if !labels.contains(&block.label) {
            labels.push(block.label);
        }
    }
    match labels.as_slice() {
        [] if text.contains(&b'\r') && !text.contains(&b'\n') => {
            ": its lines end with carriage returns alone".into()
        }
        [] if text.windows(BEGIN.len()).any(|bytes| bytes == BEGIN.as_bytes()) => {
            ": the BEGIN line has something in front of it or behind it".into()
        }
        [] => ": it has no line that begins with -----BEGIN".into(),
        [label] if label.ends_with("CERTIFICATE REQUEST") => {
            ", only a certificate request, which a CA has to sign first".into()
        }
        [label] if label == "OPENSSH PRIVATE KEY" => {
            ", only one in OpenSSH's own format; 'ssh-keygen -p -m PEM' converts it".into()
        }
        labels => format!(", only {}", labels.join(", ")),
    }
}

/// Every other byte of the beginning is zero.
fn looks_like_utf16(text: &[u8]) -> bool {
    let (pairs, _) = text.as_chunks::<2>();
    let pairs = &pairs[..pairs.len().min(16)];
    pairs.len() > 4 && (pairs.iter().all(|pair| pair[0] == 0) || pairs.iter().all(|pair| pair[1] == 0))
}

/// A SEQUENCE whose length is that of the text, in the long form that files of some size have.
fn is_der(text: &[u8]) -> bool {
    match text {
        [0x30, 0x81, length, rest @ ..] => usize::from(*length) == rest.len(),
        [0x30, 0x82, high, low, rest @ ..] => usize::from(u16::from_be_bytes([*high, *low])) == rest.len(),
        [0x30, length @ 0..=0x7f, rest @ ..] => usize::from(*length) == rest.len(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_instead() {
        let utf16: Vec<u8> = "-----BEGIN X-----".bytes().flat_map(|byte| [byte, 0]).collect();
        for (text, hint) in [
            (&b" \r\n"[..], "there is no certificate: it is empty"),
            (b"hello", "there is no certificate: it has no line that begins with -----BEGIN"),
            (
                b"  -----BEGIN X-----\n",
                "there is no certificate: the BEGIN line has something in front of it",
            ),
            (
                b"-----BEGIN X-----\rAAAA\r-----END X-----\r",
                "there is no certificate: its lines end with carriage",
            ),
            (b"\xff\xfe-\0", "there is no certificate: this looks like UTF-16"),
            (&utf16, "there is no certificate: this looks like UTF-16"),
            (b"\x30\x03\x02\x01\x03", "there is no certificate: this looks like PKCS #12"),
            (b"\x30\x03\x02\x01\x00", "there is no certificate: this looks like DER"),
            (b"PuTTY-User-Key-File-3: x", "there is no certificate: this is a key of PuTTY's"),
            (
                b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                "there is no certificate, only a certificate request",
            ),
            (
                b"-----BEGIN A-----\n-----END A-----\n-----BEGIN B-----\n-----END B-----",
                "there is no certificate, only A, B",
            ),
        ] {
            assert!(
                nothing_found("certificate", text).starts_with(hint),
                "{}",
                nothing_found("certificate", text)
            );
        }
    }
}
