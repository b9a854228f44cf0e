//! Extensions (RFC 8446 section 4.2): their numbers, and how a list of them is walked.

use super::vector::vector;

/// `ExtensionType` (RFC 8446 section 4.2 and the RFCs named).
pub(crate) mod extension_type {
    /// RFC 6066 section 3.
    pub(crate) const SERVER_NAME: u16 = 0;
    pub(crate) const SUPPORTED_GROUPS: u16 = 10;
    pub(crate) const SIGNATURE_ALGORITHMS: u16 = 13;
    /// RFC 7627.
    pub(crate) const EXTENDED_MASTER_SECRET: u16 = 23;
    pub(crate) const PRE_SHARED_KEY: u16 = 41;
    pub(crate) const EARLY_DATA: u16 = 42;
    pub(crate) const SUPPORTED_VERSIONS: u16 = 43;
    pub(crate) const POST_HANDSHAKE_AUTH: u16 = 49;
    pub(crate) const KEY_SHARE: u16 = 51;
    /// RFC 5746.
    pub(crate) const RENEGOTIATION_INFO: u16 = 0xff01;
}

/// The extensions of a list, without the list's own length: number and contents of each, and one `None` at the end where the
/// rest cannot be read.
pub(crate) struct Extensions<'a>(&'a [u8]);

impl<'a> Extensions<'a> {
    pub(crate) const fn new(list: &'a [u8]) -> Self {
        Self(list)
    }

    /// The contents of the first extension with this number; `None` also where a damaged one stands in front of it.
    pub(crate) fn find(self, wanted: u16) -> Option<&'a [u8]> {
        self.map_while(|extension| extension)
            .find(|&(number, _)| number == wanted)
            .map(|(_, contents)| contents)
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Option<(u16, &'a [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        let list = std::mem::take(&mut self.0);
        if list.is_empty() {
            return None;
        }
        let extension = list.split_first_chunk::<2>().and_then(|(number, rest)| {
            let (contents, rest) = vector(rest, 2)?;
            self.0 = rest;
            Some((u16::from_be_bytes(*number), contents))
        });
        Some(extension)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_walked_to_its_end_or_to_the_damage() {
        let whole = [0, 13, 0, 1, 7, 0, 0, 0, 0];
        let found: Option<Vec<_>> = Extensions::new(&whole).collect();
        assert_eq!(found.unwrap(), [(13, &[7][..]), (0, &[])]);
        for cut in 0..whole.len() {
            let extensions: Vec<_> = Extensions::new(&whole[..cut]).collect();
            assert_eq!(extensions.contains(&None), !matches!(cut, 0 | 5), "{cut}");
            assert_eq!(Extensions::new(&whole[..cut]).find(0), None, "{cut}");
        }
        assert_eq!(Extensions::new(&whole).find(0), Some(&[][..]));
        assert_eq!(Extensions::new(&whole).find(1), None);
    }
}
