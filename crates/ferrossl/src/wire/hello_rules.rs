//! What the RFCs demand of hellos beyond what rustls does, before rustls sees them.
//!
//! A hello that cannot be read is left to rustls, which says so.

use super::extension::extension_type::{
    KEY_SHARE, PRE_SHARED_KEY, RENEGOTIATION_INFO, SIGNATURE_ALGORITHMS, SUPPORTED_GROUPS,
};
use super::hello::{
    chooses_tls13, extension, extension_types, extensions, legacy_version, offers_suite, offers_tls12,
    offers_tls13, server_extension, session_id,
};
use crate::error::Failure;
use crate::openssl_names::alerts::{
    HANDSHAKE_FAILURE, ILLEGAL_PARAMETER, INAPPROPRIATE_FALLBACK as FALLBACK_ALERT, MISSING_EXTENSION,
    PROTOCOL_VERSION,
};
use crate::openssl_names::reasons::{
    BAD_EXTENSION, INAPPROPRIATE_FALLBACK, INVALID_SESSION_ID, MISSING_SIGALGS_EXTENSION,
    MISSING_SUPPORTED_GROUPS_EXTENSION, NO_SUITABLE_KEY_SHARE, RENEGOTIATION_MISMATCH,
    UNSAFE_LEGACY_RENEGOTIATION_DISABLED, UNSUPPORTED_PROTOCOL,
};

/// A client that has failed with a higher version signals it (RFC 7507).
const TLS_FALLBACK_SCSV: [u8; 2] = [0x56, 0];

fn unsupported_protocol() -> Failure {
    Failure::new(PROTOCOL_VERSION, UNSUPPORTED_PROTOCOL, "")
}

/// What holds whatever the settings are, of the first ClientHello of a connection.
pub(crate) fn check(hello: &[u8]) -> Result<(), Failure> {
    // RFC 8446 appendix D.5: not even a client that lists better versions names SSL 3.0 here.
    if legacy_version(hello).is_some_and(|version| version <= [3, 0]) {
        return Err(unsupported_protocol());
    }
    let bad_extension = |detail| Err(Failure::new(ILLEGAL_PARAMETER, BAD_EXTENSION, detail));
    let Some(extensions) = extensions(hello) else { return Ok(()) };
    let mut types = Vec::new();
    for extension in extensions {
        // What stands behind damage is nobody's; what stands in front of it was judged, as with OpenSSL.
        let Some((number, _)) = extension else { return Ok(()) };
        // RFC 8446 section 4.2.
        if types.contains(&number) {
            return bad_extension("an extension came twice");
        }
        types.push(number);
    }
    if !offers_tls13(hello) && !offers_tls12(hello) {
        return Err(unsupported_protocol());
    }
    // RFC 8446 section 4.2.11.
    let has = |kind| types.contains(&kind);
    if has(PRE_SHARED_KEY) && types.last() != Some(&PRE_SHARED_KEY) {
        return bad_extension("pre_shared_key is not the last extension");
    }
    // RFC 5746 section 3.6: nothing is renegotiated here, so there is nothing to be bound to.
    if extension(hello, RENEGOTIATION_INFO).is_some_and(|contents| contents != [0]) {
        let detail = "a first ClientHello speaks of an earlier handshake";
        return Err(Failure::new(HANDSHAKE_FAILURE, RENEGOTIATION_MISMATCH, detail));
    }
    // RFC 8446 section 9.2. rustls wants it before it knows which version will be spoken.
    if offers_tls13(hello) && !has(SIGNATURE_ALGORITHMS) && !has(PRE_SHARED_KEY) {
        return Err(Failure::new(MISSING_EXTENSION, MISSING_SIGALGS_EXTENSION, ""));
    }
    Ok(())
}

/// What holds for a server that speaks these versions.
pub(crate) fn check_for(hello: &[u8], tls12: bool, tls13: bool) -> Result<(), Failure> {
    let speaks_tls13 = tls13 && offers_tls13(hello);
    let speaks_tls12 = !speaks_tls13 && tls12 && offers_tls12(hello);
    if !speaks_tls13 && !speaks_tls12 {
        return Err(unsupported_protocol());
    }
    // RFC 7507 section 3.
    if tls13 && speaks_tls12 && offers_suite(hello, TLS_FALLBACK_SCSV) {
        return Err(Failure::new(FALLBACK_ALERT, INAPPROPRIATE_FALLBACK, ""));
    }
    let Some(types) = extension_types(hello).filter(|_| speaks_tls13) else { return Ok(()) };
    let has = |kind| types.contains(&kind);
    // RFC 8446 section 9.2: one without the other, or neither and no pre-shared key.
    match (has(SUPPORTED_GROUPS), has(KEY_SHARE)) {
        (true, true) => Ok(()),
        (false, false) if has(PRE_SHARED_KEY) => Ok(()),
        (false, _) => Err(Failure::new(MISSING_EXTENSION, MISSING_SUPPORTED_GROUPS_EXTENSION, "")),
        (true, false) => Err(Failure::new(MISSING_EXTENSION, NO_SUITABLE_KEY_SHARE, "")),
    }
}

/// What holds of a ServerHello or HelloRetryRequest that answers a hello with this session id.
pub(crate) fn check_answer(hello: &[u8], own_session_id: &[u8]) -> Result<(), Failure> {
    // RFC 8446 section 4.1.3.
    if chooses_tls13(hello) && session_id(hello).is_some_and(|id| id != own_session_id) {
        let detail = "the server has not sent the session id back";
        return Err(Failure::new(ILLEGAL_PARAMETER, INVALID_SESSION_ID, detail));
    }
    // RFC 5746 section 3.4.
    if server_extension(hello, RENEGOTIATION_INFO).is_some_and(|contents| contents != [0]) {
        let detail = "a first ServerHello speaks of an earlier handshake";
        return Err(Failure::new(HANDSHAKE_FAILURE, RENEGOTIATION_MISMATCH, detail));
    }
    Ok(())
}

/// What holds of a ServerHello of TLS 1.2 that can be read: without the extension, it is not known whether somebody else has
/// begun this connection, and had it renegotiated (RFC 5746 section 4.1).
pub(crate) fn check_renegotiates_safely(hello: &[u8]) -> Result<(), Failure> {
    match server_extension(hello, RENEGOTIATION_INFO) {
        Some(_) => Ok(()),
        None => Err(Failure::new(HANDSHAKE_FAILURE, UNSAFE_LEGACY_RENEGOTIATION_DISABLED, "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSIONS: (u16, &[u8]) = (43, &[4, 3, 4, 3, 3]);
    const GROUPS: (u16, &[u8]) = (SUPPORTED_GROUPS, &[0, 2, 0, 29]);
    const SCHEMES: (u16, &[u8]) = (SIGNATURE_ALGORITHMS, &[0, 2, 4, 3]);
    const SHARE: (u16, &[u8]) = (KEY_SHARE, &[0, 0]);
    const PSK: (u16, &[u8]) = (PRE_SHARED_KEY, &[0]);

    fn hello(version: [u8; 2], suites: &[u8], extensions: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = version.to_vec();
        body.extend([7; 32]);
        body.push(0);
        body.extend((suites.len() as u16).to_be_bytes());
        body.extend(suites);
        body.extend([1, 0]);
        let mut list = Vec::new();
        for (kind, contents) in extensions {
            list.extend(kind.to_be_bytes());
            list.extend((contents.len() as u16).to_be_bytes());
            list.extend(*contents);
        }
        body.extend((list.len() as u16).to_be_bytes());
        body.extend(list);
        [&[1, 0, 0, body.len() as u8][..], &body].concat()
    }

    fn refusal(result: Result<(), Failure>) -> Option<(u8, &'static str)> {
        let failure = result.err()?;
        Some((failure.alert?, failure.error.report().reason?.name))
    }

    /// What stands in front of damage is judged, what stands behind it is rustls' to refuse.
    #[test]
    fn extensions_in_front_of_damage() {
        let damaged = |extensions: &[(u16, &[u8])]| {
            let mut hello = hello([3, 3], &[0x13, 1], extensions);
            // A byte more in the list, in the body and in the message.
            let list: usize = extensions.iter().map(|(_, contents)| 4 + contents.len()).sum();
            let place = hello.len() - list - 1;
            hello[place] += 1;
            hello[3] += 1;
            hello.push(0);
            refusal(check(&hello))
        };
        assert_eq!(damaged(&[VERSIONS, SCHEMES, SCHEMES]), Some((ILLEGAL_PARAMETER, "BAD_EXTENSION")));
        assert_eq!(damaged(&[VERSIONS, SHARE]), None);
    }

    #[test]
    fn rules_without_settings() {
        let old = Some((PROTOCOL_VERSION, "UNSUPPORTED_PROTOCOL"));
        let bad = Some((ILLEGAL_PARAMETER, "BAD_EXTENSION"));
        for (version, extensions, expected) in [
            ([3, 3], &[VERSIONS, GROUPS, SCHEMES, SHARE][..], None),
            ([3, 3], &[], None),
            ([3, 1], &[], old),
            ([3, 2], &[SCHEMES], old),
            ([3, 1], &[VERSIONS, SCHEMES], None),
            ([3, 0], &[VERSIONS, SCHEMES], old),
            ([2, 0], &[VERSIONS, SCHEMES], old),
            ([4, 0], &[SCHEMES], None),
            ([3, 3], &[(43, &[2, 3, 2])], old),
            ([3, 3], &[VERSIONS, SCHEMES, SCHEMES], bad),
            ([3, 3], &[VERSIONS, SCHEMES, PSK, SHARE], bad),
            ([3, 3], &[VERSIONS, SHARE, PSK], None),
            ([3, 3], &[VERSIONS, SHARE], Some((MISSING_EXTENSION, "MISSING_SIGALGS_EXTENSION"))),
            ([3, 3], &[SCHEMES, (RENEGOTIATION_INFO, &[0])], None),
            (
                [3, 3],
                &[SCHEMES, (RENEGOTIATION_INFO, &[1, 9])],
                Some((HANDSHAKE_FAILURE, "RENEGOTIATION_MISMATCH")),
            ),
        ] {
            let hello = hello(version, &[0x13, 1], extensions);
            assert_eq!(refusal(check(&hello)), expected, "{version:?} {extensions:?}");
        }
    }

    #[test]
    fn rules_for_settings() {
        let old = Some((PROTOCOL_VERSION, "UNSUPPORTED_PROTOCOL"));
        let fallback = Some((FALLBACK_ALERT, "INAPPROPRIATE_FALLBACK"));
        let no_groups = Some((MISSING_EXTENSION, "MISSING_SUPPORTED_GROUPS_EXTENSION"));
        let no_share = Some((MISSING_EXTENSION, "NO_SUITABLE_KEY_SHARE"));
        let only13 = (43, &[2, 3, 4][..]);
        for (tls12, tls13, suites, extensions, expected) in [
            (true, true, &[0x13, 1][..], &[VERSIONS, GROUPS, SHARE][..], None),
            (true, false, &[0xc0, 0x2b], &[], None),
            (false, true, &[0xc0, 0x2b], &[], old),
            (true, false, &[0x13, 1], &[only13], old),
            (true, true, &[0xc0, 0x2b, 0x56, 0], &[], fallback),
            (true, false, &[0xc0, 0x2b, 0x56, 0], &[], None),
            (true, true, &[0x13, 1, 0x56, 0], &[VERSIONS, GROUPS, SHARE], None),
            (true, true, &[0x13, 1], &[VERSIONS, SHARE], no_groups),
            (true, true, &[0x13, 1], &[VERSIONS], no_groups),
            (true, true, &[0x13, 1], &[VERSIONS, GROUPS], no_share),
            (true, true, &[0x13, 1], &[VERSIONS, PSK], None),
            (true, false, &[0xc0, 0x2b], &[VERSIONS], None),
        ] {
            let hello = hello([3, 3], suites, extensions);
            assert_eq!(refusal(check_for(&hello, tls12, tls13)), expected, "{suites:?} {extensions:?}");
        }
    }

    #[test]
    fn rules_for_answers() {
        // A ServerHello has one suite and one method where a ClientHello has lists.
        let answer = |id: &[u8], extensions: &[u8]| {
            let mut body = vec![3, 3];
            body.extend([7; 32]);
            body.push(id.len() as u8);
            body.extend(id);
            body.extend([0x13, 1, 0]);
            body.extend((extensions.len() as u16).to_be_bytes());
            body.extend(extensions);
            [&[2, 0, 0, body.len() as u8][..], &body].concat()
        };
        let tls13 = [0, 43, 0, 2, 3, 4];
        let mismatch = Some((HANDSHAKE_FAILURE, "RENEGOTIATION_MISMATCH"));
        for (id, extensions, expected) in [
            (&[9, 9][..], &tls13[..], None),
            (&[9, 8], &tls13, Some((ILLEGAL_PARAMETER, "INVALID_SESSION_ID"))),
            (&[], &tls13, Some((ILLEGAL_PARAMETER, "INVALID_SESSION_ID"))),
            (&[1], &[], None),
            (&[1], &[0xff, 1, 0, 1, 0], None),
            (&[1], &[0xff, 1, 0, 2, 1, 9], mismatch),
        ] {
            assert_eq!(refusal(check_answer(&answer(id, extensions), &[9, 9])), expected, "{id:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = (check(&bytes), check_for(&bytes, true, true), check_answer(&bytes, &[1]));
        }
    }
}
