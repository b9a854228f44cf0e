//! Long connections against the scripted peer: `soak [records] [seed]`, both roles and versions.

use ferrossl::Version;
use ferrossl_testkit::peer::Role;
use ferrossl_testkit::soak;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let records = arguments.next().unwrap_or(2_000_000);
    let seed = arguments.next().unwrap_or(1);
    for version in [Version::Tls13, Version::Tls12] {
        for role in [Role::Client, Role::Server] {
            let tally = soak(role, version, records, seed);
            println!("{} against a scripted {role:?}: {tally:?}", version.name());
        }
    }
}
