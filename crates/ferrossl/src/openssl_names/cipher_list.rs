//! OpenSSL's cipher-list language (the manual page openssl-ciphers(1); `ssl_ciph.c`).
//!
//! A list of TLS 1.2 suites is worked on by rules from left to right: `WORD` puts what matches at the end,
//! `-WORD` takes it off, `!WORD` takes it off for good, `+WORD` moves it to the end, `@STRENGTH` sorts, `@SECLEVEL=n`
//! sets the security level. Words joined by `+` must all match. A word that is not known matches nothing. The
//! suites of TLS 1.3 are not chosen by such lists.
//!
//! The rules work on all suites that OpenSSL 3 has, those that are not here among them: a list that OpenSSL would
//! take is taken, even when it leaves nothing but TLS 1.3 here.
//!
//! One rule differs: suites with CBC encryption are put on the list by their own names, or by words that mean no
//! better ones either (`TLSv1`, `SHA1`); never by a word such as `HIGH`. They are obsolete, and no program that asks
//! for `HIGH` or `ECDHE+AES` wants them.

use std::sync::LazyLock;

use super::absent_ciphers::{ABSENT, AbsentCipher};
use super::cipher_words::{Encryption, Traits};
use super::ciphers::{CipherName, TABLE};

/// What a list of OpenSSL's begins with when it begins with `DEFAULT`.
const DEFAULT: &str = "ALL:!COMPLEMENTOFDEFAULT:!eNULL";

/// What CPython's contexts begin with (`PY_SSL_DEFAULT_CIPHER_STRING`), as far as it means suites of ours.
const CPYTHON_DEFAULT: &str = "ECDH+AESGCM:ECDH+CHACHA20:DHE+AESGCM";

/// What a list that begins with one of these words comes to, whatever else it says (`check_suiteb_cipher_list`).
const SUITE_B: [(&str, &str); 4] = [
    ("SUITEB128ONLY", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("SUITEB128C2", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    ("SUITEB128", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"),
    ("SUITEB192", "ECDHE-ECDSA-AES256-GCM-SHA384"),
];

/// How many words of a list are explained at most.
const MOST_EXPLAINED: usize = 3;

/// What a cipher list says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CipherList {
    /// The suites of TLS 1.2, the preferred one first. Empty when the list asks for such only as are not here: then
    /// TLS 1.3 is what is left.
    pub suites: Vec<&'static CipherName>,
    /// The security level, if the list sets one.
    pub security_level: Option<u8>,
    /// Which words of the list mean nothing here, and why, in sentences; empty when all mean something.
    pub not_here: String,
}

/// Reads a cipher list.
///
/// # Errors
///
/// When it makes no sense, or leaves no suite even with OpenSSL: which words are at fault, in sentences.
pub fn parse(text: &str) -> Result<CipherList, String> {
    let mut work = Work::new();
    let suite_b = SUITE_B.iter().find(|(word, _)| text.starts_with(word));
    let text = suite_b.map_or(text, |(_, meaning)| meaning);
    let rest = match text.strip_prefix("DEFAULT") {
        Some(rest) => {
            work.run(DEFAULT)?;
            rest.strip_prefix(':').unwrap_or(rest)
        }
        None => text,
    };
    work.run(rest)?;
    let mut not_here = work.not_here.join(" ");
    if !work.entries.iter().any(|entry| entry.active) {
        return Err(if not_here.is_empty() { "The list leaves no suite.".into() } else { not_here });
    }
    let wanted = work.entries.iter().filter(|entry| entry.wanted);
    let suites: Vec<_> = wanted
        .filter_map(|entry| match entry.suite {
            Suite::Ours(suite) => Some(suite),
            Suite::NotBuilt(_) | Suite::Absent(_) => None,
        })
        .collect();
    if suites.is_empty() && not_here.is_empty() {
        not_here =
            "What is left are suites that ferrossl does not have, or takes by name only: those with CBC."
                .into();
    }
    Ok(CipherList { suites, security_level: work.security_level, not_here })
}

/// The suites of TLS 1.2 that a context has when nobody asks for others: CPython's without those with CBC.
///
/// Those with Diffie-Hellman at the end are for clients; a server needs parameters to use them.
#[must_use]
pub fn default_suites() -> Vec<&'static CipherName> {
    static SUITES: LazyLock<Vec<&'static CipherName>> =
        LazyLock::new(|| parse(CPYTHON_DEFAULT).map(|list| list.suites).unwrap_or_default());
    SUITES.clone()
}

#[derive(Clone, Copy)]
enum Suite {
    Ours(&'static CipherName),
    /// One of ours that a feature of the crate would bring.
    NotBuilt(&'static CipherName),
    Absent(&'static AbsentCipher),
}

#[derive(Clone, Copy)]
struct Entry {
    suite: Suite,
    traits: Traits,
    /// Whether it is on OpenSSL's list.
    active: bool,
    /// Whether it is on ours: not those with CBC that only a word for many has put there.
    wanted: bool,
}

impl Entry {
    fn is_named(&self, word: &str) -> bool {
        let (name, standard_name) = match self.suite {
            Suite::Ours(suite) | Suite::NotBuilt(suite) => (suite.name, suite.standard_name),
            Suite::Absent(suite) => (suite.name, suite.standard_name),
        };
        name == word || standard_name == word
    }

    fn matches(&self, word: &str) -> bool {
        self.traits.has(word).unwrap_or_else(|| self.is_named(word))
    }
}

/// Every suite of TLS 1.2 that a word can mean. Nobody sees where those that are not here stand among the others.
static KNOWN: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |suite, traits| Entry { suite, traits, active: false, wanted: false };
    let ours = TABLE.iter().filter_map(|suite| {
        let kind = if suite.is_built() { Suite::Ours } else { Suite::NotBuilt };
        Traits::of(suite).map(|traits| entry(kind(suite), traits))
    });
    ours.chain(ABSENT.iter().map(|suite| entry(Suite::Absent(suite), suite.traits))).collect()
});

/// OpenSSL's linked list: suites that are off keep their order, for when they are put on again.
struct Work {
    entries: Vec<Entry>,
    security_level: Option<u8>,
    not_here: Vec<String>,
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
        Self { entries: KNOWN.clone(), security_level: None, not_here: Vec::new() }
    }

    /// Works through a list. A rule may begin right behind a word, without a separator.
    fn run(&mut self, text: &str) -> Result<(), String> {
        let mut rest = text.trim_start_matches(SEPARATORS);
        while let Some(first) = rest.chars().next() {
            let behind = rest.get(1..).unwrap_or_default();
            if first == '@' {
                let end = behind.find(SEPARATORS).unwrap_or(behind.len());
                // What follows the command as far as the next separator is passed over, as with OpenSSL.
                self.command(&behind[..word_length(behind)])?;
                rest = &behind[end..];
            } else {
                let (rule, item) = match first {
                    '!' => (Rule::Kill, behind),
                    '-' => (Rule::Delete, behind),
                    '+' => (Rule::MoveToEnd, behind),
                    _ => (Rule::Add, rest),
                };
                rest = self.item(rule, item)?;
            }
            rest = rest.trim_start_matches(SEPARATORS);
        }
        Ok(())
    }

    /// Applies a rule to what all words match that stand before it, joined by `+`; returns what follows them.
    fn item<'a>(&mut self, rule: Rule, text: &'a str) -> Result<&'a str, String> {
        let mut words = Vec::new();
        let mut rest = text;
        loop {
            let (word, behind) = rest.split_at(word_length(rest));
            // OpenSSL fails on a character that no word can have, and on an empty word.
            if word.is_empty() {
                return Err(match rest.chars().next() {
                    Some(character) => format!("{character:?} has no place in a list of ciphers."),
                    None => "The list ends where a word should follow.".into(),
                });
            }
            words.push(word);
            // An unknown word makes nothing of its whole item, as far as the next separator.
            if !KNOWN.iter().any(|entry| entry.matches(word)) {
                if rule == Rule::Add {
                    self.explain(format!("'{word}' is no word for any cipher suite of TLS 1.2."));
                }
                return Ok(behind.find(SEPARATORS).map_or("", |end| &behind[end..]));
            }
            match behind.strip_prefix('+') {
                Some(behind) => rest = behind,
                None => {
                    rest = behind;
                    break;
                }
            }
        }
        let all_match = |entry: &Entry| words.iter().all(|word| entry.matches(word));
        if rule == Rule::Add {
            self.explain_absent(&words.join("+"), all_match);
        }
        let names_one = words.iter().any(|word| KNOWN.iter().any(|entry| entry.is_named(word)));
        let obsolete_only = || !KNOWN.iter().any(|entry| all_match(entry) && entry.traits.is_aead());
        let cbc_too = names_one || obsolete_only();
        self.apply(rule, all_match, |entry| cbc_too || entry.traits.encryption != Encryption::AesCbc);
        Ok(rest)
    }

    fn command(&mut self, command: &str) -> Result<(), String> {
        if command == "STRENGTH" {
            let mut strengths: Vec<_> = self.entries.iter().map(|entry| entry.traits.bits).collect();
            strengths.sort_unstable_by(|a, b| b.cmp(a));
            strengths.dedup();
            for bits in strengths {
                self.apply(Rule::MoveToEnd, |entry| entry.traits.bits == bits, |_| true);
            }
            return Ok(());
        }
        match command.strip_prefix("SECLEVEL=").map(str::as_bytes) {
            Some([digit @ b'0'..=b'5']) => {
                self.security_level = Some(digit - b'0');
                Ok(())
            }
            _ => Err(format!("'@{command}' is no command; there are @STRENGTH and @SECLEVEL=0 to 5.")),
        }
    }

    /// Applies a rule to what matches; what it adds is on our list too where it is wanted.
    fn apply(&mut self, rule: Rule, matches: impl Fn(&Entry) -> bool, wanted: impl Fn(&Entry) -> bool) {
        if rule == Rule::Add {
            // What is on OpenSSL's list already keeps its place there.
            for entry in self.entries.iter_mut().filter(|entry| entry.active && matches(entry)) {
                entry.wanted |= wanted(entry);
            }
        }
        let chosen = |entry: &Entry| {
            matches(entry)
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
                for entry in &mut moved {
                    (entry.active, entry.wanted) = (false, false);
                }
                moved.append(&mut kept);
                kept = moved;
            }
            Rule::Add => {
                for entry in &mut moved {
                    (entry.active, entry.wanted) = (true, wanted(entry));
                }
                kept.append(&mut moved);
            }
            Rule::MoveToEnd => kept.append(&mut moved),
        }
        self.entries = kept;
    }

    /// Says why words that mean suites mean none of ours.
    fn explain_absent(&mut self, words: &str, all_match: impl Fn(&Entry) -> bool) {
        let mut common: Option<Vec<&str>> = None;
        for entry in KNOWN.iter().filter(|entry| all_match(entry)) {
            let suite = match entry.suite {
                Suite::Ours(_) => return,
                Suite::NotBuilt(_) => {
                    return self
                        .explain(format!("{words} needs the feature 'legacy' of the crate ferrossl."));
                }
                Suite::Absent(suite) => suite,
            };
            match &mut common {
                None => common = Some(suite.needs().collect()),
                Some(common) => common.retain(|need| suite.needs().any(|other| other == *need)),
            }
        }
        match common.as_deref() {
            None => {}
            Some([need, ..]) => self.explain(format!("{words} needs {need}, which ferrossl does not have.")),
            Some([]) => self.explain(format!("{words} means suites only that ferrossl does not have.")),
        }
    }

    fn explain(&mut self, sentence: String) {
        if self.not_here.len() < MOST_EXPLAINED && !self.not_here.contains(&sentence) {
            self.not_here.push(sentence);
        }
    }
}

/// How much of the text's beginning a word can be made of.
fn word_length(text: &str) -> usize {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '=' | '_');
    text.find(|c| !legal(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        parse(text).unwrap().suites.iter().map(|suite| suite.name).collect()
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
        for text in ["ALL", "HIGH", "AES", "DEFAULT", "ECDHE+AES", "aRSA:@STRENGTH", "TLSv1.2", "FIPS+ECDHE"]
        {
            assert!(names(text).iter().all(|name| name.contains("GCM") || name.contains("CHACHA")), "{text}");
        }
        assert_eq!(names("ECDHE-RSA-AES128-SHA:ALL:!AESGCM:!CHACHA20"), ["ECDHE-RSA-AES128-SHA"]);
        assert_eq!(names("ALL:ECDHE-RSA-AES128-SHA:!AESGCM:!CHACHA20"), ["ECDHE-RSA-AES128-SHA"]);
        assert_eq!(names("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"), ["ECDHE-RSA-AES128-SHA"]);
        assert_eq!(names("ECDHE-RSA-AES128-SHA:AES128-SHA:!ECDHE"), [""; 0]);
        // Words that mean nothing better.
        for text in ["TLSv1", "TLSv1.0", "SHA1", "kECDHE+SHA", "ALL:!AESGCM:!CHACHA20:TLSv1"] {
            assert_eq!(names(text).len(), 4, "{text}");
        }
        assert_eq!(names("CBC").len(), 6);
    }

    #[test]
    fn what_is_not_here_leaves_tls13() {
        for (text, why) in [
            ("AES128-SHA", "AES128-SHA needs static RSA key exchange, which ferrossl does not have."),
            ("kRSA", "kRSA needs static RSA key exchange, which ferrossl does not have."),
            ("RSA+AESGCM", "RSA+AESGCM needs static RSA key exchange, which ferrossl does not have."),
            ("aNULL+AES", "aNULL+AES needs anonymous key exchange, which ferrossl does not have."),
            ("PSK-AES128-CBC-SHA", "PSK-AES128-CBC-SHA needs pre-shared keys, which ferrossl does not have."),
            (
                "ECDHE-RSA-AES256-SHA384",
                "ECDHE-RSA-AES256-SHA384 needs CBC with a MAC of SHA-384, which ferrossl does not have.",
            ),
            ("SSLv3", "SSLv3 means suites only that ferrossl does not have."),
            (
                "ALL:!AESGCM:!CHACHA20",
                "What is left are suites that ferrossl does not have, or takes by name only: those with CBC.",
            ),
        ] {
            let list = parse(text).unwrap();
            assert_eq!((list.suites, list.not_here.as_str()), (vec![], why), "{text}");
        }
        let list = parse("AES128-SHA:AES256-SHA:nothing:ARIA:DHE-DSS-AES128-SHA:AESGCM").unwrap();
        assert_eq!(list.suites.len(), 6);
        assert_eq!(list.not_here.matches(". ").count(), MOST_EXPLAINED - 1);
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
            "ALL:AES++AESGCM",
            "ALL:@strength",
            "ALL:é",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("nothing").unwrap_err(), "'nothing' is no word for any cipher suite of TLS 1.2.");
        assert_eq!(parse("ALL:!ALL").unwrap_err(), "The list leaves no suite.");
        assert_eq!(parse("ALL:é").unwrap_err(), "'é' has no place in a list of ciphers.");
        // A rule needs no separator in front of it.
        assert_eq!(names("ALL!ECDHE!CHACHA20@STRENGTH").len(), 2);
        assert!(!names("ALL:unknown:!unknown").is_empty());
    }
}
