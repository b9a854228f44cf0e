//! What a connection goes on with when its context is exchanged, as SNI callbacks do.
//!
//! The new context brings what OpenSSL's `SSL_set_SSL_CTX` takes from it: certificates, trust, cipher suites, parameters for
//! Diffie-Hellman, a server's application protocols, the key log. How tickets are given out and whose order of
//! suites counts stays as it was. With OpenSSL the first context's demands stay too, and those of the new one are
//! ignored. Here neither are: what one of the two forbids is forbidden, and what one demands is demanded.

use crate::openssl_names::groups::Group;
use crate::settings::{Settings, VerifyMode, Versions};
use crate::verify::Policy;

/// The settings for a connection that began under `first` and goes on under `next`; `None` where they are those of
/// `next`.
pub(crate) fn combine(first: &Settings, next: &Settings, is_server: bool) -> Option<Settings> {
    let mut settings = next.clone();
    settings.versions = Versions {
        tls12: first.versions.tls12 && next.versions.tls12,
        tls13: first.versions.tls13 && next.versions.tls13,
    };
    settings.verify_mode = stricter_mode(first.verify_mode, next.verify_mode);
    settings.check_hostname |= first.check_hostname;
    settings.policy = match (first.verify_mode, next.verify_mode) {
        (VerifyMode::None, _) => next.policy,
        (_, VerifyMode::None) => first.policy,
        _ => first.policy.and(&next.policy),
    };
    settings.policy.security_level = first.policy.security_level.max(next.policy.security_level);
    // Only who asks for a certificate may say that it can wait until after the handshake.
    let can_wait =
        |settings: &Settings| settings.verify_mode == VerifyMode::None || settings.post_handshake_auth;
    settings.post_handshake_auth = (first.post_handshake_auth || next.post_handshake_auth)
        && (!is_server || (can_wait(first) && can_wait(next)));
    if !is_server {
        settings.alpn_protocols.clone_from(&first.alpn_protocols);
    }
    settings.group = first.group.or(next.group);
    settings.tickets &= first.tickets;
    settings.legacy_server_connect &= first.legacy_server_connect;
    settings.remember_signatures &= first.remember_signatures;
    settings.ticket_count = first.ticket_count;
    settings.server_preference = first.server_preference;
    (inherited(&settings) != inherited(next)).then_some(settings)
}

fn stricter_mode(first: VerifyMode, next: VerifyMode) -> VerifyMode {
    match (first, next) {
        (VerifyMode::Required, _) | (_, VerifyMode::Required) => VerifyMode::Required,
        (VerifyMode::Optional, _) | (_, VerifyMode::Optional) => VerifyMode::Optional,
        (VerifyMode::None, VerifyMode::None) => VerifyMode::None,
    }
}

/// What [`combine`] may change.
type Inherited<'a> =
    (Versions, VerifyMode, bool, Policy, bool, &'a [Vec<u8>], Option<Group>, (bool, bool, bool), usize, bool);

fn inherited(settings: &Settings) -> Inherited<'_> {
    (
        settings.versions,
        settings.verify_mode,
        settings.check_hostname,
        settings.policy,
        settings.post_handshake_auth,
        &settings.alpn_protocols,
        settings.group,
        (settings.tickets, settings.legacy_server_connect, settings.remember_signatures),
        settings.ticket_count,
        settings.server_preference,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::verify::{ChainEnd, CrlCheck};

    fn required() -> Settings {
        Settings { verify_mode: VerifyMode::Required, ..Settings::default() }
    }

    #[test]
    fn equal_demands_need_no_third_settings() {
        assert!(combine(&Settings::default(), &Settings::default(), true).is_none());
        assert!(combine(&Settings::default(), &required(), true).is_none());
        let (client, other) = (Context::client().settings(), Context::client().settings());
        assert!(combine(&client, &other, false).is_none());
    }

    #[test]
    fn what_one_demands_is_demanded() {
        let settings = combine(&required(), &Settings::default(), true).unwrap();
        assert_eq!(settings.verify_mode, VerifyMode::Required);
        let optional = Settings { verify_mode: VerifyMode::Optional, ..Settings::default() };
        for (first, next) in [(&required(), &optional), (&optional, &required())] {
            let settings = combine(first, next, true).unwrap_or_else(|| next.clone());
            assert_eq!(settings.verify_mode, VerifyMode::Required);
        }
        let client = Context::client().settings();
        assert!(combine(&client, &required(), false).unwrap().check_hostname);
    }

    #[test]
    fn what_one_forbids_is_forbidden() {
        let tls12 = Settings { versions: Versions { tls12: true, tls13: false }, ..Settings::default() };
        let tls13 = Settings { versions: Versions { tls12: false, tls13: true }, ..Settings::default() };
        assert_eq!(combine(&tls12, &Settings::default(), true).unwrap().versions, tls12.versions);
        assert!(combine(&Settings::default(), &tls12, true).is_none());
        let none = Versions { tls12: false, tls13: false };
        assert_eq!(combine(&tls12, &tls13, true).unwrap().versions, none);
        let without_tickets = Settings { tickets: false, ..Settings::default() };
        assert!(!combine(&without_tickets, &Settings::default(), true).unwrap().tickets);
        let careless = Settings { legacy_server_connect: true, ..Settings::default() };
        assert!(!combine(&Settings::default(), &careless, false).unwrap().legacy_server_connect);
    }

    #[test]
    fn checks_are_those_of_who_verifies() {
        let checking = |verify_mode, change: fn(&mut Policy)| {
            let mut settings = Settings { verify_mode, ..Settings::default() };
            change(&mut settings.policy);
            settings
        };
        let lists = |mode| checking(mode, |policy| policy.crl_check = CrlCheck::Leaf);
        let partial = |mode| checking(mode, |policy| policy.chain_end = ChainEnd::AnyTrusted);
        let policy = |first: &Settings, next: &Settings| {
            combine(first, next, true).unwrap_or_else(|| next.clone()).policy
        };
        let (none, required) = (VerifyMode::None, VerifyMode::Required);
        assert_eq!(policy(&lists(none), &partial(required)), partial(required).policy);
        assert_eq!(policy(&lists(required), &partial(none)), lists(required).policy);
        let both = policy(&lists(required), &partial(required));
        assert_eq!((both.crl_check, both.chain_end), (CrlCheck::Leaf, ChainEnd::Root));
        let strong = checking(none, |policy| policy.security_level = 4);
        assert_eq!(policy(&strong, &lists(required)).security_level, 4);
    }

    #[test]
    fn a_certificate_asked_for_in_the_handshake_cannot_wait() {
        let later = Settings { post_handshake_auth: true, ..required() };
        let waits =
            |first: &Settings, next: &Settings| combine(first, next, true).unwrap_or_else(|| next.clone());
        assert!(waits(&later, &Settings::default()).post_handshake_auth);
        assert!(waits(&later, &later).post_handshake_auth);
        assert!(!waits(&required(), &later).post_handshake_auth);
        assert!(!waits(&later, &required()).post_handshake_auth);
    }

    #[test]
    fn application_protocols_of_a_client_stay() {
        let speaks =
            |protocol: &[u8]| Settings { alpn_protocols: vec![protocol.to_vec()], ..Settings::default() };
        let (first, next) = (speaks(b"first"), speaks(b"next"));
        assert_eq!(combine(&first, &next, false).unwrap().alpn_protocols, first.alpn_protocols);
        assert!(combine(&first, &next, true).is_none());
    }

    #[test]
    fn the_third_settings_are_compiled_once() {
        let (first, next) = (Context::new(required()), Context::server());
        let (first, next) = (first.snapshot(), next.snapshot());
        let third = next.combined_with(&first, true);
        assert_eq!(third.settings().verify_mode, VerifyMode::Required);
        assert!(std::sync::Arc::ptr_eq(&third, &next.combined_with(&first, true)));
        // Set twice, it is the same still, and so are its sessions.
        assert!(std::sync::Arc::ptr_eq(&third, &next.combined_with(&third, true)));
        assert!(std::sync::Arc::ptr_eq(&next, &next.combined_with(&next, true)));
        for _ in 0..100 {
            let another = Context::new(required()).snapshot();
            assert!(!std::sync::Arc::ptr_eq(&third, &next.combined_with(&another, true)));
        }
        assert!(std::sync::Arc::ptr_eq(&third, &next.combined_with(&first, true)));
    }
}
