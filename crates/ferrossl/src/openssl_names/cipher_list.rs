//! OpenSSL's cipher-list language (the manual page openssl-ciphers(1); `ssl_ciph.c`).
//!
//! A list of TLS 1.2 suites is worked on by rules from left to right: `WORD` puts what matches at the end,
//! `-WORD` takes it off, `!WORD` takes it off for good, `+WORD` moves it to the end, `@STRENGTH` sorts, `@SECLEVEL=n`
//! sets the security level. Words joined by `+` must all match. A word that is not known matches nothing. The
//! suites of TLS 1.3 are not the language's business.
//!
//! One rule differs: suites with CBC encryption are put on the list by their own names only, never by a word
//! for many. They are obsolete, and no program that asks for `HIGH` or `ECDHE+AES` wants them.

use super::ciphers::{ALL, Authentication, CipherName, Encryption, KeyExchange, Mac};

/// What a list of OpenSSL's begins with when it begins with `DEFAULT`.
const DEFAULT: &str = "ALL:!COMPLEMENTOFDEFAULT:!eNULL";

/// What CPython's contexts begin with (`PY_SSL_DEFAULT_CIPHER_STRING`), as far as it means suites of ours.
const CPYTHON_DEFAULT: &str = "ECDH+AESGCM:ECDH+CHACHA20:DHE+AESGCM";

/// What a cipher list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipherList {
    /// The suites of TLS 1.2, the preferred one first; never empty.
    pub suites: Vec<&'static CipherName>,
    /// The security level, if the list sets one.
    pub security_level: Option<u8>,
}

/// Reads a cipher list; `None` when it makes no sense, or leaves no suite of TLS 1.2.
#[must_use]
pub fn parse(text: &str) -> Option<CipherList> {
    let mut work = Work::new();
    let rest = match text.strip_prefix("DEFAULT") {
        Some(rest) => {
            work.run(DEFAULT)?;
            rest.strip_prefix(':').unwrap_or(rest)
        }
        None => text,
    };
    work.run(rest)?;
    let suites: Vec<_> = work.entries.iter().filter(|entry| entry.active).map(|entry| entry.suite).collect();
    if suites.is_empty() { None } else { Some(CipherList { suites, security_level: work.security_level }) }
}

/// The suites of TLS 1.2 that a context has when nobody asks for others: CPython's, less those with CBC.
///
/// Those with Diffie-Hellman at the end are for clients; a server needs parameters to use them.
#[must_use]
pub fn default_suites() -> Vec<&'static CipherName> {
    parse(CPYTHON_DEFAULT).map(|list| list.suites).unwrap_or_default()
}

struct Entry {
    suite: &'static CipherName,
    active: bool,
}

/// OpenSSL's linked list: suites that are off keep their order, for when they are put on again.
struct Work {
    entries: Vec<Entry>,
    security_level: Option<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Add,
    Delete,
    Kill,
    MoveToEnd,
}

const SEPARATORS: [char; 4] = [':', ' ', ';', ','];

impl Work {
    fn new() -> Self {
        let suites = ALL.iter().filter(|suite| !suite.is_tls13());
        Self { entries: suites.map(|suite| Entry { suite, active: false }).collect(), security_level: None }
    }

    fn run(&mut self, text: &str) -> Option<()> {
        text.split(SEPARATORS).filter(|item| !item.is_empty()).try_for_each(|item| self.item(item))
    }

    fn item(&mut self, item: &str) -> Option<()> {
        let (rule, words) = match item.split_at_checked(1)? {
            ("@", command) => return self.command(command),
            ("!", words) => (Rule::Kill, words),
            ("-", words) => (Rule::Delete, words),
            ("+", words) => (Rule::MoveToEnd, words),
            _ => (Rule::Add, item),
        };
        // OpenSSL fails on a character that no word can have, and on an empty word.
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '=' | '_');
        let words: Vec<_> = words.split('+').collect();
        if words.iter().any(|word| word.is_empty() || !word.chars().all(legal)) {
            return None;
        }
        let one_name = words.len() == 1 && ALL.iter().any(|suite| is_name(suite, words[0]));
        self.apply(rule, |suite| {
            words.iter().all(|word| matches(suite, word))
                && (rule != Rule::Add || one_name || suite.encryption != Encryption::AesCbc)
        });
        Some(())
    }

    fn command(&mut self, command: &str) -> Option<()> {
        if command == "STRENGTH" {
            let mut strengths: Vec<_> = self.entries.iter().map(|entry| entry.suite.bits).collect();
            strengths.sort_unstable_by(|a, b| b.cmp(a));
            strengths.dedup();
            for bits in strengths {
                self.apply(Rule::MoveToEnd, |suite| suite.bits == bits);
            }
            return Some(());
        }
        let [digit @ b'0'..=b'5'] = command.strip_prefix("SECLEVEL=")?.as_bytes() else { return None };
        self.security_level = Some(digit - b'0');
        Some(())
    }

    fn apply(&mut self, rule: Rule, matches: impl Fn(&CipherName) -> bool) {
        let chosen = |entry: &Entry| {
            matches(entry.suite)
                && match rule {
                    Rule::Add => !entry.active,
                    Rule::Delete | Rule::MoveToEnd => entry.active,
                    Rule::Kill => true,
                }
        };
        let (mut moved, mut kept): (Vec<_>, Vec<_>) = self.entries.drain(..).partition(chosen);
        match rule {
            Rule::Kill => {}
            // Taken off in reverse and put in front one by one: the order among them stays.
            Rule::Delete => {
                moved.iter_mut().for_each(|entry| entry.active = false);
                moved.append(&mut kept);
                kept = moved;
            }
            Rule::Add | Rule::MoveToEnd => {
                moved.iter_mut().for_each(|entry| entry.active = true);
                kept.append(&mut moved);
            }
        }
        self.entries = kept;
    }
}

fn is_name(suite: &CipherName, word: &str) -> bool {
    !suite.is_tls13() && (suite.name == word || suite.standard_name == word)
}

/// Whether a word, a name or an alias (`cipher_aliases`), means this suite.
fn matches(suite: &CipherName, word: &str) -> bool {
    let ephemeral = |kind| suite.key_exchange == kind;
    match word {
        "ALL" | "HIGH" => true,
        "kDHE" | "kEDH" | "DH" | "EDH" | "DHE" => ephemeral(KeyExchange::Dhe),
        "kECDHE" | "kEECDH" | "ECDH" | "EECDH" | "ECDHE" => ephemeral(KeyExchange::Ecdhe),
        "aRSA" => suite.authentication == Authentication::Rsa,
        "aECDSA" | "ECDSA" => suite.authentication == Authentication::Ecdsa,
        "AES" => suite.encryption != Encryption::ChaCha20,
        "AES128" => suite.encryption != Encryption::ChaCha20 && suite.bits == 128,
        "AES256" => suite.encryption != Encryption::ChaCha20 && suite.bits == 256,
        "AESGCM" => suite.encryption == Encryption::AesGcm,
        "CHACHA20" => suite.encryption == Encryption::ChaCha20,
        "SHA" | "SHA1" => suite.mac == Mac::Sha1,
        "SHA256" => suite.mac == Mac::Sha256,
        "TLSv1" | "TLSv1.0" | "TLSv1.2" => {
            suite.protocol == if word == "TLSv1.2" { "TLSv1.2" } else { "TLSv1.0" }
        }
        "FIPS" => suite.encryption != Encryption::ChaCha20,
        _ => is_name(suite, word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        parse(text).map(|list| list.suites.iter().map(|suite| suite.name).collect()).unwrap_or_default()
    }

    #[test]
    fn words_and_rules() {
        assert_eq!(names("ECDHE+AESGCM+AES128+aRSA"), ["ECDHE-RSA-AES128-GCM-SHA256"]);
        assert_eq!(
            names("aECDSA+AESGCM:+AES256"),
            ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]
        );
        assert_eq!(names("AES128+AESGCM:-ECDHE:ECDHE+aRSA+AES128").len(), 2);
        // What is off for good stays off.
        assert_eq!(names("ECDHE:!aRSA:ECDHE-RSA-AES128-GCM-SHA256").len(), 3);
        assert_eq!(names("kEDH+CHACHA20"), ["DHE-RSA-CHACHA20-POLY1305"]);
        assert_eq!(parse("ALL:@SECLEVEL=4").unwrap().security_level, Some(4));
        assert_eq!(parse("DEFAULT").unwrap().security_level, None);
    }

    #[test]
    fn cbc_by_name_only() {
        for text in ["ALL", "HIGH", "AES", "DEFAULT", "SHA256:ALL", "ECDHE+AES", "ALL:SHA1"] {
            assert!(names(text).iter().all(|name| name.contains("GCM") || name.contains("CHACHA")), "{text}");
        }
        assert_eq!(names("ECDHE-RSA-AES128-SHA:ALL:!AESGCM:!CHACHA20"), ["ECDHE-RSA-AES128-SHA"]);
        assert_eq!(names("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"), ["ECDHE-RSA-AES128-SHA"]);
        assert_eq!(names("ECDHE-RSA-AES128-SHA:!SHA1"), [""; 0]);
    }

    #[test]
    fn there_is_a_default() {
        let names: Vec<_> = default_suites().iter().map(|suite| suite.name).collect();
        assert_eq!(names.len(), 8);
        assert_eq!(names[0], "ECDHE-ECDSA-AES256-GCM-SHA384");
        assert_eq!(names[7], "DHE-RSA-AES128-GCM-SHA256");
    }

    #[test]
    fn nonsense() {
        for text in [
            "",
            "^$:,;?*'dorothyx",
            "nothing",
            "ALL:@SECLEVEL=6",
            "ALL:@",
            "ALL:!",
            "ALL:a++b",
            "ALL:@strength",
            "ALL:é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(!names("ALL:unknown:!unknown").is_empty());
    }
}
