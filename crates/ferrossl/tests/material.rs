//! Files that are damaged, of the wrong kind or do not fit together.

use ferrossl::{Context, Error, Identity};
use ferrossl_testkit::{KeyKind, Leaf, Pki};

fn reason<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Material { reason, .. }) => reason.name,
        Err(error) => panic!("{error}"),
        Ok(_) => "accepted",
    }
}

#[test]
fn a_key_must_be_the_certificates() {
    let pki = Pki::new();
    let (chain, key) = pki.issue_pem(&Leaf::default());
    let identity = |chain: &str, key: &str| Identity::from_pem(chain.as_bytes(), key.as_bytes(), None);
    identity(&chain, &key).unwrap();
    for kind in KeyKind::ALL {
        let (_, other) = pki.issue_pem(&Leaf { key: kind, ..Leaf::default() });
        // OpenSSL has one certificate for each family of keys, and all curves are one.
        let expected = match kind {
            KeyKind::P256 | KeyKind::P384 => "KEY_VALUES_MISMATCH",
            KeyKind::Rsa2048 | KeyKind::Ed25519 => "NO_CERTIFICATE_ASSIGNED",
        };
        assert_eq!(reason(identity(&chain, &other)), expected, "{kind:?}");
    }
    assert_eq!(reason(identity(&key, &chain)), "NO_START_LINE");
    assert_eq!(reason(identity(&chain, &chain)), "NO_START_LINE");
    assert_eq!(reason(identity(&chain, "")), "NO_START_LINE");
}

/// One identity for each kind of key: another of the same kind takes the place of the first.
#[test]
fn an_identity_for_each_kind_of_key() {
    let pki = Pki::new();
    let kinds = [KeyKind::Rsa2048, KeyKind::P256, KeyKind::P384, KeyKind::Ed25519];
    // All elliptic curves of ECDSA are one kind.
    let families = [0, 1, 1, 2];
    let identities = kinds.map(|key| pki.issue(&Leaf { key, ..Leaf::default() }));
    for (one, family) in identities.iter().zip(families) {
        for (other, other_family) in identities.iter().zip(families) {
            assert_eq!(one.same_kind(other), family == other_family);
        }
    }
    let context = Context::server();
    for identity in identities.iter().chain(&identities[..2]) {
        context.use_identity(identity.clone());
    }
    let kept = context.with_settings(|settings| settings.identities.clone());
    let kinds: Vec<_> = kept.iter().map(|identity| identity.key().public_key().kind()).collect();
    use ferrossl::x509::KeyKind as Kind;
    assert_eq!(kinds, [Kind::Ed25519, Kind::Rsa(2048), Kind::P256]);
}

#[test]
fn truncated_anywhere() {
    let pki = Pki::new();
    let (chain, key) = pki.issue_pem(&Leaf::default());
    for cut in 0..chain.trim_end().len() {
        let found = reason(Identity::from_pem(&chain.as_bytes()[..cut], key.as_bytes(), None));
        assert!(["NO_START_LINE", "BAD_END_LINE", "BAD_BASE64_DECODE"].contains(&found), "{cut}: {found}");
        let found = reason(Context::client().trust_pem(&chain.as_bytes()[..cut]));
        assert!(["NO_START_LINE", "BAD_END_LINE", "BAD_BASE64_DECODE"].contains(&found), "{cut}: {found}");
    }
    for cut in 0..key.trim_end().len() {
        let found = reason(Identity::from_pem(chain.as_bytes(), &key.as_bytes()[..cut], None));
        assert!(["NO_START_LINE", "BAD_END_LINE", "BAD_BASE64_DECODE"].contains(&found), "{cut}: {found}");
    }
}

#[test]
fn a_certificate_cut_in_its_der() {
    let pki = Pki::new();
    let identity = pki.identity("localhost");
    let der = identity.chain()[0].der();
    for cut in 0..der.len() {
        assert_eq!(reason(ferrossl::trust::Bundle::from_der(&der[..cut])), "NOT_ENOUGH_DATA", "{cut}");
        assert_eq!(reason(ferrossl::x509::Certificate::from_der(&der[..cut])), "NESTED_ASN1_ERROR", "{cut}");
    }
    let two = [der, der].concat();
    assert_eq!(ferrossl::trust::Bundle::from_der(&two).unwrap().certificates().len(), 1);
}

#[test]
fn missing_files_are_the_systems_error() {
    let missing = std::env::temp_dir().join("ferrossl-no-such-file");
    let error = Context::client().trust_file(missing).unwrap_err();
    // ENOENT, and Windows' ERROR_FILE_NOT_FOUND.
    assert_eq!(error.report().errno, 2);
}

#[test]
fn a_bundle_is_parsed_once_and_again_when_it_changes() {
    let folder = std::env::temp_dir().join(format!("ferrossl-bundle-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("ca.pem");
    std::fs::write(&file, Pki::new().authority_pem()).unwrap();
    let load = || {
        let context = Context::client();
        context.trust_file(&file).unwrap();
        context.with_settings(|settings| settings.trust.certificates())
    };
    let (one, two) = (load(), load());
    assert!(std::sync::Arc::ptr_eq(&one[0], &two[0]));
    let text = Pki::new().authority_pem().to_owned() + Pki::new().authority_pem();
    std::fs::write(&file, text).unwrap();
    assert_eq!(load().len(), 2);
    std::fs::remove_dir_all(folder).unwrap();
}
