"""OpenSSL's own verifier, called in the process: ``X509_verify_cert`` with the parameters of a TLS handshake."""

from __future__ import annotations

import base64
import binascii
import ctypes
import ctypes.util
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

FLAGS = {
    "crl_check": 0x4,
    "crl_check_all": 0xC,
    "x509_strict": 0x20,
    "allow_proxy_certs": 0x40,
    "partial_chain": 0x80000,
}
TRUSTED_FIRST = 0x8000
NO_PARTIAL_WILDCARDS = 0x4

_P, _I, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_long
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    # name: (result, *arguments)
    "d2i_X509": (_P, _P, _P, _L),
    "d2i_X509_AUX": (_P, _P, _P, _L),
    "d2i_X509_CRL": (_P, _P, _P, _L),
    "i2d_X509": (_I, _P, _P),
    "X509_free": (None, _P),
    "X509_CRL_free": (None, _P),
    "X509_STORE_new": (_P,),
    "X509_STORE_free": (None, _P),
    "X509_STORE_add_cert": (_I, _P, _P),
    "X509_STORE_add_crl": (_I, _P, _P),
    "X509_STORE_CTX_new": (_P,),
    "X509_STORE_CTX_free": (None, _P),
    "X509_STORE_CTX_init": (_I, _P, _P, _P, _P),
    "X509_STORE_CTX_set_default": (_I, _P, ctypes.c_char_p),
    "X509_STORE_CTX_get0_param": (_P, _P),
    "X509_STORE_CTX_get_error": (_I, _P),
    "X509_STORE_CTX_get_error_depth": (_I, _P),
    "X509_STORE_CTX_get0_chain": (_P, _P),
    "X509_verify_cert": (_I, _P),
    "X509_VERIFY_PARAM_set_flags": (_I, _P, ctypes.c_ulong),
    "X509_VERIFY_PARAM_clear_flags": (_I, _P, ctypes.c_ulong),
    "X509_VERIFY_PARAM_set_time": (None, _P, ctypes.c_int64),
    "X509_VERIFY_PARAM_set_auth_level": (None, _P, _I),
    "X509_VERIFY_PARAM_set_hostflags": (None, _P, ctypes.c_uint),
    "X509_VERIFY_PARAM_set1_host": (_I, _P, ctypes.c_char_p, ctypes.c_size_t),
    "X509_VERIFY_PARAM_set1_ip_asc": (_I, _P, ctypes.c_char_p),
    "OPENSSL_sk_new_null": (_P,),
    "OPENSSL_sk_push": (_I, _P, _P),
    "OPENSSL_sk_num": (_I, _P),
    "OPENSSL_sk_value": (_P, _P, _I),
    "OPENSSL_sk_free": (None, _P),
    "OpenSSL_version": (ctypes.c_char_p, _I),
}


@cache
def _library() -> Any:
    library = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
    for name, (result, *arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    assert library.OpenSSL_version(0).startswith(b"OpenSSL 3."), "the oracle is OpenSSL 3"
    return library


@dataclass(frozen=True)
class Answer:
    """The verdict: code 0 for accepted, -1 for a certificate that cannot be read; the accepted chain in DER."""

    code: int
    depth: int = 0
    chain: tuple[bytes, ...] = ()


class _Unreadable(Exception):
    pass


def _blocks(pem: bytes) -> Iterator[tuple[str, bytes]]:
    for found in re.finditer(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END", pem, re.DOTALL):
        try:
            yield found[1].decode(), base64.b64decode(found[2])
        except binascii.Error:
            raise _Unreadable from None


def _read(function: str, der: bytes) -> Any:
    buffer = ctypes.create_string_buffer(der, len(der))
    place = ctypes.c_void_p(ctypes.addressof(buffer))
    read = getattr(_library(), function)(None, ctypes.addressof(place), len(der))
    if not read:
        raise _Unreadable
    return read


@contextmanager
def _certificate(label: str, der: bytes) -> Iterator[Any]:
    certificate = _read("d2i_X509_AUX" if label == "TRUSTED CERTIFICATE" else "d2i_X509", der)
    try:
        yield certificate
    finally:
        _library().X509_free(certificate)


def _made(stack: ExitStack, made: Any, free: Callable[[Any], object]) -> Any:
    assert made
    stack.callback(free, made)
    return made


def verify(
    leaf: bytes,
    sent: tuple[bytes, ...],
    trusted: tuple[bytes, ...],
    lists: tuple[bytes, ...],
    *,
    flags: tuple[str, ...],
    trusted_first: bool,
    level: int,
    host: str | None,
    server: bool,
    time: int,
) -> Answer:
    """What OpenSSL says of these certificates and CRLs, all in PEM."""
    lib = _library()

    def certificates(*pem: bytes) -> list[Any]:
        return [stack.enter_context(_certificate(*block)) for text in pem for block in _blocks(text)]

    with ExitStack() as stack:
        store = _made(stack, lib.X509_STORE_new(), lib.X509_STORE_free)
        untrusted = _made(stack, lib.OPENSSL_sk_new_null(), lib.OPENSSL_sk_free)
        try:
            for certificate in certificates(*trusted):
                lib.X509_STORE_add_cert(store, certificate)
            for text in lists:
                for _, der in _blocks(text):
                    crl = _made(stack, _read("d2i_X509_CRL", der), lib.X509_CRL_free)
                    lib.X509_STORE_add_crl(store, crl)
            for certificate in certificates(*sent):
                lib.OPENSSL_sk_push(untrusted, certificate)
            [subject] = certificates(leaf)
        except _Unreadable:
            return Answer(-1)
        context = _made(stack, lib.X509_STORE_CTX_new(), lib.X509_STORE_CTX_free)
        assert lib.X509_STORE_CTX_init(context, store, subject, untrusted)
        assert lib.X509_STORE_CTX_set_default(context, b"ssl_server" if server else b"ssl_client")
        parameters = lib.X509_STORE_CTX_get0_param(context)
        for flag in flags:
            lib.X509_VERIFY_PARAM_set_flags(parameters, FLAGS[flag])
        if trusted_first:
            lib.X509_VERIFY_PARAM_set_flags(parameters, TRUSTED_FIRST)
        else:
            lib.X509_VERIFY_PARAM_clear_flags(parameters, TRUSTED_FIRST)
        lib.X509_VERIFY_PARAM_set_time(parameters, time)
        lib.X509_VERIFY_PARAM_set_auth_level(parameters, level)
        lib.X509_VERIFY_PARAM_set_hostflags(parameters, NO_PARTIAL_WILDCARDS)
        if host and not lib.X509_VERIFY_PARAM_set1_ip_asc(parameters, host.encode()):
            assert lib.X509_VERIFY_PARAM_set1_host(parameters, host.encode(), 0)
        if lib.X509_verify_cert(context) != 1:
            code = lib.X509_STORE_CTX_get_error(context)
            return Answer(code, lib.X509_STORE_CTX_get_error_depth(context))
        chain = lib.X509_STORE_CTX_get0_chain(context)
        return Answer(
            0, 0, tuple(_der(lib.OPENSSL_sk_value(chain, n)) for n in range(lib.OPENSSL_sk_num(chain)))
        )


def _der(certificate: Any) -> bytes:
    length = _library().i2d_X509(certificate, None)
    buffer = ctypes.create_string_buffer(length)
    place = ctypes.c_void_p(ctypes.addressof(buffer))
    _library().i2d_X509(certificate, ctypes.addressof(place))
    return buffer.raw
