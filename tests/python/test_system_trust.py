"""What `load_default_certs()` makes of the certificate stores of Windows; the stores themselves on Windows only."""

from __future__ import annotations

import ssl as stdlib_ssl
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from ferrossl._system_trust import load_windows_store
from pki import Authority

EVERYTHING = "2.5.29.37.0"
SERVERS = ferrossl.Purpose.SERVER_AUTH.oid
CLIENTS = ferrossl.Purpose.CLIENT_AUTH.oid


@pytest.fixture
def ders(tmp_path: Path) -> list[bytes]:
    authorities = [Authority(tmp_path, common_name=f"authority {number}") for number in range(5)]
    return [ferrossl.PEM_cert_to_DER_cert(authority.pem.decode()) for authority in authorities]


def loaded(stored: list[Any], purpose: ferrossl.Purpose) -> list[bytes]:
    """The certificates that a context trusts after a store with these entries was loaded."""
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)

    def enumerate_store(name: str) -> list[Any]:
        assert name == "ROOT"
        return stored

    load_windows_store(context, "ROOT", purpose, enumerate_store)
    found: list[bytes] = context.get_ca_certs(binary_form=True)
    return found


def test_the_purpose_decides(ders: list[bytes]) -> None:
    any_use, servers, clients, nothing, foreign = ders
    stored = [
        (any_use, "x509_asn", True),
        (servers, "x509_asn", {SERVERS, CLIENTS}),
        (clients, "x509_asn", frozenset({CLIENTS})),
        (nothing, "x509_asn", frozenset()),
        (foreign, "pkcs_7_asn", True),
    ]
    assert loaded(stored, ferrossl.Purpose.SERVER_AUTH) == [any_use, servers]
    assert loaded(stored, ferrossl.Purpose.CLIENT_AUTH) == [any_use, servers, clients]
    assert loaded([], ferrossl.Purpose.SERVER_AUTH) == []


def test_a_bad_certificate_is_a_warning_and_costs_no_other(ders: list[bytes]) -> None:
    stored = [(ders[0], "x509_asn", True), (ders[1][:-1], "x509_asn", True), (ders[2], "x509_asn", True)]
    with pytest.warns(UserWarning, match="Bad certificate in Windows certificate store: "):
        assert loaded(stored, ferrossl.Purpose.SERVER_AUTH) == [ders[0], ders[2]]


def test_a_store_that_may_not_be_read_is_a_warning() -> None:
    def refuse(_name: str) -> list[Any]:
        raise PermissionError(13, "Access is denied")

    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    with pytest.warns(UserWarning, match="unable to enumerate Windows certificate store"):
        load_windows_store(context, "ROOT", ferrossl.Purpose.SERVER_AUTH, refuse)
    assert context.cert_store_stats()["x509"] == 0


def test_other_errors_come_through() -> None:
    def refuse(_name: str) -> list[Any]:
        raise OSError(2, "no such store")

    with pytest.raises(OSError, match="no such store"):
        context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
        load_windows_store(context, "ROOT", ferrossl.Purpose.SERVER_AUTH, refuse)


@pytest.mark.skipif(sys.platform == "win32", reason="about systems without certificate stores")
def test_other_systems_have_no_stores() -> None:
    for name in ("enum_certificates", "enum_crls"):
        assert not hasattr(ferrossl, name)
        assert not hasattr(ferrossl._ssl, name)


if sys.platform == "win32":
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    from windows_store import StoreOfTheTest

    @pytest.mark.parametrize("name", ["CA", "ROOT", "MY"])
    def test_stores_are_as_the_standard_library_sees_them(name: str) -> None:
        assert sorted(map(repr, ferrossl.enum_certificates(name))) == sorted(
            map(repr, stdlib_ssl.enum_certificates(name))
        )
        assert sorted(ferrossl.enum_crls(name)) == sorted(stdlib_ssl.enum_crls(name))

    def test_every_kind_of_entry(ders: list[bytes], tmp_path: Path) -> None:
        with StoreOfTheTest() as store:
            store.add_certificate(ders[0])
            store.add_certificate(ders[1], uses=[SERVERS, CLIENTS])
            store.add_certificate(ders[2], uses=[])
            pem = Authority(tmp_path).revocation_list()
            crl = x509.load_pem_x509_crl(pem).public_bytes(serialization.Encoding.DER)
            store.add_revocation_list(crl)
            found = ferrossl.enum_certificates(store.name)
            assert {der: (encoding, trust) for der, encoding, trust in found} == {
                ders[0]: ("x509_asn", True),
                ders[1]: ("x509_asn", {SERVERS, CLIENTS}),
                ders[2]: ("x509_asn", frozenset()),
            }
            assert isinstance(next(trust for der, _, trust in found if der == ders[1]), frozenset)
            assert ferrossl.enum_crls(store.name) == [(crl, "x509_asn")]
            assert set(found) == set(stdlib_ssl.enum_certificates(store.name))
            assert ferrossl.enum_crls(store.name) == stdlib_ssl.enum_crls(store.name)

    def test_arguments() -> None:
        for function in (ferrossl.enum_certificates, ferrossl.enum_crls):
            with pytest.raises(TypeError):
                function()
            with pytest.raises(TypeError):
                function(b"ROOT")
            with pytest.raises(ValueError, match="null"):
                function("ROOT\0")
            assert function(store_name="ROOT") == function("ROOT")

    def test_default_certificates_are_those_of_the_stores() -> None:
        expected = {
            der
            for name in ("CA", "ROOT")
            for der, encoding, trust in ferrossl.enum_certificates(name)
            if trust is True or SERVERS in trust
        }
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
            context.load_default_certs()
        theirs = stdlib_ssl.SSLContext(stdlib_ssl.PROTOCOL_TLS_CLIENT)
        theirs.load_default_certs()
        assert context.cert_store_stats() == theirs.cert_store_stats()
        assert set(context.get_ca_certs(binary_form=True)) <= expected
