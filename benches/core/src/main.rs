//! One measurement in a process of its own, for the runner in Python.
//!
//! ```text
//! ferrossl-benches subjects                                 the subjects of this build
//! ferrossl-benches case CASE SUBJECT MILLISECONDS           seconds of the processor's time for one repetition
//! ferrossl-benches threads CASE SUBJECT COUNT MILLISECONDS  repetitions a second of so many threads together
//! ```

use std::process::ExitCode;
use std::time::Duration;

use ferrossl_benches::{Case, Subject, Work, threads};

fn subject(name: &str) -> Option<Subject> {
    Subject::ALL.into_iter().find(|subject| subject.name() == name)
}

fn case(name: &str) -> Option<Case> {
    Case::ALL.into_iter().find(|case| case.name() == name)
}

fn milliseconds(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_millis)
}

fn figure(words: &[&str]) -> Option<f64> {
    match words {
        ["case", case_name, subject_name, time] => {
            Some(Work::new(case(case_name)?, subject(subject_name)?).measure(milliseconds(time)?))
        }
        ["threads", case_name, subject_name, count, time] => {
            let (case, subject) = (case(case_name)?, subject(subject_name)?);
            Some(threads::rate(case, subject, count.parse().ok()?, milliseconds(time)?))
        }
        _ => None,
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words == ["subjects"] {
        let built = |subject: &Subject| Case::Seal(ferrossl_benches::Version::Tls13).is_for(*subject);
        for subject in Subject::ALL.iter().filter(|subject| built(subject)) {
            println!("{}", subject.name());
        }
        return ExitCode::SUCCESS;
    }
    match figure(&words) {
        Some(figure) => {
            println!("{figure:e}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("what main.rs begins with says what there is; cases:");
            Case::ALL.iter().for_each(|case| eprintln!("  {}", case.name()));
            ExitCode::FAILURE
        }
    }
}
