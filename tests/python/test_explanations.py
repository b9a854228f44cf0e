"""What an error says about a certificate: which one, which rule, which values, and what to do."""

from __future__ import annotations

import inspect
import traceback
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import ferrossl
from chains import HOST, NOW, Case
from changes import CHANGES


def error_of(*changes: str) -> tuple[ferrossl.SSLCertVerificationError, dict[str, Any]]:
    case = Case()
    for change in changes:
        case = CHANGES[change](case)
    made = case.certificates()
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    for name in case.trusted:
        pem = case.with_settings(name, made[name].public_bytes(Encoding.PEM))
        context.load_verify_locations(cadata=pem.decode())
    for text in case.revocation_lists():
        context.load_verify_locations(cadata=text.decode())
    if case.lists:
        context.verify_flags |= ferrossl.VERIFY_CRL_CHECK_LEAF
    chain = [made[name].public_bytes(Encoding.DER) for name in ("leaf", *case.sent)]
    with pytest.raises(ferrossl.SSLCertVerificationError) as caught:
        context.verify_chain(chain, server_hostname=HOST, time=NOW.timestamp())
    return caught.value, made


def test_dates() -> None:
    error, made = error_of("middle expired")
    assert (error.verify_code, error.verify_depth) == (10, 1)
    assert error.verify_subject == "O=Oracle, CN=middle"
    assert "notAfter" in error.verify_rule
    ended = made["middle"].not_valid_after_utc
    assert (NOW - ended).total_seconds() == 24 * 3600
    assert error.verify_hint == f"it ended at {ended:%Y-%m-%d %H:%M:%S} UTC, 24 hours ago"
    assert error.verify_detail["not_after"] == ended.timestamp()
    assert error.verify_detail["now"] == NOW.timestamp()
    assert "certificate has expired" in str(error)


def test_a_missing_issuer() -> None:
    error, _ = error_of("middle not sent")
    assert (error.verify_code, error.verify_depth) == (20, 0)
    assert error.verify_detail == {"missing_issuer": "O=Oracle, CN=middle"}
    assert "O=Oracle, CN=middle" in error.verify_hint


def test_strength() -> None:
    error, _ = error_of("middle weak key")
    assert (error.verify_code, error.verify_depth) == (67, 1)
    assert error.verify_detail == {"bits": 80, "least_bits": 112}
    assert error.verify_hint == "it has a strength of 80 bits; the security level asks for 112"


def test_revocation() -> None:
    error, made = error_of("crl revoked")
    assert error.verify_code == 23
    assert int(error.verify_detail["revoked_serial"], 16) == made["leaf"].serial_number
    error, _ = error_of("crl expired")
    assert error.verify_code == 12
    assert error.verify_detail["not_after"] < error.verify_detail["now"]


def test_trust_settings() -> None:
    error, _ = error_of("root not for servers")
    assert (error.verify_code, error.verify_depth) == (28, 2)
    assert error.verify_message == "certificate rejected"
    assert "trust settings" in error.verify_hint


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_whatever_is_wrong_there_is_a_rule_and_a_hint(change: str) -> None:
    try:
        error, _ = error_of(change)
    except pytest.fail.Exception:
        return  # this change alone is accepted
    assert error.verify_rule
    assert error.verify_hint
    assert "\n" not in error.verify_rule + error.verify_hint


def test_tracebacks_name_the_public_module() -> None:
    for name, value in vars(ferrossl).items():
        if isinstance(value, type) and issubclass(value, ferrossl.SSLError):
            assert value.__module__ == "ferrossl", name
    assert "class SSLSocket" in inspect.getsource(ferrossl.SSLSocket)
    with pytest.raises(ferrossl.SSLError) as caught:
        ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT).set_ciphers("none such")
    assert traceback.format_exception_only(caught.value) == [
        "ferrossl.SSLError: No cipher can be selected. 'none' is no word for any cipher suite of TLS 1.2. "
        "'such' is no word for any cipher suite of TLS 1.2.\n"
    ]
