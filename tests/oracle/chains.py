"""Certificate chains with everything that can be wrong about them, for comparison with OpenSSL's verdicts."""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku, NameOID

from damage import find, parse

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
HOST = "www.example.com"


KINDS: dict[str, Callable[[], Any]] = {
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


@cache
def key(name: str) -> Any:
    """A key for each name, made once: what is compared are verdicts, not keys."""
    for kind, make in KINDS.items():
        if name.startswith(kind):
            return make()
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Spec:
    """What one certificate is to say."""

    common_name: str
    key: str
    ca: bool | None = None  # None: no basicConstraints
    path_length: int | None = None
    bc_critical: bool = True
    key_usage: tuple[str, ...] | None = None
    extended: tuple[x509.ObjectIdentifier, ...] | None = None
    names: tuple[x509.GeneralName, ...] | None = None
    start: float = -10  # days from now
    end: float = 10
    permitted: tuple[x509.GeneralName, ...] | None = None
    excluded: tuple[x509.GeneralName, ...] | None = None
    unknown_critical: bool = False
    aki: bool = True
    ski: bool = True
    wrong_aki: bool = False
    sign_with: str | None = None  # another key than the issuer's
    email: str | None = None
    malformed: str | None = None  # the identifier of an extension whose contents make no sense
    aki_critical: bool = False
    proxy: int | None = None  # proxyCertInfo with this path length; -1 for none
    name_of: Spec | None = None  # the subject is this one's, with the common name behind it
    ski_critical: bool = False
    digest: str = "SHA256"  # that of the issuer's signature
    salt: Any = None  # RSASSA-PSS with so much salt, where the issuer's key is RSA
    netscape: int | None = None  # Netscape's certificate type, these bits
    netscape_critical: bool = False
    names_critical: bool = False
    nameless: bool = False  # an empty subject
    old: bool = False  # version 1, with extensions all the same


KU_FIELDS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


def _key_usage(names: tuple[str, ...]) -> x509.KeyUsage:
    values = {name: name in names for name in KU_FIELDS}
    return x509.KeyUsage(**values, encipher_only=False, decipher_only=False)


def _name(spec: Spec) -> x509.Name:
    if spec.name_of is not None:
        common_name = x509.NameAttribute(NameOID.COMMON_NAME, spec.common_name)
        return x509.Name([*_name(spec.name_of), common_name])
    if spec.nameless:
        return x509.Name([])
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Oracle")]
    if spec.email:
        attributes.append(x509.NameAttribute(NameOID.EMAIL_ADDRESS, spec.email))
    attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, spec.common_name))
    return x509.Name(attributes)


@cache
def certificate(spec: Spec, issuer: Spec) -> x509.Certificate:
    public = key(spec.key).public_key()
    issuer_key = key(issuer.key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(spec))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(1000 + abs(hash(spec)) % 10**9)
        .not_valid_before(NOW + datetime.timedelta(days=spec.start))
        .not_valid_after(NOW + datetime.timedelta(days=max(spec.end, spec.start + 1)))
    )
    if spec.ca is not None:
        constraints = x509.BasicConstraints(spec.ca, spec.path_length if spec.ca else None)
        builder = builder.add_extension(constraints, spec.bc_critical)
    if spec.key_usage is not None:
        builder = builder.add_extension(_key_usage(spec.key_usage), True)
    if spec.extended is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(spec.extended), False)
    if spec.names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(spec.names), spec.names_critical)
    if spec.permitted is not None or spec.excluded is not None:
        builder = builder.add_extension(x509.NameConstraints(spec.permitted, spec.excluded), True)
    if spec.unknown_critical:
        oid = x509.ObjectIdentifier("1.2.3.4.5.6.7")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, b"\x05\x00"), True)
    if spec.ski:
        identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        builder = builder.add_extension(identifier, spec.ski_critical)
    if spec.aki:
        source = key("nobody's") if spec.wrong_aki else issuer_key
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(source.public_key())
        builder = builder.add_extension(identifier, spec.aki_critical)
    if spec.proxy is not None:
        length = b"" if spec.proxy < 0 else bytes((2, 1, spec.proxy))
        # With the policy id-ppl-inheritAll (RFC 3820 section 3.8.2).
        policy = b"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x15\x01"
        contents = bytes((0x30, len(length + policy))) + length + policy
        info = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.14"), contents)
        builder = builder.add_extension(info, True)
    if spec.netscape is not None:
        oid = x509.ObjectIdentifier("2.16.840.1.113730.1.1")
        kind = x509.UnrecognizedExtension(oid, bytes((3, 2, 0, spec.netscape)))
        builder = builder.add_extension(kind, spec.netscape_critical)
    if spec.malformed is not None:
        oid = x509.ObjectIdentifier(spec.malformed)
        # Another change may have put a good one there already; then that one stays.
        with contextlib.suppress(ValueError):
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, b"\x04\x01\x00"), False)
    signer = key(spec.sign_with) if spec.sign_with else issuer_key
    digest: Any = hashes.SHA256() if spec.digest == "SHA1" else getattr(hashes, spec.digest)()
    if spec.old:
        return _without_version(builder, signer)
    if isinstance(signer, ed25519.Ed25519PrivateKey):
        return builder.sign(signer, None)
    if spec.digest == "SHA1" and isinstance(signer, rsa.RSAPrivateKey):
        return _signed_with_sha1(builder.sign(signer, hashes.SHA256()), signer)
    if spec.salt is not None and isinstance(signer, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(digest), spec.salt)
        return builder.sign(signer, digest, rsa_padding=pss)
    return builder.sign(signer, digest)


def _without_version(builder: x509.CertificateBuilder, signer: Any) -> x509.Certificate:
    """The same as version 1, which is what a certificate has that does not say."""
    is_edwards = isinstance(signer, ed25519.Ed25519PrivateKey)
    tree = parse(builder.sign(signer, None if is_edwards else hashes.SHA256()).public_bytes(Encoding.DER))
    signed = find(tree, (0,))
    assert signed.items is not None
    del signed.items[0]
    data = signed.encode()
    if is_edwards:
        signature = signer.sign(data)
    elif isinstance(signer, rsa.RSAPrivateKey):
        signature = signer.sign(data, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = signer.sign(data, ec.ECDSA(hashes.SHA256()))
    find(tree, (2,)).value = b"\0" + signature
    find(tree, (2,)).items = None
    return x509.load_der_x509_certificate(tree.encode())


def _signed_with_sha1(made: x509.Certificate, signer: rsa.RSAPrivateKey) -> x509.Certificate:
    """The same with sha1WithRSAEncryption, which the library does not make any more."""

    def sequence(tag: int, contents: bytes) -> bytes:
        size = len(contents)
        length = bytes((0x81, size)) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
        return bytes((tag,)) + length + contents

    sha256, sha1 = (bytes.fromhex(f"300d06092a864886f70d0101{kind}0500") for kind in ("0b", "05"))
    signed = made.tbs_certificate_bytes.replace(sha256, sha1)
    signature = signer.sign(signed, padding.PKCS1v15(), hashes.SHA1())
    return x509.load_der_x509_certificate(sequence(0x30, signed + sha1 + sequence(3, b"\0" + signature)))


@dataclass(frozen=True)
class Case:
    """A chain, who trusts whom, and the question."""

    leaf: Spec = Spec("leaf", "leaf", False, names=(x509.DNSName(HOST),), key_usage=("digital_signature",))
    middle: Spec = Spec("middle", "middle", True, key_usage=("key_cert_sign", "crl_sign"))
    root: Spec = Spec("root", "root", True, key_usage=("key_cert_sign", "crl_sign"))
    trusted: tuple[str, ...] = ("root",)
    sent: tuple[str, ...] = ("middle",)
    flags: tuple[str, ...] = ()
    host: str | None = HOST
    lists: tuple[str, ...] = ()
    self_signed: bool = False
    server: bool = True
    proxies: tuple[Spec, ...] = ()
    trusted_first: bool = True
    level: int = 2
    settings: tuple[tuple[str, bytes], ...] = ()  # of trusted certificates, by name: X509_CERT_AUX in DER
    changes: tuple[str, ...] = field(default=(), compare=False)

    def certificates(self) -> dict[str, x509.Certificate]:
        made = {
            "root": certificate(self.root, self.root),
            "middle": certificate(self.middle, self.root),
            "leaf": certificate(self.leaf, self.leaf if self.self_signed else self.middle),
        }
        if self.proxies:
            made["holder"] = made["leaf"]
            below = self.leaf
            for number, proxy in enumerate(self.proxies):
                proxy = replace(proxy, name_of=below if proxy.name_of is None else proxy.name_of)
                made["leaf"] = certificate(proxy, below)
                made[f"proxy{number}"] = made["leaf"]
                below = proxy
        stranger = replace(self.root, key="stranger")
        made["stranger"] = certificate(stranger, stranger)
        # The root's name and key at other times: one that is not valid yet, and one that has just ended.
        early, ending = replace(self.root, start=1, end=20), replace(self.root, start=-5, end=0)
        made["early root"], made["ending root"] = certificate(early, early), certificate(ending, ending)
        # The root's name and key, vouched for by the stranger.
        made["cross"] = certificate(self.root, stranger)
        return made

    def with_settings(self, name: str, pem: bytes) -> bytes:
        """A trusted certificate in PEM, with its trust settings if it has some."""
        settings = dict(self.settings).get(name)
        if settings is None:
            return pem
        contents = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER) + settings
        body = base64.encodebytes(contents)
        return b"-----BEGIN TRUSTED CERTIFICATE-----\n" + body + b"-----END TRUSTED CERTIFICATE-----\n"

    def revocation_lists(self) -> list[bytes]:
        made = self.certificates()
        issuers = {
            "leaf": ("middle", self.middle),
            "middle": ("root", self.root),
            "root": ("root", self.root),
        }
        found = []
        for text in self.lists:
            about, _, fault = text.partition(":")
            issuer, spec = issuers[about]
            times = {"expired": (-5, -1), "early": (1, 5), "ends now": (-1, 0), "begins now": (0, 5)}
            start, end = times.get(fault, (-1, 5))
            builder = (
                x509.CertificateRevocationListBuilder()
                .issuer_name(made[issuer].subject)
                .last_update(NOW + datetime.timedelta(days=start))
                .next_update(NOW + datetime.timedelta(days=end))
            )
            serial = made[about].serial_number if fault.endswith("revoked") else 5
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW).build()
            builder = builder.add_revoked_certificate(revoked)
            if fault == "critical":
                oid = x509.ObjectIdentifier("1.2.3.4.5.6.8")
                builder = builder.add_extension(x509.UnrecognizedExtension(oid, b"\x05\x00"), True)
            scope = SCOPES.get(fault)
            if scope is not None:
                builder = builder.add_extension(_scope(**scope), True)
            if fault == "number":
                builder = builder.add_extension(x509.CRLNumber(7), True)
            if fault == "delta":
                builder = builder.add_extension(x509.DeltaCRLIndicator(6), True)
                builder = builder.add_extension(x509.CRLNumber(7), False)
            if fault.startswith("entry "):
                found_in_entry = x509.RevokedCertificateBuilder().serial_number(6).revocation_date(NOW)
                extension, critical = ENTRIES[fault.removeprefix("entry ")]
                builder = builder.add_revoked_certificate(
                    found_in_entry.add_extension(extension, critical).build()
                )
            signer = key("stranger") if fault == "forged" else key(spec.key)
            if fault.startswith("above"):
                # By the key further up, which says so.
                signer = key(self.root.key)
                identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
                builder = builder.add_extension(identifier, False)
            digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
            found.append(builder.sign(signer, digest).public_bytes(Encoding.PEM))
        return found


#: What a CRL may be about (RFC 5280 section 5.2.5).
SCOPES: dict[str, dict[str, Any]] = {
    "users": {"only_contains_user_certs": True},
    "authorities": {"only_contains_ca_certs": True},
    "attributes": {"only_contains_attribute_certs": True},
    "indirect": {"indirect_crl": True},
    "some reasons": {"only_some_reasons": frozenset({x509.ReasonFlags.key_compromise})},
    "somewhere": {"full_name": [x509.UniformResourceIdentifier("http://example.com/list.crl")]},
}

#: Extensions of a CRL's entry, and whether they are critical.
ENTRIES: dict[str, tuple[x509.ExtensionType, bool]] = {
    "reason": (x509.CRLReason(x509.ReasonFlags.superseded), True),
    "date": (x509.InvalidityDate(NOW.replace(tzinfo=None)), True),
    "unknown": (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5.6.9"), b"\x05\x00"), True),
}


def _scope(**kind: Any) -> x509.IssuingDistributionPoint:
    nothing: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**nothing, **kind})


def _dns(*names: str) -> tuple[x509.GeneralName, ...]:
    return tuple(x509.DNSName(name) for name in names)


def _ip(text: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(text))


def _network(text: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_network(text))


def _of(part: str, **values: Any) -> Callable[[Case], Case]:
    return lambda case: replace(case, **{part: replace(getattr(case, part), **values)})


def _case(**values: Any) -> Callable[[Case], Case]:
    return lambda case: replace(case, **values)


def _flag(name: str) -> Callable[[Case], Case]:
    return lambda case: replace(case, flags=(*case.flags, name))


def _crl(*lists: str, chain: bool = False) -> Callable[[Case], Case]:
    names = ("crl_check_all",) if chain else ("crl_check",)
    return lambda case: replace(case, lists=(*case.lists, *lists), flags=(*case.flags, *names))


_PROXY = Spec(HOST, "proxy", None, key_usage=("digital_signature",), proxy=-1)


def _proxies(*proxies: Spec) -> Callable[[Case], Case]:
    between = tuple(f"proxy{number}" for number in reversed(range(len(proxies) - 1)))
    return lambda case: replace(case, proxies=proxies, sent=(*between, "holder", *case.sent))


def _allowed(*proxies: Spec) -> Callable[[Case], Case]:
    return lambda case: _flag("allow_proxy_certs")(_proxies(*proxies)(case))


_SERVER, _CLIENT, _ANY, _EMAIL = (
    bytes.fromhex(oid)
    for oid in ("06082b06010505070301", "06082b06010505070302", "0604551d2500", "06082b06010505070304")
)


def _sequence(tag: int, *items: bytes) -> bytes:
    contents = b"".join(items)
    return bytes((tag, len(contents))) + contents


def _settings(
    name: str, *, trust: tuple[bytes, ...] = (), reject: tuple[bytes, ...] = ()
) -> Callable[[Case], Case]:
    """X509_CERT_AUX: SEQUENCE { trust SEQUENCE OF OID, reject [0] SEQUENCE OF OID, alias, ... }."""
    lists = [_sequence(0x30, *trust)] if trust else []
    lists += [_sequence(0xA0, *reject)] if reject else []
    aux = _sequence(0x30, *lists, b"\x0c\x05alias")
    return lambda case: replace(case, settings=(*case.settings, (name, aux)))


def _trusting(*names: str, **settings: Any) -> Callable[[Case], Case]:
    """Trusts these, the first one of them with settings."""
    return lambda case: _settings(names[0], **settings)(replace(case, trusted=names))


#: Everything that can be changed about a good chain, by name.
CHANGES: dict[str, Callable[[Case], Case]] = {
    # times
    "leaf expired": _of("leaf", start=-5, end=-1),
    "leaf early": _of("leaf", start=1),
    "middle expired": _of("middle", start=-5, end=-1),
    "middle early": _of("middle", start=1),
    "root expired": _of("root", start=-5, end=-1),
    "leaf begins now": _of("leaf", start=0),
    "leaf ends now": _of("leaf", start=-5, end=0),
    "root begins now": _of("root", start=0),
    "root ends now": _of("root", start=-5, end=0),
    # basic constraints
    "leaf no bc": _of("leaf", ca=None),
    "leaf ca": _of("leaf", ca=True),
    "middle no bc": _of("middle", ca=None),
    "middle no ca": _of("middle", ca=False),
    "middle bc not critical": _of("middle", bc_critical=False),
    "middle pathlen 0": _of("middle", path_length=0),
    "root pathlen 0": _of("root", path_length=0),
    "root pathlen 1": _of("root", path_length=1),
    "root no bc": _of("root", ca=None),
    "root no ca": _of("root", ca=False),
    # key usage
    "leaf no ku": _of("leaf", key_usage=None),
    "leaf ku certsign": _of("leaf", key_usage=("key_cert_sign",)),
    "leaf ku encipherment": _of("leaf", key_usage=("key_encipherment",)),
    "leaf ku signature and certsign": _of("leaf", key_usage=("digital_signature", "key_cert_sign")),
    "middle no ku": _of("middle", key_usage=None),
    "middle ku signature": _of("middle", key_usage=("digital_signature",)),
    "middle ku no crlsign": _of("middle", key_usage=("key_cert_sign",)),
    "root no ku": _of("root", key_usage=None),
    "root ku crlsign": _of("root", key_usage=("crl_sign",)),
    # extended key usage
    "leaf eku server": _of("leaf", extended=(Eku.SERVER_AUTH,)),
    "leaf eku client": _of("leaf", extended=(Eku.CLIENT_AUTH,)),
    "leaf eku any": _of("leaf", extended=(Eku.ANY_EXTENDED_KEY_USAGE,)),
    "middle eku client": _of("middle", extended=(Eku.CLIENT_AUTH,)),
    "middle eku both": _of("middle", extended=(Eku.CLIENT_AUTH, Eku.SERVER_AUTH)),
    "root eku client": _of("root", extended=(Eku.CLIENT_AUTH,)),
    # Netscape's certificate type
    "leaf ns client": _of("leaf", netscape=0x80),
    "leaf ns server": _of("leaf", netscape=0x40),
    "leaf ns mail, critical": _of("leaf", netscape=0x20, netscape_critical=True),
    "middle ns ca, no bc": _of("middle", ca=None, key_usage=None, netscape=0x04),
    "root ns ca, no bc": _of("root", ca=None, key_usage=None, netscape=0x04),
    "root ns mail ca, no bc": _of("root", ca=None, key_usage=None, netscape=0x02),
    # names
    "leaf nameless": _of("leaf", nameless=True),
    "leaf nameless, names critical": _of("leaf", nameless=True, names_critical=True),
    "middle nameless": _of("middle", nameless=True),
    "root nameless": _of("root", nameless=True),
    "names critical": _of("leaf", names_critical=True),
    "many names": _of("leaf", names=_dns(HOST, "a.example.com", "b.example.com", "c.example.com")),
    "leaf old": _of("leaf", old=True),
    "middle old": _of("middle", old=True),
    "root old": _of("root", old=True),
    "wildcard": _of("leaf", names=_dns("*.example.com")),
    "wrong wildcard": _of("leaf", names=_dns("*.com")),
    "other name": _of("leaf", names=_dns("other.example.com")),
    "cn only": _of("leaf", names=None, common_name=HOST),
    "cn and address": _of("leaf", names=(_ip("10.0.0.1"),), common_name=HOST),
    "cn beside names": _of("leaf", names=_dns("other.example.com"), common_name=HOST),
    "no name": _of("leaf", names=None),
    "no host asked": _case(host=None),
    "address asked": _case(host="10.0.0.1"),
    "address there": _of("leaf", names=(*_dns(HOST), _ip("10.0.0.1"))),
    "email there": _of("leaf", names=(*_dns(HOST), x509.RFC822Name("me@example.com"))),
    "uri there": _of("leaf", names=(*_dns(HOST), x509.UniformResourceIdentifier("https://example.com/"))),
    "email in subject": _of("leaf", email="me@mail.example.com"),
    # name constraints
    "permit dns": _of("middle", permitted=_dns("example.com")),
    "permit other dns": _of("middle", permitted=_dns("example.org")),
    "permit sub dns": _of("root", permitted=_dns(".example.com")),
    "exclude dns": _of("middle", excluded=_dns("example.com")),
    "exclude other dns": _of("root", excluded=_dns("example.org")),
    "permit address": _of("middle", permitted=(_network("10.0.0.0/8"),)),
    "exclude address": _of("middle", excluded=(_network("10.0.0.0/8"),)),
    "permit email": _of("middle", permitted=(x509.RFC822Name("example.com"),)),
    "exclude email": _of("root", excluded=(x509.RFC822Name(".example.com"),)),
    "permit uri": _of("middle", permitted=(x509.UniformResourceIdentifier("example.com"),)),
    "exclude uri": _of("middle", excluded=(x509.UniformResourceIdentifier(".com"),)),
    "permit directory": _of(
        "middle",
        permitted=(x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "oracle")])),),
    ),
    "exclude directory": _of(
        "root",
        excluded=(x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ORACLE")])),),
    ),
    "permit dns and address": _of("middle", permitted=(*_dns("example.com"), _network("192.168.0.0/16"))),
    # extensions that make no sense
    "leaf malformed names": _of("leaf", names=None, malformed="2.5.29.17"),
    "leaf malformed bc": _of("leaf", ca=None, malformed="2.5.29.19"),
    "leaf malformed ku": _of("leaf", key_usage=None, malformed="2.5.29.15"),
    "leaf malformed eku": _of("leaf", malformed="2.5.29.37"),
    "leaf malformed crldp": _of("leaf", malformed="2.5.29.31"),
    "leaf malformed aia": _of("leaf", malformed="1.3.6.1.5.5.7.1.1"),
    "leaf malformed nc": _of("leaf", malformed="2.5.29.30"),
    "leaf malformed policies": _of("leaf", malformed="2.5.29.32"),
    "middle malformed names": _of("middle", malformed="2.5.29.17"),
    "middle malformed eku": _of("middle", malformed="2.5.29.37"),
    "root malformed eku": _of("root", malformed="2.5.29.37"),
    "leaf aki critical": _of("leaf", aki_critical=True),
    "leaf ski critical": _of("leaf", ski_critical=True),
    "middle ski critical": _of("middle", ski_critical=True),
    # identifiers, criticality, signatures, keys
    "leaf unknown critical": _of("leaf", unknown_critical=True),
    "middle unknown critical": _of("middle", unknown_critical=True),
    "root unknown critical": _of("root", unknown_critical=True),
    "leaf no aki": _of("leaf", aki=False),
    "leaf wrong aki": _of("leaf", wrong_aki=True),
    "middle no ski": _of("middle", ski=False),
    "middle no aki": _of("middle", aki=False),
    "root no aki": _of("root", aki=False),
    "leaf forged": _of("leaf", sign_with="stranger", wrong_aki=False),
    "middle forged": _of("middle", sign_with="stranger"),
    "leaf weak key": _of("leaf", key="rsa1024 leaf"),
    "middle weak key": _of("middle", key="rsa1024 middle"),
    "root weak key": _of("root", key="rsa1024 root"),
    # who is trusted, and what was sent
    "nobody trusted": _case(trusted=()),
    "stranger trusted": _case(trusted=("stranger",)),
    "stranger trusted too": _case(trusted=("stranger", "root")),
    "middle trusted": _case(trusted=("middle",)),
    "middle trusted, partial": lambda case: _flag("partial_chain")(replace(case, trusted=("middle",))),
    "leaf trusted, partial, strict": lambda case: _flag("x509_strict")(
        _flag("partial_chain")(replace(case, trusted=("leaf",)))
    ),
    "leaf trusted, partial": lambda case: _flag("partial_chain")(replace(case, trusted=("leaf",))),
    "early root trusted too": _case(trusted=("early root", "root")),
    "ending root trusted too": _case(trusted=("ending root", "root")),
    "early and ending root trusted": _case(trusted=("ending root", "early root")),
    "client": _case(server=False),
    "leaf trusted": _case(trusted=("leaf",)),
    "middle not sent": _case(sent=()),
    "root sent": _case(sent=("middle", "root")),
    "root sent first": _case(sent=("root", "middle")),
    "everything sent twice": _case(sent=("leaf", "middle", "leaf", "middle", "root")),
    "self-signed": _case(self_signed=True),
    "trusted last": _case(trusted_first=False),
    "cross sent": _case(sent=("middle", "cross")),
    "cross sent, stranger too": _case(sent=("middle", "cross"), trusted=("root", "stranger")),
    "cross sent, stranger only": _case(sent=("cross", "middle"), trusted=("stranger",)),
    "middle and root trusted": _case(trusted=("middle", "root")),
    # trust settings
    "root for servers": _settings("root", trust=(_SERVER,)),
    "root for clients": _settings("root", trust=(_CLIENT,)),
    "root for anything": _settings("root", trust=(_ANY,)),
    "root for mail": _settings("root", trust=(_EMAIL,)),
    "root not for servers": _settings("root", reject=(_SERVER,)),
    "root not for clients": _settings("root", reject=(_CLIENT,)),
    "root for nothing": _settings("root", reject=(_ANY,)),
    "root for both, not servers": _settings("root", trust=(_SERVER, _CLIENT), reject=(_SERVER,)),
    "root with an alias": _settings("root"),
    "middle for servers": _trusting("middle", trust=(_SERVER,)),
    "middle for clients": _trusting("middle", "root", trust=(_CLIENT,)),
    "middle not for servers": _trusting("middle", "root", reject=(_SERVER,)),
    "leaf for servers": _trusting("leaf", trust=(_SERVER,)),
    "leaf not for servers": _trusting("leaf", "root", reject=(_SERVER,)),
    "leaf rejected, partial": lambda case: _flag("partial_chain")(
        _settings("leaf", reject=(_SERVER,))(replace(case, trusted=("leaf",)))
    ),
    # security levels
    "level 0": _case(level=0),
    "level 1": _case(level=1),
    "level 3": _case(level=3),
    "level 4": _case(level=4),
    # kinds of keys and signatures
    "root rsa": _of("root", key="rsa2048 root"),
    "root p384": _of("root", key="p384 root"),
    "root p521": _of("root", key="p521 root"),
    "root ed25519": _of("root", key="ed25519 root"),
    "middle rsa": _of("middle", key="rsa2048 middle"),
    "middle p384": _of("middle", key="p384 middle"),
    "middle ed25519": _of("middle", key="ed25519 middle"),
    "leaf rsa": _of("leaf", key="rsa2048 leaf"),
    "leaf ed25519": _of("leaf", key="ed25519 leaf"),
    "leaf with sha384": _of("leaf", digest="SHA384"),
    "leaf with sha512": _of("leaf", digest="SHA512"),
    "leaf with rsa, sha384": lambda case: _of("leaf", digest="SHA384")(
        _of("middle", key="rsa2048 middle")(case)
    ),
    "leaf with rsa, sha512": lambda case: _of("leaf", digest="SHA512")(
        _of("middle", key="rsa2048 middle")(case)
    ),
    "leaf with sha1": lambda case: _of("leaf", digest="SHA1")(_of("middle", key="rsa2048 middle")(case)),
    "middle with sha1": lambda case: _of("middle", digest="SHA1")(_of("root", key="rsa2048 root")(case)),
    "root with sha1": lambda case: _of("root", digest="SHA1", key="rsa2048 root")(case),
    "leaf with pss": lambda case: _of("leaf", salt=32)(_of("middle", key="rsa2048 middle")(case)),
    "leaf with pss, long": lambda case: _of("leaf", salt=padding.PSS.MAX_LENGTH)(
        _of("middle", key="rsa2048 middle")(case)
    ),
    "leaf with pss, no salt": lambda case: _of("leaf", salt=0)(_of("middle", key="rsa2048 middle")(case)),
    "middle with pss": lambda case: _of("middle", salt=20)(_of("root", key="rsa2048 root")(case)),
    # proxies
    "proxy": _proxies(_PROXY),
    "proxy allowed": _allowed(_PROXY),
    "proxy of length 0": _allowed(replace(_PROXY, proxy=0)),
    "proxy of a proxy": _allowed(_PROXY, replace(_PROXY, key="proxy two")),
    "proxy of a proxy of length 0": _allowed(replace(_PROXY, proxy=0), replace(_PROXY, key="proxy two")),
    "proxy of a proxy of length 1": _allowed(replace(_PROXY, proxy=1), replace(_PROXY, key="proxy two")),
    "proxy with another name": _allowed(replace(_PROXY, name_of=Spec("other", "leaf"))),
    "proxy with names": _allowed(replace(_PROXY, names=_dns(HOST))),
    "proxy ca": _allowed(replace(_PROXY, ca=True)),
    # flags
    "partial": _flag("partial_chain"),
    "strict": _flag("x509_strict"),
    # revocation
    "crl none": _crl(),
    "crl good": _crl("leaf"),
    "crl revoked": _crl("leaf:revoked"),
    "crl expired": _crl("leaf:expired"),
    "crl early": _crl("leaf:early"),
    "crl forged": _crl("leaf:forged"),
    "crl critical": _crl("leaf:critical"),
    "crl users": _crl("leaf:users"),
    "crl authorities": _crl("leaf:authorities"),
    "crl attributes": _crl("leaf:attributes"),
    "crl indirect": _crl("leaf:indirect"),
    "crl some reasons": _crl("leaf:some reasons"),
    "crl somewhere": _crl("leaf:somewhere"),
    "crl delta": _crl("leaf:delta"),
    "crl number critical": _crl("leaf:number"),
    "crl entry reason critical": _crl("leaf:entry reason"),
    "crl entry date critical": _crl("leaf:entry date"),
    "crl entry unknown critical": _crl("leaf:entry unknown"),
    "crl ends now": _crl("leaf:ends now"),
    "crl begins now": _crl("leaf:begins now"),
    "root named as middle": _of("root", common_name="middle"),
    "crl of the one above": lambda case: _crl("leaf:above")(_of("root", common_name="middle")(case)),
    "crl, and the one above revokes": lambda case: _crl("leaf", "leaf:above revoked")(
        _of("root", common_name="middle")(case)
    ),
    "crl revokes, not the one above": lambda case: _crl("leaf:above", "leaf:revoked")(
        _of("root", common_name="middle")(case)
    ),
    "crl two": _crl("leaf:expired", "leaf:revoked"),
    "crl chain leaf only": _crl("leaf", chain=True),
    "crl chain good": _crl("leaf", "middle", chain=True),
    "crl chain whole": _crl("leaf", "middle", "root", chain=True),
    "crl chain middle revoked": _crl("leaf", "middle:revoked", "root", chain=True),
    "crl not asked": _case(lists=("leaf:revoked",)),
}
