//! AlgorithmIdentifier (RFC 5280 section 4.1.1.2).

use super::der::{Items, Oid, Tlv, any, items, tag};

/// An algorithm and its parameters, which are whole whatever they are.
#[derive(Clone, Debug)]
pub(super) struct AlgorithmIdentifier<'a> {
    pub(super) identifier: Oid<'a>,
    pub(super) parameters: Option<Tlv<'a>>,
    pub(super) raw: &'a [u8],
}

impl<'a> AlgorithmIdentifier<'a> {
    /// Takes the next of these fields, which must be one; `None` when it is damaged.
    pub(super) fn take(fields: &mut Items<'a>) -> Option<Self> {
        Self::read(fields.next()?)
    }

    pub(super) fn read(item: Tlv<'a>) -> Option<Self> {
        if item.tag != tag::SEQUENCE {
            return None;
        }
        let mut fields = items(item.value);
        let identifier = Oid::read(fields.expect(tag::OID)?.value)?;
        let parameters = fields.next();
        fields.finish()?;
        if let Some(parameters) = parameters {
            any(parameters)?;
        }
        Some(Self { identifier, parameters, raw: item.raw })
    }
}

#[cfg(test)]
mod tests {
    use super::super::der::wrap;
    use super::*;

    #[test]
    fn an_identifier_and_at_most_one_parameter() {
        let read = |tag, contents: &[u8]| {
            let raw = wrap(tag, contents);
            let algorithm = AlgorithmIdentifier::take(&mut items(&raw))?;
            Some((algorithm.identifier.dotted(), algorithm.parameters.map(|parameters| parameters.tag)))
        };
        let kind = [6, 1, 0x2a];
        assert_eq!(read(0x30, &kind), Some(("1.2".into(), None)));
        assert_eq!(read(0x30, &[6, 1, 0x2a, 5, 0]), Some(("1.2".into(), Some(5))));
        for damaged in
            [&[][..], &[5, 0], &[6, 0], &[6, 1, 0x2a, 5, 0, 5, 0], &[6, 1, 0x2a, 5, 1, 0], &[6, 1, 0x2a, 5]]
        {
            assert_eq!(read(0x30, damaged), None, "{damaged:02x?}");
        }
        assert_eq!(read(0x31, &kind), None);
    }
}
