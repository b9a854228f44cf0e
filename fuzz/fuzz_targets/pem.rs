//! The reader of PEM, and what is made of its blocks. What is read can be written and read again.

#![no_main]

use ferrossl::identity::PrivateKey;
use ferrossl::{pem, x509};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    if let Ok(blocks) = pem::blocks(text) {
        for block in &blocks {
            let again = pem::encode("X", &block.contents);
            let again = pem::blocks(again.as_bytes()).expect("our own writing");
            assert_eq!(*again[0].contents, *block.contents);
        }
    }
    let _ = x509::trust_from_pem(text);
    let _ = x509::readable_certificates_from_pem(text);
    // Encrypted keys stop at the password: deriving keys would be all that is measured.
    let _ = PrivateKey::from_pem(text, None);
});
