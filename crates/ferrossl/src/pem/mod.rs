//! PEM blocks (RFC 7468), read as leniently as OpenSSL's `PEM_read_bio`: any text may stand around them.
//!
//! Only the armour is read here; what a block means is for [`crate::x509`] and [`crate::identity`].

mod hints;

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::openssl_names::reasons;

pub(crate) use hints::nothing_found;

/// One `-----BEGIN label-----` block.
#[non_exhaustive]
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
/// Those of [`read`].
pub fn blocks(text: &[u8]) -> Result<Vec<Block>> {
    read(text).collect()
}

/// Reads the blocks of `text` one after the other, so that damage is an error only for callers that read that far;
/// what follows damage is not read.
///
/// Each item can be `PEM: BAD_END_LINE` for a block that does not end, or ends with another label, and
/// `PEM: BAD_BASE64_DECODE` for contents that are not base64.
pub fn read(text: &[u8]) -> impl Iterator<Item = Result<Block>> {
    Blocks { rest: Some(text), at_start: true }
}

struct Blocks<'a> {
    /// What has not been read yet; `None` at the end, and behind damage.
    rest: Option<&'a [u8]>,
    /// Whether a byte-order mark may stand here: at the start of the text, and behind each block, as where files that
    /// have one were joined.
    at_start: bool,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl<'a> Blocks<'a> {
    fn line(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let (line, tail) = match rest.iter().position(|&byte| byte == b'\n') {
            Some(end) => (&rest[..end], Some(&rest[end + 1..])),
            None => (rest, None),
        };
        self.rest = tail;
        if line.first() == Some(&0) {
            // To OpenSSL, a line that begins so is the end.
            self.rest = None;
            return None;
        }
        let marked = std::mem::take(&mut self.at_start);
        Some(trim_end(if marked { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line }))
    }

    /// Reads on to the END line of the block whose BEGIN line has this label.
    fn block(&mut self, label: String) -> Result<Block> {
        let cut_short = |why: &str| {
            Error::material(reasons::BAD_END_LINE, format!("the {label} block is cut short: {why}"))
        };
        // Headers end with an empty line; without one, everything is contents.
        let mut headers: Option<Vec<&[u8]>> = None;
        let mut lines = Vec::new();
        loop {
            let Some(line) = self.line() else { return Err(cut_short("it has no END line")) };
            if let Some(end) = armour_label(line, END) {
                if end != label {
                    let text = format!("the {label} block ends as {end}");
                    return Err(Error::material(reasons::BAD_END_LINE, text));
                }
                break;
            }
            if line.is_empty() {
                if headers.is_some() {
                    return Err(cut_short("it has a second empty line"));
                }
                headers = Some(std::mem::take(&mut lines));
            } else {
                lines.push(line);
            }
        }
        let mut body = Zeroizing::new(Vec::with_capacity(lines.iter().map(|line| line.len()).sum()));
        for line in lines {
            body.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
        }
        let contents = decode(&body).ok_or_else(|| {
            Error::material(reasons::BAD_BASE64_DECODE, format!("the {label} block is not base64"))
        })?;
        let headers = headers.into_iter().flatten().map(header).collect();
        Ok(Block { label, headers, contents })
    }
}

impl Iterator for Blocks<'_> {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        let label = loop {
            if let Some(label) = armour_label(self.line()?, BEGIN) {
                break label;
            }
        };
        let block = self.block(label);
        match block {
            Ok(_) => self.at_start = true,
            Err(_) => self.rest = None,
        }
        Some(block)
    }
}

impl Block {
    /// The `DEK-Info` header of an encrypted block; `None` for one in clear.
    ///
    /// # Errors
    ///
    /// `PEM: NOT_PROC_TYPE`, `NOT_ENCRYPTED` or `NOT_DEK_INFO` for headers that say anything else (RFC 1421).
    pub fn encryption(&self) -> Result<Option<&str>> {
        let refuse = |reason, text: &str| {
            Err(Error::material(reason, format!("the headers of the {} block {text}", self.label)))
        };
        let Some((name, kind)) = self.headers.first() else { return Ok(None) };
        if name != "Proc-Type" {
            return refuse(reasons::NOT_PROC_TYPE, "do not begin with Proc-Type");
        }
        if kind.split_once(',').map(|(version, kind)| (version.trim(), kind.trim()))
            != Some(("4", "ENCRYPTED"))
        {
            return refuse(reasons::NOT_ENCRYPTED, "do not say '4,ENCRYPTED'");
        }
        match self.headers.get(1) {
            Some((name, value)) if name == "DEK-Info" => Ok(Some(value)),
            _ => refuse(reasons::NOT_DEK_INFO, "do not say how it is encrypted"),
        }
    }
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

/// Without blanks, control characters and whatever is not ASCII at the end.
fn trim_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|&byte| byte > b' ' && byte.is_ascii()).map_or(0, |last| last + 1);
    &line[..end]
}

fn armour_label(line: &[u8], prefix: &str) -> Option<String> {
    let label = line.strip_prefix(prefix.as_bytes())?.strip_suffix(DASHES.as_bytes())?;
    // Where carriage returns alone end the lines, the whole text is one.
    let is_text = label.iter().all(|byte| (b' '..=b'~').contains(byte));
    std::str::from_utf8(label).ok().filter(|_| is_text).map(str::to_owned)
}

/// `Name: value`; a line that is none has no value.
fn header(line: &[u8]) -> (String, String) {
    let line = String::from_utf8_lossy(line);
    let (name, value) = line.split_once(':').unwrap_or((&line, ""));
    (name.trim().to_owned(), value.trim().to_owned())
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
    fn lines_of_64_characters() {
        for (size, lines) in [(0, 2), (1, 3), (48, 3), (49, 4), (96, 4), (97, 5)] {
            let text = encode("X", &vec![7; size]);
            assert_eq!(text.lines().count(), lines, "{size}");
            assert!(text.lines().all(|line| line.len() <= 64), "{size}");
            assert!(text.ends_with("-----END X-----\n"), "{size}");
        }
    }

    #[test]
    fn damage_has_a_name() {
        assert_eq!(reason("-----BEGIN K-----\nAQID\n"), "BAD_END_LINE");
        assert_eq!(reason("-----BEGIN K-----\nAQID\n-----END L-----\n"), "BAD_END_LINE");
        assert_eq!(reason("-----BEGIN K-----\nA*ID\n-----END K-----\n"), "BAD_BASE64_DECODE");
        assert_eq!(reason("-----BEGIN K-----\nA: b\nAQID\n-----END K-----\n"), "BAD_BASE64_DECODE");
        assert_eq!(reason("-----BEGIN K-----\n\nAQ\n\nID\n-----END K-----\n"), "BAD_END_LINE");
        assert!(blocks(b"nothing here").unwrap().is_empty());
    }

    #[test]
    fn damage_behind_what_was_looked_for_does_not_matter() {
        let text = b"-----BEGIN A-----\nAQID\n-----END A-----\n-----BEGIN B-----\n";
        assert_eq!(read(text).find_map(Result::ok).unwrap().label, "A");
        assert_eq!(read(text).count(), 2);
        assert!(blocks(text).is_err());
    }

    #[test]
    fn byte_order_marks() {
        let block = "-----BEGIN A-----\nAQID\n-----END A-----\n";
        let mark = "\u{feff}";
        assert_eq!(blocks(format!("{mark}{block}{mark}{block}").as_bytes()).unwrap().len(), 2);
        assert_eq!(blocks(format!("x\n{mark}{block}").as_bytes()).unwrap().len(), 0);
    }

    #[test]
    fn what_headers_say() {
        let read = |headers: &str| {
            let text = format!("-----BEGIN K-----\n{headers}\nAQID\n-----END K-----\n");
            match blocks(text.as_bytes()).unwrap()[0].encryption() {
                Ok(value) => value.unwrap_or("clear").to_owned(),
                Err(Error::Material { reason, .. }) => reason.name.to_owned(),
                Err(other) => panic!("{other}"),
            }
        };
        assert_eq!(read(""), "clear");
        assert_eq!(read("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n"), "AES-128-CBC,00");
        assert_eq!(read("Proc-Type: 4,ENCRYPTED\n"), "NOT_DEK_INFO");
        assert_eq!(read("Proc-Type: 4,MIC-ONLY\n"), "NOT_ENCRYPTED");
        assert_eq!(read("Foo: bar\n"), "NOT_PROC_TYPE");
        assert_eq!(read("AQID\n"), "NOT_PROC_TYPE");
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
