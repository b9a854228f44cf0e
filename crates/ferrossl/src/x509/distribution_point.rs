//! Where CRLs come from and what they are about: `cRLDistributionPoints` of certificates (RFC 5280 section 4.2.1.13) and
//! `issuingDistributionPoint` of CRLs (section 5.2.5).

use super::der::{all_items, all_of, boolean, items, named_bits, only, tag};
use super::general_name::{GeneralName, names_in};
use super::name::Name;

/// Every reason there is, first bit at the top; the first bit itself is not used (`CRLDP_ALL_REASONS`).
pub(crate) const ALL_REASONS: u16 = 0x7f80;

/// The name of a distribution point. RFC 5280 section 4.2.1.13 has these two forms and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointName {
    /// Names of any kind, each of which is one of the point.
    Full(Vec<GeneralName>),
    /// A name below that of the CRL's issuer, put together with it.
    Relative(Name),
}

impl PointName {
    /// Whether both are names of one point (`idp_check_dp`).
    #[must_use]
    pub fn is_same_point(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Relative(one), Self::Relative(other)) => one == other,
            (Self::Relative(name), Self::Full(names)) | (Self::Full(names), Self::Relative(name)) => {
                names.iter().any(|other| matches!(other, GeneralName::Directory(other) if other == name))
            }
            (Self::Full(names), Self::Full(others)) => names.iter().any(|name| others.contains(name)),
        }
    }
}

/// One of `cRLDistributionPoints`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DistributionPoint {
    /// Its name, if it has one.
    pub name: Option<PointName>,
    /// The reasons of revocation that its CRLs are about, as a BIT STRING has them; without
    /// `reasons`, all bits but the first.
    pub reasons: u16,
    /// Who signs its CRLs, if that is said.
    pub issuers: Option<Vec<GeneralName>>,
}

/// `issuingDistributionPoint`: what a CRL is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuingDistributionPoint {
    /// The distribution point's name, if it has one.
    pub name: Option<PointName>,
    /// Only certificates of subjects that are not CAs.
    pub only_users: bool,
    /// Only CA certificates.
    pub only_authorities: bool,
    /// Only attribute certificates.
    pub only_attributes: bool,
    /// Only some reasons, or certificates of other issuers too: OpenSSL does not take such CRLs by default.
    pub needs_extended_support: bool,
    /// It is limited to more than one of these three kinds, which RFC 5280 section 5.2.5 forbids.
    pub invalid: bool,
}

/// The points of a certificate of this issuer.
pub(super) fn distribution_points(value: &[u8], issuer: &Name) -> Option<Vec<DistributionPoint>> {
    let points = all_of(only(value, tag::SEQUENCE)?.value, tag::SEQUENCE)?;
    points.into_iter().map(|point| distribution_point(point.value, issuer)).collect()
}

/// `SEQUENCE { distributionPoint [0] EXPLICIT DistributionPointName, reasons [1], cRLIssuer [2] GeneralNames }`, all
/// optional.
fn distribution_point(contents: &[u8], issuer: &Name) -> Option<DistributionPoint> {
    let mut fields = items(contents);
    let name = fields.optional(tag::explicit(0));
    let reasons = match fields.optional(tag::implicit(1)) {
        Some(reasons) => named_bits(reasons.value)? & ALL_REASONS,
        None => ALL_REASONS,
    };
    let issuers = match fields.optional(tag::explicit(2)) {
        Some(names) => Some(names_in(names.value)?),
        None => None,
    };
    fields.finish()?;
    let signer = issuers.iter().flatten().find_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    });
    let name = match name {
        Some(name) => Some(point_name(name.value, signer.unwrap_or(issuer))?),
        None => None,
    };
    Some(DistributionPoint { name, reasons, issuers })
}

/// `CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] RelativeDistinguishedName }`.
fn point_name(contents: &[u8], issuer: &Name) -> Option<PointName> {
    let [name] = all_items(contents)?.try_into().ok()?;
    match name.tag {
        t if t == tag::explicit(0) => names_in(name.value).map(PointName::Full),
        t if t == tag::explicit(1) => issuer.with_rdn(name.value).map(PointName::Relative),
        _ => None,
    }
}

/// What a CRL of this issuer is about.
pub(super) fn issuing_distribution_point(value: &[u8], issuer: &Name) -> Option<IssuingDistributionPoint> {
    let mut fields = items(only(value, tag::SEQUENCE)?.value);
    let name = match fields.optional(tag::explicit(0)) {
        Some(name) => Some(point_name(name.value, issuer)?),
        None => None,
    };
    let flag = |flag: Option<super::der::Tlv<'_>>| flag.map_or(Some(false), |flag| boolean(flag.value));
    let only_users = flag(fields.optional(tag::implicit(1)))?;
    let only_authorities = flag(fields.optional(tag::implicit(2)))?;
    let some_reasons = match fields.optional(tag::implicit(3)) {
        Some(reasons) => Some(named_bits(reasons.value)?),
        None => None,
    };
    let is_indirect = flag(fields.optional(tag::implicit(4)))?;
    let only_attributes = flag(fields.optional(tag::implicit(5)))?;
    fields.finish()?;
    let kinds = [only_users, only_authorities, only_attributes];
    Some(IssuingDistributionPoint {
        name,
        only_users,
        only_authorities,
        only_attributes,
        needs_extended_support: some_reasons.is_some() || is_indirect,
        invalid: kinds.into_iter().filter(|&only| only).count() > 1,
    })
}

#[cfg(test)]
mod tests {
    use super::super::der::wrap;
    use super::*;

    fn issuer() -> Name {
        Name::read(&[0x30, 12, 0x31, 10, 0x30, 8, 0x06, 3, 0x55, 4, 3, 0x0c, 1, b'a']).unwrap()
    }

    fn scope(contents: &[u8]) -> Option<IssuingDistributionPoint> {
        issuing_distribution_point(&wrap(tag::SEQUENCE, contents), &issuer())
    }

    /// `CN=letter`, as the contents of a relative name.
    fn relative(letter: u8) -> Vec<u8> {
        vec![0x30, 8, 0x06, 3, 0x55, 4, 3, 0x0c, 1, letter]
    }

    #[test]
    fn every_field_of_a_crls_scope_is_told_apart() {
        let default = IssuingDistributionPoint::default();
        assert_eq!(scope(&[]), Some(default.clone()));
        let users = IssuingDistributionPoint { only_users: true, ..default.clone() };
        assert_eq!(scope(&[0x81, 1, 0xff]), Some(users));
        assert_eq!(scope(&[0x81, 1, 0]), Some(default.clone()));
        let authorities = IssuingDistributionPoint { only_authorities: true, ..default.clone() };
        assert_eq!(scope(&[0x82, 1, 0xff]), Some(authorities));
        let extended = IssuingDistributionPoint { needs_extended_support: true, ..default.clone() };
        assert_eq!(scope(&[0x83, 2, 1, 2]), Some(extended.clone()));
        assert_eq!(scope(&[0x84, 1, 0xff]), Some(extended));
        assert_eq!(scope(&[0x84, 1, 0]), Some(default.clone()));
        let attributes = IssuingDistributionPoint { only_attributes: true, ..default };
        assert_eq!(scope(&[0x85, 1, 0xff]), Some(attributes));
        assert!(scope(&[0x81, 1, 0xff, 0x82, 1, 0xff]).unwrap().invalid);
        assert!(scope(&[0x82, 1, 0xff, 0x85, 1, 0xff]).unwrap().invalid);
    }

    #[test]
    fn damaged_scopes_are_none() {
        for damaged in [
            &[0x86, 1, 0xff][..],
            &[0x81, 0],
            &[0x81, 2, 0, 0xff],
            &[0x83, 0],
            &[0x83, 1, 8],
            &[0x82, 1, 0xff, 0x81, 1, 0xff],
            &[0x81, 1, 0xff, 0x81, 1, 0xff],
            &[0xa0, 0],
            &[0xa0, 2, 0x05, 0],
            &[0xa0, 4, 0xa0, 2, 5, 0],
            &[0xa0, 4, 0xa0, 0, 0xa0, 0],
            &[1, 1, 0xff],
        ] {
            assert_eq!(scope(damaged), None, "{damaged:02x?}");
        }
    }

    #[test]
    fn relative_names_are_below_the_issuers() {
        let point = |letter| scope(&wrap(0xa0, &wrap(0xa1, &relative(letter)))).unwrap().name.unwrap();
        let PointName::Relative(name) = point(b'b') else { panic!("a relative name") };
        assert_eq!(name.one_line(), "CN=a, CN=b");
        assert!(point(b'b').is_same_point(&point(b'B')));
        assert!(!point(b'b').is_same_point(&point(b'c')));
        let full = PointName::Full(vec![GeneralName::Dns("b".into()), GeneralName::Directory(name)]);
        assert!(full.is_same_point(&point(b'b')) && point(b'b').is_same_point(&full));
        assert!(!full.is_same_point(&point(b'c')) && !point(b'c').is_same_point(&full));
        assert!(full.is_same_point(&PointName::Full(vec![GeneralName::Dns("b".into())])));
        assert!(!full.is_same_point(&PointName::Full(vec![GeneralName::Uri("b".into())])));
        assert_eq!(scope(&wrap(0xa0, &wrap(0xa1, &relative(0xff)))), None);
    }

    #[test]
    fn points_of_a_certificate() {
        let read =
            |point: &[u8]| distribution_points(&wrap(tag::SEQUENCE, &wrap(tag::SEQUENCE, point)), &issuer());
        assert_eq!(read(&[0x81, 2, 6, 0x40]).unwrap()[0].reasons, 0x4000);
        assert_eq!(read(&[0x81, 3, 7, 0x7f, 0x80]).unwrap()[0].reasons, ALL_REASONS);
        assert_eq!(read(&[]).unwrap()[0].reasons, ALL_REASONS);
        assert_eq!(
            read(&[0xa2, 3, 0x82, 1, b'a']).unwrap()[0].issuers,
            Some(vec![GeneralName::Dns("a".into())])
        );
        // Relative to the name of whoever signs the list.
        let other = wrap(0xa4, &wrap(tag::SEQUENCE, &wrap(tag::SET, &relative(b'x'))));
        let both = [wrap(0xa0, &wrap(0xa1, &relative(b'b'))), wrap(0xa2, &other)].concat();
        let Some(PointName::Relative(name)) = &read(&both).unwrap()[0].name else {
            panic!("a relative name")
        };
        assert_eq!(name.one_line(), "CN=x, CN=b");
        for damaged in [
            &[0x81, 0][..],
            &[0x81, 1, 8],
            &[0xa2, 2, 5, 0],
            &[0x82, 0],
            &[0xa2, 0, 0xa0, 0],
            &[5, 0],
            &[0xa0, 2, 0x30, 0],
        ] {
            assert_eq!(read(damaged), None, "{damaged:02x?}");
        }
        assert_eq!(distribution_points(&[0x30, 2, 0x31, 0], &issuer()), None);
    }
}
