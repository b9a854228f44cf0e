"""Certificate chains with everything that can be wrong about them, for comparison with OpenSSL's verdicts."""

from __future__ import annotations

import base64
import contextlib
import datetime
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

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
