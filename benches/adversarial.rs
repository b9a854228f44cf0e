//! How long the worst chain takes: 10,000 made to be as expensive as a handshake message of 64 KiB allows.
//!
//!     cargo bench --bench adversarial
//!
//! Prints the slowest of each kind on one core. Nothing is asserted: the figure is for people.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ferrossl::TrustStore;
use ferrossl::trust::Bundle;
use ferrossl::verify::{ExpectedName, Purpose, Verification};
use ferrossl::x509::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, GeneralSubtree, IsCa, Issuer, KeyPair,
    NameConstraints, SanType,
};

/// What rustls takes as one handshake message, in bytes; a chain from a peer is never longer.
const LIMIT: usize = 0xffff;
const CHAINS: usize = 10_000;

/// A small generator of numbers (xorshift), so that every run makes the same shapes.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

struct Maker {
    keys: Vec<KeyPair>,
    root: CertificateParams,
}

type Chain = (Vec<Vec<u8>>, Vec<u8>);

impl Maker {
    fn new() -> Self {
        let keys = (0..40).map(|_| KeyPair::generate().unwrap()).collect();
        Self { keys, root: authority("root") }
    }

    fn signed(
        &self,
        params: &CertificateParams,
        key: usize,
        issuer: &CertificateParams,
        by: usize,
    ) -> Vec<u8> {
        let issuer = Issuer::from_params(issuer, &self.keys[by]);
        params.signed_by(&self.keys[key], &issuer).unwrap().der().to_vec()
    }

    fn root(&self) -> Vec<u8> {
        self.root.self_signed(&self.keys[0]).unwrap().der().to_vec()
    }

    fn leaf(names: usize) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.subject_alt_names =
            (0..names).map(|number| SanType::DnsName(format!("n{number}.x").try_into().unwrap())).collect();
        params
    }

    /// Authorities with few names and many keys that sign one another: every one fits every other by name.
    fn mesh(&self, numbers: &mut Numbers) -> Chain {
        let names = 1 + numbers.below(6);
        let params: Vec<_> = (0..names).map(|number| authority(&format!("ca{number}"))).collect();
        let mut sent = vec![self.signed(&Self::leaf(1), 1, &params[0], 2)];
        let mut size = sent[0].len();
        loop {
            let (subject, issuer) = (numbers.below(names), numbers.below(names));
            let (key, by) = (1 + numbers.below(39), 1 + numbers.below(39));
            let certificate = self.signed(&params[subject], key, &params[issuer], by);
            size += certificate.len() + 5;
            if size > LIMIT {
                return (sent, self.root());
            }
            sent.push(certificate);
        }
    }

    /// A straight line, as deep as fits, with a good signature at each step.
    fn deep(&self, numbers: &mut Numbers) -> Chain {
        let depth = 60 + numbers.below(60);
        let params: Vec<_> = (0..depth).map(|number| authority(&format!("ca{number}"))).collect();
        let mut sent = vec![self.signed(&Self::leaf(1), 1, &params[0], 2)];
        for number in 0..depth {
            let last = number + 1 == depth;
            let issuer = if last { &self.root } else { &params[number + 1] };
            let by = if last { 0 } else { 2 + (number + 1) % 30 };
            sent.push(self.signed(&params[number], 2 + number % 30, issuer, by));
        }
        (sent, self.root())
    }

    /// Many names under authorities with many constraints, all of which have to be looked at.
    fn constraints(&self, numbers: &mut Numbers) -> Chain {
        let issuers = 1 + numbers.below(4);
        let subtrees = 200 + numbers.below(2_400 / issuers);
        let names = 200 + numbers.below(1_500);
        let params: Vec<_> = (0..issuers)
            .map(|number| {
                let mut params = authority(&format!("ca{number}"));
                params.name_constraints = Some(NameConstraints {
                    permitted_subtrees: vec![],
                    excluded_subtrees: (0..subtrees)
                        .map(|subtree| GeneralSubtree::DnsName(format!("e{subtree}.x")))
                        .collect(),
                });
                params
            })
            .collect();
        let mut sent = vec![self.signed(&Self::leaf(names), 1, &params[0], 2)];
        for number in 0..issuers {
            let last = number + 1 == issuers;
            let issuer = if last { &self.root } else { &params[number + 1] };
            sent.push(self.signed(&params[number], 2 + number, issuer, if last { 0 } else { 3 + number }));
        }
        (sent, self.root())
    }

    /// A leaf with as many extensions as fit.
    fn extensions(&self, numbers: &mut Numbers) -> Chain {
        let mut params = Self::leaf(1);
        params.custom_extensions = (0..1_000 + numbers.below(2_500) as u64)
            .map(|number| CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, number], vec![5, 0]))
            .collect();
        (vec![self.signed(&params, 1, &self.root, 0)], self.root())
    }
}

fn decide((sent, root): &Chain) -> (Duration, &'static str) {
    let begin = Instant::now();
    let read = |der: &Vec<u8>| Certificate::from_der(der).map(Arc::new);
    let verdict = sent.iter().map(read).collect::<ferrossl::Result<Vec<_>>>().map(|chain| {
        let mut store = TrustStore::new();
        store.add_bundle(Arc::new(Bundle::from_der(root).unwrap()));
        let now = 1_800_000_000;
        let name = ExpectedName::Host("n0.x".into());
        Verification::new(chain[0].clone(), &store, Purpose::Server, now)
            .with_untrusted(&chain[1..])
            .with_expected_name(&name)
            .run()
    });
    let text = match verdict {
        Ok(Ok(_)) => "accepted",
        Ok(Err(error)) => error.code.text(),
        Err(_) => "cannot be read",
    };
    (begin.elapsed(), text)
}

type Make = fn(&Maker, &mut Numbers) -> Chain;

fn main() {
    let maker = Maker::new();
    let kinds: [(&str, Make, usize); 4] = [
        ("cross-signed meshes", Maker::mesh, CHAINS * 4 / 10),
        ("deep chains", Maker::deep, CHAINS * 2 / 10),
        ("names and constraints", Maker::constraints, CHAINS * 2 / 10),
        ("many extensions", Maker::extensions, CHAINS * 2 / 10),
    ];
    for (title, make, count) in kinds {
        let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
        let mut worst = (Duration::ZERO, "", 0);
        for _ in 0..count {
            let chain = make(&maker, &mut numbers);
            let bytes = chain.0.iter().map(Vec::len).sum();
            let (took, verdict) = decide(&chain);
            if took > worst.0 {
                worst = (took, verdict, bytes);
            }
        }
        let (took, verdict, bytes) = worst;
        println!("{title:24} {count:6} chains; the slowest: {took:9.2?}, {bytes:6} bytes, {verdict}");
    }
}
