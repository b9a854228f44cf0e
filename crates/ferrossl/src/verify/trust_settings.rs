//! What the trust store's owner says about a certificate (`X509_check_trust`).

use crate::verify::Purpose;
use crate::x509::{Certificate, Uses};

/// What a trust setting says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    Trusted,
    Rejected,
}

/// `obj_trust`: what the trust store's owner says about a certificate's use; `None` where nothing is said.
pub(super) fn stated_trust(certificate: &Certificate, purpose: Purpose) -> Option<Stated> {
    let settings = certificate.trust_settings();
    let includes = |uses: Uses| match purpose {
        Purpose::Server => uses.server_auth,
        Purpose::Client => uses.client_auth,
    };
    if includes(settings.rejected) {
        return Some(Stated::Rejected);
    }
    settings.trusted.map(|uses| if includes(uses) { Stated::Trusted } else { Stated::Rejected })
}
