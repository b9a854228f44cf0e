"""A throw-away certificate authority for tests and the demo. Nothing here is fit for real use."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEY_KINDS = {
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ferrossl tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass
class Leaf:
    """A certificate and its key in PEM, and the paths of the files they stand in."""

    chain: bytes
    key: bytes
    chain_file: Path
    key_file: Path


@dataclass
class Authority:
    """A root, made at once; leaves are written to ``folder``."""

    folder: Path
    kind: str = "p256"
    common_name: str = "ferrossl test authority"
    _count: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._key = KEY_KINDS[self.kind]()
        self._name = _name(self.common_name)
        self._certificate = self._build(self._name, self._key.public_key(), self._name, -1, 3650, ca=True)
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM)
        self.file = self.folder / "ca.pem"
        self.file.write_bytes(self.pem)

    def _build(
        self,
        subject: x509.Name,
        public_key: object,
        issuer: x509.Name,
        start_days: float,
        days: float,
        *,
        ca: bool,
        names: tuple[str, ...] = (),
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)  # type: ignore[arg-type]
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=start_days))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)  # type: ignore[arg-type]
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=ca,
                    crl_sign=ca,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        )
        if names:
            alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
            builder = builder.add_extension(alternatives, critical=False)
        if not ca:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
            builder = builder.add_extension(usage, critical=False)
        algorithm = None if isinstance(self._key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        return builder.sign(self._key, algorithm)

    def issue(self, *names: str, kind: str | None = None, start_days: float = -1, days: float = 30) -> Leaf:
        """A leaf for these names and addresses."""
        key = KEY_KINDS[kind or self.kind]()
        certificate = self._build(
            _name(names[0] if names else "nobody"),
            key.public_key(),
            self._name,
            start_days,
            days,
            ca=False,
            names=names,
        )
        chain = certificate.public_bytes(serialization.Encoding.PEM)
        key_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._count += 1
        chain_file = self.folder / f"leaf{self._count}.pem"
        key_file = self.folder / f"leaf{self._count}.key"
        chain_file.write_bytes(chain)
        key_file.write_bytes(key_pem)
        return Leaf(chain, key_pem, chain_file, key_file)

    def revocation_list(self, *leaves: Leaf) -> bytes:
        """A CRL in PEM that revokes these."""
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(now - datetime.timedelta(hours=1))
            .next_update(now + datetime.timedelta(days=1))
        )
        for leaf in leaves:
            serial = x509.load_pem_x509_certificate(leaf.chain).serial_number
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
            builder = builder.add_revoked_certificate(revoked.build())
        algorithm = None if isinstance(self._key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        return builder.sign(self._key, algorithm).public_bytes(serialization.Encoding.PEM)
