//! The core's cases under criterion, with throughput: `make bench-rust`, or with a filter
//! `cargo bench --manifest-path benches/core/Cargo.toml -- seal`.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrossl_benches::{Case, Subject, Work};

fn core(criterion: &mut Criterion) {
    for case in Case::ALL {
        let mut group = criterion.benchmark_group(case.name());
        let throughput = match case.bytes() {
            0 => Throughput::Elements(1),
            bytes => Throughput::Bytes(bytes as u64),
        };
        group.throughput(throughput).sample_size(20);
        group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
        for subject in Subject::ALL.into_iter().filter(|subject| case.is_for(*subject)) {
            let mut work = Work::new(case, subject);
            group.bench_function(subject.name(), |bencher| bencher.iter_custom(|times| work.run(times)));
        }
        group.finish();
    }
}

criterion_group!(benches, core);
criterion_main!(benches);
