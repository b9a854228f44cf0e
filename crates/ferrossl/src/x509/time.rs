//! UTCTime and GeneralizedTime as certificates hold them (RFC 5280 section 4.1.2.5).

use super::der::{Tlv, tag};

/// A time of a certificate. A badly written one is kept, because only its use is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    seconds: Option<i64>,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Time {
    pub(super) fn read(item: Tlv<'_>) -> Option<Self> {
        let seconds = match item.tag {
            // OpenSSL does not even load what is shorter than the form with seconds.
            tag::UTC_TIME if item.value.len() >= 13 => parse(item.value, 2),
            tag::GENERALIZED_TIME if item.value.len() >= 15 => parse(item.value, 4),
            _ => return None,
        };
        Some(Self { seconds })
    }

    /// Seconds since 1970 in UTC; `None` when the field is not written as RFC 5280 asks for.
    #[must_use]
    pub const fn seconds(&self) -> Option<i64> {
        self.seconds
    }

    /// The time as OpenSSL's `ASN1_TIME_print` and Python's `getpeercert()` write it:
    /// `Aug 29 14:23:15 2018 GMT`.
    #[must_use]
    pub fn openssl_text(&self) -> String {
        let Some(seconds) = self.seconds else { return "Bad time value".to_owned() };
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        format!(
            "{} {day:2} {:02}:{:02}:{:02} {year} GMT",
            MONTHS[month - 1],
            rest / 3600,
            rest / 60 % 60,
            rest % 60
        )
    }
}

/// `YY[YY]MMDDHHMMSSZ`, the only form that OpenSSL's `X509_cmp_time` accepts.
fn parse(text: &[u8], year_digits: usize) -> Option<i64> {
    let digits = text.strip_suffix(b"Z")?;
    if digits.len() != year_digits + 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |from: usize, to: usize| {
        digits[from..to].iter().fold(0i64, |value, digit| value * 10 + i64::from(digit - b'0'))
    };
    let mut year = number(0, year_digits);
    if year_digits == 2 {
        // RFC 5280 section 4.1.2.5.1: 50 and above are of the 20th century.
        year += if year >= 50 { 1900 } else { 2000 };
    }
    let field = |index: usize| number(year_digits + index * 2, year_digits + index * 2 + 2);
    let (month, day, hour, minute, second) = (field(0), field(1), field(2), field(3), field(4));
    if !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if day < 1 || day > days_in_month(year, month) {
        return None;
    }
    Some(days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

const fn civil_from_days(days: i64) -> (i64, usize, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month as usize, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Time {
        Time { seconds: parse(text.as_bytes(), 2) }
    }

    #[test]
    fn text_is_openssls() {
        assert_eq!(utc("180829142315Z").openssl_text(), "Aug 29 14:23:15 2018 GMT");
        assert_eq!(utc("280301000000Z").openssl_text(), "Mar  1 00:00:00 2028 GMT");
        assert_eq!(utc("700101000000Z").seconds(), Some(0));
        assert_eq!(parse(b"99991231235959Z", 4), Some(253_402_300_799));
    }

    #[test]
    fn days_are_those_of_the_month() {
        for (text, year_digits, is_good) in [
            ("240229000000Z", 2, true),
            ("230229000000Z", 2, false),
            ("000229000000Z", 2, true),
            ("20000229000000Z", 4, true),
            ("21000229000000Z", 4, false),
            ("19000229000000Z", 4, false),
            ("20240229000000Z", 4, true),
            ("20230229000000Z", 4, false),
            ("20230228000000Z", 4, true),
            ("20230431000000Z", 4, false),
            ("20230430000000Z", 4, true),
            ("20230131000000Z", 4, true),
            ("20230132000000Z", 4, false),
            ("20230100000000Z", 4, false),
            ("20231200000000Z", 4, false),
            ("20230001000000Z", 4, false),
        ] {
            assert_eq!(parse(text.as_bytes(), year_digits).is_some(), is_good, "{text}");
        }
        // The day behind a leap day, and behind none.
        let days = |text: &[u8]| parse(text, 4).unwrap() / 86_400;
        assert_eq!(days(b"20240301000000Z") - days(b"20240228000000Z"), 2);
        assert_eq!(days(b"21000301000000Z") - days(b"21000228000000Z"), 1);
    }

    #[test]
    fn short_times_are_not_read() {
        let read = |tag, value| Time::read(Tlv { tag, value, raw: value });
        assert!(read(tag::UTC_TIME, b"180829142315Z").is_some());
        assert!(read(tag::UTC_TIME, b"180829142315+0000").is_some());
        assert!(read(tag::GENERALIZED_TIME, b"20180829142315Z").is_some());
        assert_eq!(read(tag::UTC_TIME, b"1808291423Z"), None);
        assert_eq!(read(tag::GENERALIZED_TIME, b"180829142315Z"), None);
        assert_eq!(read(tag::PRINTABLE_STRING, b"180829142315Z"), None);
    }

    #[test]
    fn every_day_round_trips() {
        for days in -200_000..200_000 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month as i64, day), days);
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "1808291423Z",
            "180829142315",
            "180829142315+0000",
            "181329142315Z",
            "180230142315Z",
            "180829242315Z",
        ] {
            assert_eq!(utc(text).seconds(), None, "{text}");
        }
    }
}
