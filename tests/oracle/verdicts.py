"""The same question to OpenSSL and to us."""

from __future__ import annotations

import binascii
from dataclasses import dataclass

import ferrossl
import libcrypto
from libcrypto import Answer

FLAGS = {
    "partial_chain": ferrossl.VERIFY_X509_PARTIAL_CHAIN,
    "x509_strict": ferrossl.VERIFY_X509_STRICT,
    "allow_proxy_certs": ferrossl.VERIFY_ALLOW_PROXY_CERTS,
    "crl_check": ferrossl.VERIFY_CRL_CHECK_LEAF,
    "crl_check_all": ferrossl.VERIFY_CRL_CHECK_CHAIN,
}


@dataclass(frozen=True)
class Question:
    """A chain, who is trusted, and what is asked. Certificates and CRLs are in PEM."""

    leaf: bytes
    sent: tuple[bytes, ...]
    trusted: tuple[bytes, ...]
    lists: tuple[bytes, ...] = ()
    flags: tuple[str, ...] = ()
    host: str | None = None
    server: bool = True
    time: int = 0
    trusted_first: bool = True
    level: int = 2


def openssl(question: Question) -> Answer:
    """What OpenSSL says."""
    return libcrypto.verify(
        question.leaf,
        question.sent,
        question.trusted,
        question.lists,
        flags=question.flags,
        trusted_first=question.trusted_first,
        level=question.level,
        host=question.host,
        server=question.server,
        time=question.time,
    )


def ours(question: Question) -> Answer:
    """What we say."""
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    purpose = ferrossl.Purpose.SERVER_AUTH if question.server else ferrossl.Purpose.CLIENT_AUTH
    context.set_ciphers(f"ALL:@SECLEVEL={question.level}")
    for flag in question.flags:
        context.verify_flags |= FLAGS[flag]
    if not question.trusted_first:
        context.verify_flags &= ~ferrossl.VERIFY_X509_TRUSTED_FIRST
    try:
        for text in (*question.trusted, *question.lists):
            context.load_verify_locations(cadata=text.decode())
        chain = [ferrossl.PEM_cert_to_DER_cert(text.decode()) for text in (question.leaf, *question.sent)]
        verified = context.verify_chain(
            chain, server_hostname=question.host, purpose=purpose, time=question.time
        )
    except ferrossl.SSLCertVerificationError as error:
        return Answer(error.verify_code, error.verify_depth)
    except (ferrossl.SSLError, binascii.Error):
        return Answer(-1)
    return Answer(0, 0, tuple(verified))
