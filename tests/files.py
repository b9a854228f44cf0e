"""Certificates and keys in every form, whole, odd and damaged, for the tests that load them with two modules."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.serialization import PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_pem_x509_certificate

from openssl_command import openssl
from pki import Authority

BOM = b"\xef\xbb\xbf"
#: A file of a chain, one of a key (or none), and a password.
Identity = tuple[bytes, bytes | None, str | None]


def private(key: object, form: PrivateFormat = PrivateFormat.PKCS8, password: bytes | None = None) -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    written: bytes = key.private_bytes(serialization.Encoding.PEM, form, encryption)  # type: ignore[attr-defined]
    return written


def armour(label: str, der: bytes, headers: str = "") -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(
        [f"-----BEGIN {label}-----", *headers.splitlines(), *lines, f"-----END {label}-----", ""]
    ).encode()


def contents(pem: bytes) -> bytes:
    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


def command(*arguments: str, text: bytes = b"") -> bytes:
    """What the command writes for this input."""
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "in"), Path(folder, "out")
        source.write_bytes(text)
        openssl(*arguments, "-out", str(result), *(("-in", str(source)) if text else ()))
        return result.read_bytes()


def self_signed(key: object, *options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "key")
        file.write_bytes(private(key))
        return command("req", "-x509", "-key", str(file), "-subj", "/CN=localhost", "-days", "10", *options)


class Files:
    """Everything is made once, from one authority."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        leaf, self.other = authority.issue("localhost"), authority.issue("localhost")
        self.rsa, self.other_rsa = (authority.issue("localhost", kind="rsa2048") for _ in range(2))
        self.chain, self.key = leaf.chain, leaf.key
        self.private_key = serialization.load_pem_private_key(self.key, None)
        self.certificate = load_pem_x509_certificate(self.chain)
        self.lines = self.chain.splitlines()
        self.der = contents(self.chain)
        self.sec1 = private(self.private_key, PrivateFormat.TraditionalOpenSSL)
        self.request = command("req", "-new", "-key", str(leaf.key_file), "-subj", "/CN=x")
        self.pkcs12 = serialize_key_and_certificates(
            None, self.private_key, self.certificate, None, serialization.NoEncryption()
        )

    def with_lines(self, *lines: bytes) -> bytes:
        """The leaf's certificate with other lines between BEGIN and END."""
        return b"\n".join([self.lines[0], *lines, self.lines[-1], b""])

    def encrypted(self, *options: str) -> bytes:
        legacy = ("-provider", "legacy", "-provider", "default") if "-v1" in options else ()
        return command("pkcs8", "-topk8", "-passout", "pass:secret", *legacy, *options, text=self.key)

    def odd_texts(self) -> dict[str, bytes]:
        """The leaf's certificate, in forms that PEM files come in."""
        chain, lines = self.chain, self.lines
        body = lines[1:-1]
        whole = b"".join(body)
        return {
            "plain": chain,
            "BOM": BOM + chain,
            "BOM twice": BOM + BOM + chain,
            "BOM behind a line": b"x\n" + BOM + chain,
            "BOM between": chain + BOM + self.rsa.chain,
            "UTF-16": chain.decode().encode("utf-16"),
            "UTF-16 without BOM": chain.decode().encode("utf-16-le"),
            "CRLF": chain.replace(b"\n", b"\r\n"),
            "CR": chain.replace(b"\n", b"\r"),
            "text around": b"subject: x\n" + chain + b"bye\n",
            "empty lines before": b"\n\n  \n" + chain,
            "indented BEGIN": b" " + chain,
            "all indented": b"".join(b"  " + line + b"\n" for line in lines),
            "blanks behind lines": chain.replace(b"\n", b"  \n"),
            "tabs behind lines": chain.replace(b"\n", b"\t\n"),
            "no-break spaces behind lines": chain.replace(b"\n", b"\xc2\xa0\n"),
            "no line feed at the end": chain.rstrip(),
            "one long line": self.with_lines(whole),
            "lines of 76": self.with_lines(*(whole[i : i + 76] for i in range(0, len(whole), 76))),
            "lines of 20": self.with_lines(*(whole[i : i + 20] for i in range(0, len(whole), 20))),
            "empty line in the body": self.with_lines(*body[:2], b"", *body[2:]),
            "empty line behind BEGIN": self.with_lines(b"", *body),
            "empty line before END": self.with_lines(*body, b""),
            "two empty lines behind BEGIN": self.with_lines(b"", b"", *body),
            "blank in a line": self.with_lines(body[0], body[1][:10] + b" " + body[1][10:], *body[2:]),
            "indented body": self.with_lines(body[0], b" " + body[1], *body[2:]),
            "text in front of BEGIN": b"x" + chain,
            "text behind BEGIN": chain.replace(b"CERTIFICATE-----\n", b"CERTIFICATE----- x\n", 1),
            "text behind END": chain.rstrip() + b" x\n",
            "END of four dashes": chain.rstrip()[:-1] + b"\n",
            "no END": b"\n".join(lines[:-1]) + b"\n",
            "cut in the body": chain[:300],
            "another END": chain.replace(b"END CERTIFICATE", b"END X"),
            "no base64": chain.replace(lines[3], b"*" * 64),
            "cut padding": self.with_lines(*body[:-1], body[-1][:-3]),
            "no certificate in it": armour("CERTIFICATE", b"\0\0\0"),
            "nothing in it": b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
            "cut DER": self.with_lines(*body[:4]),
            "empty": b"",
            "no PEM": b"hello\n",
            "DER": self.der,
            "PKCS #12": self.pkcs12,
            "certificate request": self.request,
            "request and certificate": self.request + chain,
            "private key": self.key,
            "public key": command("pkey", "-pubout", text=self.key),
            "PKCS #7": command("crl2pkcs7", "-nocrl", "-certfile", str(self.authority.file)),
            "old label": chain.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
            "lower case": chain.replace(b"BEGIN CERTIFICATE", b"begin certificate"),
            "BEGIN twice": lines[0] + b"\n" + chain,
            "dashes before": b"-----\n" + chain,
            "long line before": b"x" * 2000 + b"\n" + chain,
            "NUL before": b"\0\0" + chain,
            "NUL behind": chain + b"\0",
            "bytes before": bytes(range(256)) + b"\n" + chain,
            "headers": armour("CERTIFICATE", self.der, "Foo: bar\n\n"),
            "headers of another block": armour("X", b"\0", "Foo: bar\n\n") + chain,
            "damaged block before": b"-----BEGIN X-----\n****\n-----END X-----\n" + chain,
            "damaged block behind": chain + b"-----BEGIN X-----\n****\n-----END X-----\n",
            "second without END": chain + chain[:200],
            "second damaged": chain + armour("CERTIFICATE", b"\0\0\0"),
            "second no base64": chain + chain.replace(lines[3], b"*" * 64),
        }

    def identities(self) -> dict[str, Identity]:
        """Chains and keys: what load_cert_chain() gets to see."""
        cases: dict[str, Identity] = {}
        for name, text in self.odd_texts().items():
            cases[f"chain: {name}"] = (text, self.key, None)
        for name, text in self.odd_keys().items():
            cases[f"key: {name}"] = (self.chain, text, "secret")
            if "encrypted" in name:
                cases[f"key: {name}, wrong password"] = (self.chain, text, "wrong")
                cases[f"key: {name}, empty password"] = (self.chain, text, "")
        small = rsa.generate_private_key(65537, 1024)
        cases |= {
            "one file": (self.chain + self.key, None, None),
            "one file, key first": (BOM + self.key + BOM + self.chain, None, None),
            "one file without key": (self.chain, None, None),
            "P-256 for P-256": (self.chain, self.other.key, None),
            "RSA for RSA": (self.rsa.chain, self.other_rsa.key, None),
            "P-256 for RSA": (self.rsa.chain, self.key, None),
            "RSA for P-256": (self.chain, self.rsa.key, None),
            "RSA 1024 for RSA": (self.rsa.chain, private(small), None),
            "RSA 1024": (self_signed(small), private(small), None),
            "RSA 1024, PKCS #1": (self_signed(small), private(small, PrivateFormat.TraditionalOpenSSL), None),
            "RSA 1024 as issuer": (self.chain + self_signed(small), self.key, None),
            "RSA encrypted": (
                self.rsa.chain,
                private(
                    serialization.load_pem_private_key(self.rsa.key, None),
                    PrivateFormat.TraditionalOpenSSL,
                    b"secret",
                ),
                "wrong",
            ),
        }
        return cases

    def odd_keys(self) -> dict[str, bytes]:
        key, sec1 = self.key, self.sec1
        dsa_key = dsa.generate_private_key(2048)
        proc_type, dek_info = (
            "Proc-Type: 4,ENCRYPTED\n",
            "DEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F\n",
        )

        def headers(text: str) -> bytes:
            return armour("EC PRIVATE KEY", contents(sec1), text)

        return {
            "SEC 1": sec1,
            "parameters before": command("ecparam", "-name", "prime256v1") + sec1,
            "BOM": BOM + key,
            "UTF-16": key.decode().encode("utf-16"),
            "CRLF": key.replace(b"\n", b"\r\n"),
            "damaged block behind": key + b"-----BEGIN X-----\n****\n-----END X-----\n",
            "encrypted PKCS #8": private(self.private_key, password=b"secret"),
            "encrypted SEC 1": private(self.private_key, PrivateFormat.TraditionalOpenSSL, b"secret"),
            "encrypted with scrypt": self.encrypted("-scrypt"),
            "encrypted with 3DES": self.encrypted("-v2", "des3"),
            "encrypted with PBE-SHA1-RC2-40": self.encrypted("-v1", "PBE-SHA1-RC2-40"),
            "encrypted with PBE-SHA1-RC4-128": self.encrypted("-v1", "PBE-SHA1-RC4-128"),
            "encrypted with PBE-MD5-DES": self.encrypted("-v1", "PBE-MD5-DES"),
            "encrypted with PBE-SHA1-3DES": self.encrypted("-v1", "PBE-SHA1-3DES"),
            "encrypted with PBE-SHA1-2DES": self.encrypted("-v1", "PBE-SHA1-2DES"),
            "encrypted with ARIA": self.encrypted("-v2", "aria-256-cbc"),
            "encrypted with Camellia": self.encrypted("-v2", "camellia-256-cbc"),
            "encrypted and damaged": armour("ENCRYPTED PRIVATE KEY", b"\0\0\0"),
            "encrypted with a cipher that nobody knows": headers(proc_type + "DEK-Info: FOO-CBC,0011\n\n"),
            "bad IV": headers(proc_type + "DEK-Info: AES-128-CBC,xyz\n\n"),
            "short IV": headers(proc_type + "DEK-Info: AES-128-CBC,0011\n\n"),
            "no DEK-Info": headers(proc_type + "\n"),
            "Proc-Type 5": headers("Proc-Type: 5,ENCRYPTED\n" + dek_info + "\n"),
            "not encrypted": headers("Proc-Type: 4,MIC-ONLY\n\n"),
            "damaged PKCS #8": armour("PRIVATE KEY", b"\0\0\0"),
            "damaged PKCS #1": armour("RSA PRIVATE KEY", b"\0\0\0"),
            "damaged SEC 1": armour("EC PRIVATE KEY", b"\0\0\0"),
            "cut": key[:120],
            "another END": key.replace(b"END PRIVATE", b"END X"),
            "no base64": key.replace(key.splitlines()[1], b"*" * 64),
            "empty": b"",
            "no PEM": b"hello\n",
            "DER": contents(key),
            "PKCS #12": self.pkcs12,
            "certificate request": self.request,
            "certificate": self.chain,
            "public key": command("pkey", "-pubout", text=key),
            "OpenSSH": private(self.private_key, PrivateFormat.OpenSSH),
            "PuTTY": b"PuTTY-User-Key-File-3: x\nEncryption: none\n",
            "X25519": private(x25519.X25519PrivateKey.generate()),
            "DSA": private(dsa_key),
            "DSA, traditional": private(dsa_key, PrivateFormat.TraditionalOpenSSL),
            "secp256k1": private(ec.generate_private_key(ec.SECP256K1())),
            "Ed448": private(ed448.Ed448PrivateKey.generate()),
        }

    def trusted(self) -> dict[str, bytes]:
        """What load_verify_locations() gets to see, as a file and as text."""
        authority, crl = self.authority.pem, self.authority.revocation_list()
        return self.odd_texts() | {
            "authority": authority,
            "authority twice": authority + authority,
            "key and authority": self.key + authority,
            "encrypted key and authority": private(self.private_key, password=b"secret") + authority,
            "CRL": crl,
            "authority and CRL": authority + crl,
            "damaged CRL": armour("X509 CRL", b"\0\0\0"),
            "authority and damaged CRL": authority + armour("X509 CRL", b"\0\0\0"),
        }

    def in_der(self) -> dict[str, bytes]:
        """The same as bytes."""
        der = self.der
        return {
            "one": der,
            "two": der + contents(self.rsa.chain),
            "twice": der + der,
            "cut": der[:100],
            "second cut": der + der[:100],
            "text": b"hello world, this is text",
            "PEM": self.chain,
            "one and text": der + b"hello world, this is text",
            "one and a NUL": der + b"\0",
            "one and a line feed": der + b"\n",
            "one and CRLF": der + b"\r\n",
            "a line feed and one": b"\n" + der,
            "one and another SEQUENCE": der + b"\x30\x03\x02\x01\x00",
            "request": contents(self.request),
            "PKCS #12": self.pkcs12,
            "one NUL": b"\0",
            "empty": b"",
        }
