"""Everything that can be changed about a good chain, by name."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku, NameOID

from chains import HOST, Case, Spec


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
