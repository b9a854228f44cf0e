//! The host-name matcher: two names with a null byte between them.

#![no_main]

use ferrossl::verify::matches_host;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (pattern, host) = text.split_once('\0').unwrap_or((text, "www.example.com"));
    if matches_host(pattern, host) {
        // What matches is the same name, or differs in the first label only, where the pattern has a star.
        let rest = |name: &str| name.split_once('.').map(|(_, rest)| rest.to_ascii_lowercase());
        assert!(
            pattern.eq_ignore_ascii_case(host)
                || (pattern.starts_with("*.") && rest(pattern) == rest(host) && !host.starts_with('.'))
        );
        assert!(!pattern.contains('\0'));
    }
});
