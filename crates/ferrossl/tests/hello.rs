//! What a client says in its first message: versions, suites, groups, and the name.

use ferrossl::connection::Handshake;
use ferrossl::{Connection, Context, Version, Versions};
use proptest::prelude::*;

const TLS12: Versions = Versions::only(Version::Tls12);
const TLS13: Versions = Versions::only(Version::Tls13);
const BOTH: Versions = Versions::ALL;

/// Groups of integers modulo a prime (RFC 7919), and those for private use among them.
fn is_finite_field(group: u16) -> bool {
    (0x0100..0x0200).contains(&group)
}

struct Hello {
    suites: Vec<u16>,
    extensions: Vec<(u16, Vec<u8>)>,
}

impl Hello {
    /// Taken apart by RFC 8446 section 4.1.2.
    fn of(context: &Context, name: Option<&str>) -> Self {
        let client = Connection::client(&context.snapshot(), name).unwrap();
        assert_eq!(client.handshake().unwrap(), Handshake::NeedRead);
        let mut record = Vec::new();
        client
            .send_with(|bytes| {
                record.extend_from_slice(bytes);
                Ok(bytes.len())
            })
            .unwrap();
        assert_eq!(record[0], 22);
        let mut rest = &record[5 + 4 + 2 + 32..];
        vector(&mut rest, 1);
        let suites = numbers(vector(&mut rest, 2));
        vector(&mut rest, 1);
        let mut rest = vector(&mut rest, 2);
        let mut extensions = Vec::new();
        while let [high, low, tail @ ..] = rest {
            rest = tail;
            extensions.push((u16::from_be_bytes([*high, *low]), vector(&mut rest, 2).to_vec()));
        }
        Self { suites, extensions }
    }

    fn extension(&self, number: u16) -> Option<&[u8]> {
        self.extensions.iter().find(|(found, _)| *found == number).map(|(_, contents)| contents.as_slice())
    }

    fn groups(&self) -> Vec<u16> {
        self.extension(10).map_or_else(Vec::new, |mut contents| numbers(vector(&mut contents, 2)))
    }

    /// Groups of the key shares.
    fn shares(&self) -> Vec<u16> {
        let Some(mut contents) = self.extension(51) else { return Vec::new() };
        let (mut rest, mut groups) = (vector(&mut contents, 2), Vec::new());
        while let [high, low, tail @ ..] = rest {
            rest = tail;
            groups.push(u16::from_be_bytes([*high, *low]));
            vector(&mut rest, 2);
        }
        groups
    }

    fn signature_schemes(&self) -> Vec<u16> {
        self.extension(13).map_or_else(Vec::new, |mut contents| numbers(vector(&mut contents, 2)))
    }

    fn versions(&self) -> Vec<u16> {
        self.extension(43).map_or_else(Vec::new, |mut contents| numbers(vector(&mut contents, 1)))
    }

    fn server_name(&self) -> Option<String> {
        let mut contents = self.extension(0)?;
        let mut list = vector(&mut contents, 2);
        assert_eq!(list[0], 0, "a host name");
        list = &list[1..];
        Some(String::from_utf8(vector(&mut list, 2).to_vec()).unwrap())
    }
}

/// Cuts off a vector with a length of so many bytes in front.
fn vector<'a>(rest: &mut &'a [u8], prefix: usize) -> &'a [u8] {
    let length = rest[..prefix].iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    let (contents, tail) = rest[prefix..].split_at(length);
    *rest = tail;
    contents
}

fn numbers(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

fn context(versions: Versions) -> Context {
    let context = Context::client();
    context.update(|settings| settings.versions = versions);
    context
}

/// RFC 8446 section 4.2.7 has other uses for the numbers of RFC 7919, which this client does not know there.
#[test]
fn groups_of_finite_fields_are_for_tls_1_2() {
    for (versions, ciphers, expected) in [
        (TLS12, "ALL", true),
        (BOTH, "ALL", true),
        (TLS13, "ALL", false),
        (BOTH, "ECDHE", false),
        (TLS12, "ECDHE", false),
        (TLS12, "DHE", true),
    ] {
        let context = context(versions);
        context.set_ciphers(ciphers).unwrap();
        let hello = Hello::of(&context, Some("localhost"));
        let case = format!("{versions:?} {ciphers}");
        assert_eq!(hello.groups().iter().any(|&group| is_finite_field(group)), expected, "{case}");
        assert!(!hello.shares().iter().any(|&group| is_finite_field(group)), "{case}");
        assert_eq!(hello.shares().is_empty(), !versions.tls13, "{case}");
    }
}

#[test]
fn versions_and_what_belongs_to_them() {
    for (versions, numbers, schemes) in
        [(TLS12, &[][..], 10), (TLS13, &[0x0304][..], 10), (BOTH, &[0x0304, 0x0303][..], 13)]
    {
        let hello = Hello::of(&context(versions), Some("localhost"));
        if versions.tls13 {
            assert_eq!(hello.versions(), numbers, "{versions:?}");
        }
        let has =
            |range: std::ops::RangeInclusive<u16>| hello.suites.iter().any(|suite| range.contains(suite));
        assert_eq!(has(0x1301..=0x1303), versions.tls13, "{versions:?}");
        assert_eq!(has(0xc000..=0xcfff), versions.tls12, "{versions:?}");
        let offered = hello.signature_schemes();
        // rsa_pss_pss_* come with TLS 1.3, PKCS #1 with TLS 1.2.
        assert_eq!(offered.contains(&0x0809), versions.tls13, "{versions:?}: {offered:x?}");
        if versions.tls12 {
            assert!(offered.contains(&0x0401), "{versions:?}: {offered:x?}");
        }
        assert!(offered.len() >= schemes, "{versions:?}: {offered:x?}");
        assert!(!offered.iter().any(|scheme| [0x0201, 0x0203].contains(scheme)), "no SHA-1");
    }
}

/// The security level takes suites, groups and signatures away, from the weak end.
#[test]
fn the_security_level_thins_the_offer() {
    let mut before: Option<Hello> = None;
    for level in 0..=5 {
        let context = context(BOTH);
        context.update(|settings| settings.policy.security_level = level);
        let offered = Connection::client(&context.snapshot(), Some("localhost")).unwrap();
        if offered.handshake().is_err() {
            assert!(level == 5, "level {level} leaves nothing");
            continue;
        }
        let hello = Hello::of(&context, Some("localhost"));
        if let Some(before) = before {
            let within = |less: &[u16], more: &[u16]| less.iter().all(|number| more.contains(number));
            assert!(within(&hello.suites, &before.suites), "level {level}");
            assert!(within(&hello.groups(), &before.groups()), "level {level}");
            assert!(within(&hello.signature_schemes(), &before.signature_schemes()), "level {level}");
        }
        let (x25519, p521) = (0x001d, 0x0019);
        assert_eq!(hello.groups().contains(&x25519), level <= 3, "level {level}");
        assert!(hello.groups().contains(&p521), "level {level}");
        assert_eq!(hello.suites.contains(&0x1301), level <= 3, "level {level}");
        assert_eq!(hello.signature_schemes().contains(&0x0403), level <= 3, "level {level}");
        assert_eq!(hello.signature_schemes().contains(&0x0503), level <= 4, "level {level}");
        assert!(hello.signature_schemes().contains(&0x0603), "level {level}");
        before = Some(hello);
    }
}

/// RFC 6066 section 3: host names and nothing else.
#[test]
fn names_that_are_sent() {
    for (name, sent) in [
        (Some("localhost"), Some("localhost")),
        (Some("www.example.org"), Some("www.example.org")),
        (Some("xn--mnchen-3ya.example"), Some("xn--mnchen-3ya.example")),
        (Some("127.0.0.1"), None),
        (Some("::1"), None),
        (None, None),
    ] {
        let context = context(BOTH);
        context.update(|settings| settings.check_hostname = name.is_some());
        assert_eq!(Hello::of(&context, name).server_name().as_deref(), sent, "{name:?}");
    }
}

proptest! {
    /// Whatever name a program hands in, there is a hello or an error.
    #[test]
    fn any_name_makes_a_hello(name in ".{0,300}") {
        let context = context(BOTH);
        if let Ok(client) = Connection::client(&context.snapshot(), Some(&name)) {
            let _ = client.handshake();
        }
    }

    /// The suites of a ClientHello are the list's, in its order, behind those of TLS 1.3.
    #[test]
    fn suites_are_the_lists(words in prop::collection::vec(prop::sample::select(vec![
        "ECDHE", "DHE", "aRSA", "aECDSA", "AESGCM", "CHACHA20", "AES128", "AES256", "+AES256", "-CHACHA20", "!DHE",
        "ECDHE-RSA-AES128-SHA", "@STRENGTH",
    ]), 1..6)) {
        let context = context(BOTH);
        if context.set_ciphers(&words.join(":")).is_ok() {
            let expected: Vec<u16> =
                context.with_settings(|settings| settings.cipher_suites.iter().map(|suite| suite.wire).collect());
            let hello = Hello::of(&context, Some("localhost"));
            let found: Vec<u16> = hello.suites.iter().copied()
                // Beside those of TLS 1.3, a signal for renegotiation (RFC 5746).
                .filter(|suite| !(0x1300..0x1400).contains(suite) && *suite != 0x00ff)
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
