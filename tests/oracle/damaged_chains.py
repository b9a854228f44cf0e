"""Good chains that have everything in them, and every single change of each of their parts as questions.

Nothing here depends on the day or on chance: the same keys, times and signatures in each run.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import ipaddress
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID as Eku, NameOID

from damage import BIT_STRING, Mutant, Node, find, mutants, parse
from verdicts import Question

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
HOST, ADDRESS = "www.example.com", "10.0.0.1"
STRICT = ("x509_strict",)
LISTS = ("crl_check", "crl_check_all")
PARTIAL = ("partial_chain",)
CRL = "X509 CRL"
#: Kinds of keys beside P-256. No suite authenticates with the last one, and it is refused.
KINDS = ("rsa", "pss", "ed25519", "p384", "p521", "k1")
#: Where the key is in a certificate.
KEY = "tbs.6"


#: id-RSASSA-PSS with SHA-256, its mask with SHA-256 and no salt.
PSS = bytes.fromhex(
    "3041 06092a864886f70d01010a 3034 a00f300d06096086480165030402010500"
    "a11c301a06092a864886f70d010108300d06096086480165030402010500 a203020100"
)


def _prime(seed: int, distance: int) -> int:
    """The first prime behind a number of 1024 bits; how far behind was found out before."""
    return (random.Random(seed).getrandbits(1024) | 3 << 1022 | 1) + distance


@cache
def key(name: str) -> Any:
    """A key for each name, the same in each run: `rsa middle`, `p384 leaf`, or P-256 for any other."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    kind = name.split()[0]
    if kind in ("rsa", "pss"):
        p, q = _prime(1, 286), _prime(2, 396)
        d = pow(65537, -1, (p - 1) * (q - 1))
        numbers = rsa.RSAPrivateNumbers(
            p,
            q,
            d,
            rsa.rsa_crt_dmp1(d, p),
            rsa.rsa_crt_dmq1(d, q),
            rsa.rsa_crt_iqmp(p, q),
            rsa.RSAPublicNumbers(65537, p * q),
        )
        return numbers.private_key()
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    curve = {"p384": ec.SECP384R1(), "p521": ec.SECP521R1(), "k1": ec.SECP256K1()}.get(kind, ec.SECP256R1())
    return ec.derive_private_key(number >> 1, curve)


def signer(name: str) -> Callable[[bytes], bytes]:
    """What makes signatures with a key."""
    private = key(name)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return lambda data: bytes(private.sign(data))
    if isinstance(private, rsa.RSAPrivateKey):
        if name.startswith("pss"):
            # Without salt, so that the signature is the same in each run.
            return lambda data: bytes(
                private.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 0), hashes.SHA256())
            )
        return lambda data: bytes(private.sign(data, padding.PKCS1v15(), hashes.SHA256()))
    return lambda data: bytes(private.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))


def _key_usage(*names: str) -> x509.KeyUsage:
    fields = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
    )
    fields += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{field: field in names for field in fields})


def _raw(dotted: str, value: str) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(dotted), bytes.fromhex(value))


def _name(common_name: str) -> x509.Name:
    utf8, printable, t61, ia5 = (
        getattr(x509.name._ASN1Type, kind)
        for kind in ("UTF8String", "PrintableString", "T61String", "IA5String")
    )
    return x509.Name(
        [
            x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COUNTRY_NAME, "XY")]),
            x509.RelativeDistinguishedName(
                [
                    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Örakel  Ltd", _type=utf8),
                    x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Tests", _type=printable),
                ]
            ),
            x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.LOCALITY_NAME, "Delphi", _type=t61)]),
            x509.RelativeDistinguishedName(
                [x509.NameAttribute(NameOID.EMAIL_ADDRESS, "me@mail.example.com", _type=ia5)]
            ),
            x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]),
        ]
    )


_URI = x509.UniformResourceIdentifier("http://example.com/list.crl")
_SHORT = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "short")])
_POLICY = "300a300806062a0304050607"
_SUBNAMES = (
    x509.DNSName("example.com"),
    x509.IPAddress(ipaddress.ip_network("10.0.0.0/8")),
    x509.RFC822Name("mail.example.com"),
    x509.UniformResourceIdentifier("example.com"),
    x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "XY")])),
)
_EXCLUDED = (
    x509.DNSName("bad.example.com"),
    x509.DirectoryName(_SHORT),
    x509.RFC822Name("me@bad.example.com"),
)
_NAMES = (
    x509.DNSName("other.example.com"),
    x509.DNSName(HOST),
    x509.IPAddress(ipaddress.ip_address(ADDRESS)),
    x509.RFC822Name("me@mail.example.com"),
    x509.UniformResourceIdentifier("https://example.com/path"),
    x509.DirectoryName(_name("leaf")),
    x509.RegisteredID(x509.ObjectIdentifier("1.2.3.4")),
    x509.OtherName(x509.ObjectIdentifier("1.2.3.5"), b"\x0c\x02me"),
)


def _extensions(
    role: str, public: Any, issuer_name: x509.Name, issuer_public: Any
) -> Iterator[tuple[Any, bool]]:
    aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public)
    full = x509.AuthorityKeyIdentifier(
        aki.key_identifier, [x509.DirectoryName(_name("root"))], SERIALS["middle"]
    )
    points = [
        x509.DistributionPoint([_URI, x509.DirectoryName(_SHORT)], None, None, None),
        x509.DistributionPoint(
            None, None, frozenset({x509.ReasonFlags.key_compromise}), [x509.DirectoryName(_SHORT)]
        ),
        x509.DistributionPoint(
            None,
            x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, "part")]),
            None,
            None,
        ),
    ]
    yield x509.SubjectKeyIdentifier.from_public_key(public), False
    if role == "root":
        yield aki, False
        yield x509.BasicConstraints(True, 3), True
        yield _key_usage("key_cert_sign", "crl_sign"), True
    if role == "middle":
        yield aki, False
        yield x509.BasicConstraints(True, 0), True
        yield _key_usage("key_cert_sign", "crl_sign", "digital_signature"), True
        yield x509.ExtendedKeyUsage([Eku.SERVER_AUTH, Eku.CLIENT_AUTH]), False
        yield x509.NameConstraints(_SUBNAMES, _EXCLUDED), True
        yield _raw("2.5.29.32", _POLICY), False
        yield x509.PolicyConstraints(1, 1), False
        yield x509.InhibitAnyPolicy(1), False
        yield _raw("2.5.29.33", "3010300e06062a030405060706042a030408"), False
    if role == "leaf":
        yield full, False
        yield x509.BasicConstraints(False, None), False
        yield _key_usage("digital_signature", "decipher_only", "key_agreement"), True
        yield x509.ExtendedKeyUsage([Eku.SERVER_AUTH, Eku.CLIENT_AUTH, Eku.EMAIL_PROTECTION]), True
        yield x509.SubjectAlternativeName(_NAMES), False
        yield x509.IssuerAlternativeName([x509.DNSName("ca.example.com")]), False
        yield x509.CRLDistributionPoints(points), False
        yield x509.FreshestCRL(points[:1]), False
        description = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _URI)
        yield x509.AuthorityInformationAccess([description]), False
        yield _raw("2.5.29.32", _POLICY), False
        yield _raw("2.16.840.1.113730.1.1", "030206c0"), False
        yield x509.OCSPNoCheck(), False
        yield x509.TLSFeature([x509.TLSFeatureType.status_request]), False
        yield _raw("1.2.3.4.5.6.7", "0500"), False


SERIALS = {"root": 0x7001, "middle": 0x0080_0102_0304, "leaf": 0x7FAB_CDEF}


def _certificate(
    role: str, key_name: str, issuer: str, issuer_key: str, extensions: list[tuple[Any, bool]] | None = None
) -> bytes:
    """A certificate, with issuerUniqueID and subjectUniqueID in the leaf."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(role))
        .issuer_name(_name(issuer))
        .public_key(key(key_name).public_key())
        .serial_number(SERIALS[role])
        .not_valid_before(NOW - 100 * DAY)
        .not_valid_after(NOW + 100 * DAY if role == "leaf" else NOW + 40000 * DAY)
    )
    if extensions is None:
        public, above = key(key_name).public_key(), key(issuer_key).public_key()
        extensions = list(_extensions(role, public, _name(issuer), above))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    made = _sign(builder, issuer_key)
    if key_name.startswith("pss"):
        # A key that says how it signs (RFC 4055 section 3.1), with the parameters that `signer` keeps.
        tree = parse(made)
        find(tree, (0, 6, 0)).raw = PSS
        made = _signed_again(tree, issuer_key)
    if role == "leaf" and extensions:
        tree = parse(made)
        assert tree.items is not None and tree.items[0].items is not None
        tree.items[0].items[-1:-1] = [Node(0x81, b"\0\x01"), Node(0x82, b"\x04\xf0")]
        made = _signed_again(tree, issuer_key)
    return made


def _sign(builder: Any, key_name: str) -> bytes:
    private = key(key_name)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        made = builder.sign(private, None)
    elif key_name.startswith("pss"):
        made = builder.sign(
            private, hashes.SHA256(), rsa_padding=padding.PSS(padding.MGF1(hashes.SHA256()), 0)
        )
    else:
        made = builder.sign(private, hashes.SHA256())
    return _signed_again(parse(made.public_bytes(Encoding.DER)), key_name)


def _signed_again(tree: Node, key_name: str) -> bytes:
    assert tree.items is not None
    tree.items[2] = Node(BIT_STRING, b"\0" + signer(key_name)(tree.items[0].encode()))
    return tree.encode()


def revocation_list(issuer: str, revoked: str | None, scope: bool) -> bytes:
    """A CRL with entries of every kind; `revoked` is in it too."""
    aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(key(issuer).public_key())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(_name(issuer))
        .last_update(NOW - DAY)
        .next_update(NOW + 40000 * DAY)
        .add_extension(aki, False)
        .add_extension(x509.CRLNumber(0x80), False)
    )
    if scope:
        point = x509.IssuingDistributionPoint([_URI], None, True, False, None, False, False)
        builder = builder.add_extension(point, True)
        builder = builder.add_extension(
            x509.FreshestCRL([x509.DistributionPoint([_URI], None, None, None)]), False
        )
    entries: list[tuple[int, list[x509.ExtensionType]]] = [
        (5, []),
        (
            0x80,
            [x509.CRLReason(x509.ReasonFlags.key_compromise), x509.InvalidityDate(NOW.replace(tzinfo=None))],
        ),
    ]
    if revoked is not None:
        entries.append((SERIALS[revoked], [x509.CRLReason(x509.ReasonFlags.superseded)]))
    for serial, extensions in entries:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - 2 * DAY)
        for extension in extensions:
            entry = entry.add_extension(extension, False)
        builder = builder.add_revoked_certificate(entry.build())
    return _sign(builder, issuer)


def pem(der: bytes, label: str = "CERTIFICATE") -> bytes:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n".encode()


@dataclass(frozen=True)
class Asked:
    """A question with its name; and what was changed, before and after."""

    name: str
    make: Callable[[], Question]
    before: bytes = b""
    after: Callable[[], bytes] = bytes


@dataclass(frozen=True)
class Good:
    """A chain that is accepted in each way that it is asked for."""

    leaf: bytes
    middle: bytes
    root: bytes
    lists: tuple[bytes, ...] = ()

    def question(self, **values: Any) -> Question:
        plain = Question(
            leaf=pem(self.leaf),
            sent=(pem(self.middle),),
            trusted=(pem(self.root),),
            lists=tuple(pem(der, "X509 CRL") for der in self.lists),
            host=HOST,
            time=int(NOW.timestamp()),
        )
        return replace(plain, **values)

    def with_leaf(self, der: bytes) -> Question:
        return self.question(leaf=pem(der))

    def with_middle(self, der: bytes) -> Question:
        return self.question(sent=(pem(der),))


@cache
def whole() -> Good:
    """The chain that has everything."""
    return Good(
        _certificate("leaf", "leaf", "middle", "middle"),
        _certificate("middle", "middle", "root", "root"),
        _certificate("root", "root", "root", "root"),
        (revocation_list("middle", None, True), revocation_list("root", None, False)),
    )


@cache
def bare() -> Good:
    """No name but the common one, and no extension that does not have to be."""
    usages = [(x509.BasicConstraints(True, None), True)]
    return Good(
        _without_extensions(_certificate("leaf", "leaf", "middle", "middle", []), "middle"),
        _certificate("middle", "middle", "root", "root", usages),
        _without_extensions(_certificate("root", "root", "root", "root", []), "root"),
        (revocation_list("middle", None, False), revocation_list("root", None, False)),
    )


def _without_extensions(der: bytes, key_name: str) -> bytes:
    """As version 1: without a version, and with a common name that is a host's."""
    tree = parse(der)
    assert tree.items is not None and tree.items[0].items is not None
    fields = tree.items[0].items
    tree.items[0].items = [field for field in fields if field.tag not in (0xA0, 0xA3)]
    if key_name == "middle":
        name = find(tree, (0, 4))
        assert name.items is not None
        common_name = find(name, (len(name.items) - 1, 0, 1))
        common_name.value = HOST.encode()
    return _signed_again(tree, key_name)


def with_keys(leaf: str, middle: str) -> Good:
    """The whole chain with other kinds of keys."""
    usual = whole()
    return Good(
        _certificate("leaf", leaf, "middle", middle),
        usual.middle if middle == "middle" else _certificate("middle", middle, "root", "root"),
        usual.root,
    )


def asked() -> Iterator[Asked]:
    """Every question, in a fixed order."""
    for label, chain in (("", whole()), ("bare ", bare())):
        strict = () if label else STRICT
        yield from _about_leaf(label, chain, strict)
        yield from _about_middle(label, chain, strict)
        yield from _about_root(label, chain, strict)
        yield from _about_lists(label, chain)
    yield from _about_keys()


Way = tuple[str, Callable[[bytes], Question]]


def _each(label: str, before: bytes, key_name: str, *ways: Way, only: str = "") -> Iterator[Asked]:
    """Every change of this, signed with that key, in each way that it is asked about."""

    def make(question: Callable[[bytes], Question], mutant: Mutant) -> Callable[[], Question]:
        return lambda: question(mutant.make())

    for mutant in mutants(before, signer(key_name)):
        if mutant.name.startswith(only):
            for way, question in ways:
                yield Asked(f"{label}{mutant.name}{way}", make(question, mutant), before, mutant.make)


def _about_leaf(label: str, chain: Good, strict: tuple[str, ...]) -> Iterator[Asked]:
    def plain(der: bytes) -> Question:
        return chain.question(leaf=pem(der), lists=())

    def strictly(der: bytes) -> Question:
        return chain.question(leaf=pem(der), flags=(*strict, *LISTS), host=None if label else ADDRESS)

    def trusted(der: bytes) -> Question:
        leaf = pem(der)
        return chain.question(leaf=leaf, trusted=(leaf,), sent=(), lists=(), flags=PARTIAL)

    ways = (("", plain), (" (strict, list, address)", strictly), (" (trusted)", trusted))
    yield from _each(f"{label}leaf ", chain.leaf, "middle", *ways)


def _about_middle(label: str, chain: Good, strict: tuple[str, ...]) -> Iterator[Asked]:
    def plain(der: bytes) -> Question:
        return chain.question(sent=(pem(der),), lists=())

    def strictly(der: bytes) -> Question:
        return chain.question(sent=(pem(der),), flags=(*strict, *LISTS))

    def trusted(der: bytes) -> Question:
        return chain.question(sent=(), trusted=(pem(der),), lists=(), flags=PARTIAL, server=False)

    ways = (("", plain), (" (strict, list)", strictly), (" (trusted, client)", trusted))
    yield from _each(f"{label}middle ", chain.middle, "root", *ways)


def _about_root(label: str, chain: Good, strict: tuple[str, ...]) -> Iterator[Asked]:
    def plain(der: bytes) -> Question:
        return chain.question(trusted=(pem(der),), lists=())

    def strictly(der: bytes) -> Question:
        return chain.question(trusted=(pem(der),), flags=(*strict, *LISTS))

    ways = (("", plain), (" (strict, list)", strictly))
    yield from _each(f"{label}root ", chain.root, "root", *ways)


def _about_lists(label: str, chain: Good) -> Iterator[Asked]:
    of_middle, of_root = chain.lists

    def about_leaf(der: bytes) -> Question:
        return chain.question(lists=(pem(der, CRL),), flags=LISTS[:1])

    def about_middle(der: bytes) -> Question:
        return chain.question(lists=(pem(of_middle, CRL), pem(der, CRL)), flags=LISTS)

    revoking = revocation_list("middle", "leaf", not label)
    yield from _each(f"{label}list ", of_middle, "middle", ("", about_leaf))
    yield from _each(f"{label}revoking list ", revoking, "middle", ("", about_leaf))
    yield from _each(f"{label}root's list ", of_root, "root", ("", about_middle))


def _about_keys() -> Iterator[Asked]:
    """Keys and signatures of other kinds: what describes the key, and what describes the signature."""
    for kind in KINDS:
        chain = with_keys(f"{kind} leaf", "middle")
        yield from _each(f"{kind} leaf ", chain.leaf, "middle", ("", chain.with_leaf), only=KEY)
    for kind in ("rsa", "pss", "ed25519"):
        name = f"{kind} middle"
        chain = with_keys("leaf", name)
        for part in ("outer", "both", "signature"):
            yield from _each(f"{kind} signed leaf ", chain.leaf, name, ("", chain.with_leaf), only=part)
        yield from _each(f"{kind} middle ", chain.middle, "root", ("", chain.with_middle), only=KEY)


def good() -> Iterator[Asked]:
    """The chains as they are, each as the changed ones are asked."""

    def asked_as(name: str, **values: Any) -> Asked:
        return Asked(name, lambda: chain.question(**values))

    for label, chain in (("", whole()), ("bare ", bare())):
        strict = () if label else STRICT
        leaf, middle = pem(chain.leaf), pem(chain.middle)
        yield asked_as(f"{label}plain", lists=())
        yield asked_as(f"{label}strict", flags=(*strict, *LISTS), host=None if label else ADDRESS)
        yield asked_as(f"{label}trusted", trusted=(leaf,), sent=(), lists=(), flags=PARTIAL)
        yield asked_as(f"{label}partial", sent=(), trusted=(middle,), lists=(), flags=PARTIAL, server=False)
    for kind in KINDS:
        chain = with_keys(f"{kind} leaf", "middle")
        if kind != "k1":
            yield asked_as(f"{kind} leaf")
    for kind in ("rsa", "pss", "ed25519"):
        chain = with_keys("leaf", f"{kind} middle")
        yield asked_as(f"{kind} middle")
