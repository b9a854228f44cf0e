//! PEM blocks (RFC 7468), read as leniently as OpenSSL's `PEM_read_bio`: any text may stand around them.
//!
//! This file knows the armour only; what a block means is for [`crate::x509`] and [`crate::identity`].

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::openssl_names::reasons;

/// One `-----BEGIN label-----` block.
pub struct Block {
    /// The words between `BEGIN ` and the dashes.
    pub label: String,
    /// RFC 1421 header lines (`Proc-Type`, `DEK-Info`), as old encrypted keys have them.
    pub headers: Vec<(String, String)>,
    /// The decoded contents; wiped when dropped, because they may be a key.
    pub contents: Zeroizing<Vec<u8>>,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Reads every block of `text` in order. Text outside blocks is skipped; no block at all is an empty list.
///
/// # Errors
///
/// `PEM: BAD_END_LINE` for a block that does not end, or ends with another label, and
/// `PEM: BAD_BASE64_DECODE` for contents that are not base64.
pub fn blocks(text: &[u8]) -> Result<Vec<Block>> {
    let mut found = Vec::new();
    let mut lines = text.split(|&byte| byte == b'\n').map(trim_end);
    while let Some(line) = lines.next() {
        let Some(label) = armour_label(line, BEGIN) else { continue };
        let mut body = Zeroizing::new(Vec::with_capacity(2048));
        let mut headers = Vec::new();
        let mut in_body = false;
        loop {
            let Some(line) = lines.next() else {
                return Err(Error::material(
                    reasons::BAD_END_LINE,
                    format!("the {label} block is cut short: it has no END line"),
                ));
            };
            if let Some(end) = armour_label(line, END) {
                if end != label {
                    return Err(Error::material(
                        reasons::BAD_END_LINE,
                        format!("the {label} block ends as {end}"),
                    ));
                }
                break;
            }
            if line.is_empty() {
                in_body = true;
            } else if !in_body && let Some(header) = header(line) {
                headers.push(header);
            } else {
                in_body = true;
                body.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
            }
        }
        let contents = decode(&body).ok_or_else(|| {
            Error::material(reasons::BAD_BASE64_DECODE, format!("the {label} block is not base64"))
        })?;
        found.push(Block { label, headers, contents });
    }
    Ok(found)
}

/// Writes `contents` as one block with lines of 64 characters and a final line feed.
#[must_use]
pub fn encode(label: &str, contents: &[u8]) -> String {
    let body = Base64::encode_string(contents);
    let mut text = format!("{BEGIN}{label}{DASHES}\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str(&format!("{END}{label}{DASHES}\n"));
    text
}

fn decode(body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = std::str::from_utf8(body).ok()?;
    Base64::decode_vec(text).ok().map(Zeroizing::new)
}

fn trim_end(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

fn armour_label(line: &[u8], prefix: &str) -> Option<String> {
    let label = line.strip_prefix(prefix.as_bytes())?.strip_suffix(DASHES.as_bytes())?;
    std::str::from_utf8(label).ok().map(str::to_owned)
}

/// `Name: value`; base64 has no colon, so a body line is never taken for a header.
fn header(line: &[u8]) -> Option<(String, String)> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, value) = line.split_once(':')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reason(text: &str) -> &'static str {
        match blocks(text.as_bytes()) {
            Err(Error::Material { reason, .. }) => reason.name,
            Err(other) => panic!("{other}"),
            Ok(blocks) => panic!("{} blocks", blocks.len()),
        }
    }

    #[test]
    fn text_around_blocks_is_skipped() {
        let text = "subject: me\n-----BEGIN A B-----\r\nAQID\r\n-----END A B-----\r\nbye\n-----BEGIN C-----\nBA==\n-----END C-----";
        let found = blocks(text.as_bytes()).unwrap();
        let seen: Vec<_> = found.iter().map(|b| (b.label.as_str(), b.contents.to_vec())).collect();
        assert_eq!(seen, [("A B", vec![1, 2, 3]), ("C", vec![4])]);
    }

    #[test]
    fn headers_are_kept_apart_from_the_body() {
        let text =
            "-----BEGIN K-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAQID\n-----END K-----\n";
        let found = blocks(text.as_bytes()).unwrap();
        assert_eq!(found[0].headers[1], ("DEK-Info".to_owned(), "AES-128-CBC,00".to_owned()));
        assert_eq!(*found[0].contents, vec![1, 2, 3]);
    }

    #[test]
    fn damage_has_a_name() {
        assert_eq!(reason("-----BEGIN K-----\nAQID\n"), "BAD_END_LINE");
        assert_eq!(reason("-----BEGIN K-----\nAQID\n-----END L-----\n"), "BAD_END_LINE");
        assert_eq!(reason("-----BEGIN K-----\nA*ID\n-----END K-----\n"), "BAD_BASE64_DECODE");
        assert!(blocks(b"nothing here").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn round_trip(contents in proptest::collection::vec(any::<u8>(), 0..500)) {
            let text = encode("X", &contents);
            let found = blocks(text.as_bytes()).unwrap();
            prop_assert_eq!(found[0].contents.to_vec(), contents);
        }

        #[test]
        fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = blocks(&text);
            let _ = blocks(&[b"-----BEGIN X-----\n".as_slice(), &text].concat());
        }
    }
}
