"""What is refused here and accepted by OpenSSL, on purpose: each with its reason. `docs/compatibility.md` sums it up."""

from __future__ import annotations

import re
from collections.abc import Callable

from damage import OID, SEQUENCE, Node, not_der, parse_leniently
from damaged_chains import Asked


def _is_no_der(question: Asked) -> str | None:
    """BER: OpenSSL's templates take lengths, identifiers and strings in forms that DER does not have."""
    why = not_der(question.after(), parse_leniently(question.before))
    return why and f"no DER: {why}"


def _has_an_extension_twice(question: Asked) -> str | None:
    """RFC 5280 section 4.2. OpenSSL 3.0 minds it for the extensions that it looks for, newer ones for all."""
    tree = parse_leniently(question.after())
    lists = [node for node in _nodes(tree) if _is_list_of_extensions(node)]
    for found in lists:
        kinds = [extension.items[0].value for extension in found.items or () if extension.items]
        if len(set(kinds)) < len(kinds):
            return "an extension twice"
    return None


def _nodes(node: Node) -> list[Node]:
    return [node, *(below for item in node.items or () for below in _nodes(item))]


def _is_list_of_extensions(node: Node) -> bool:
    items = node.items or []
    return node.tag == SEQUENCE and any(
        item.tag == SEQUENCE
        and item.items is not None
        and len(item.items) > 1
        and item.items[0].tag == OID
        and item.items[0].value.startswith(b"\x55\x1d")
        for item in items
    )


def _matches(pattern: str, why: str) -> Callable[[Asked], str | None]:
    return lambda question: why if re.search(pattern, question.name) else None


REASONS: tuple[Callable[[Asked], str | None], ...] = (
    _is_no_der,
    _has_an_extension_twice,
    _matches(
        r"whole: (behind|doubled)",
        "something behind a certificate or CRL; a handshake with OpenSSL minds that too",
    ),
    _matches(
        r"list tbs\S*\[2\.5\.29\.(28|35)\]",
        "a CRL that says whom it is for, or which key signs it, and cannot be read there; OpenSSL passes over that",
    ),
    _matches(
        r"list (tbs\.1\[|outer algorithm)",
        "a CRL with one algorithm inside and another outside (RFC 5280 section 5.1.1.2)",
    ),
    _matches(
        r"list tbs\.5\.\d+\.1: value (only|cut|empty|no seconds|first|an|a)",
        "a date of revocation shorter than one with seconds; newer versions of OpenSSL do not load it",
    ),
    _matches(
        r"\[2\.5\.29\.19\]\S*: value (2\^63|nine bytes)",
        "a path length that does not fit into 63 bits, which OpenSSL takes for none",
    ),
    _matches(
        r"(rsa|pss) (leaf|middle) tbs\.6\.1\.0\.[01]:",
        "an RSA key whose numbers are padded or negative, which OpenSSL takes for positive",
    ),
    _matches(
        r"(rsa|pss|ed25519|p384|p521|k1)? ?(leaf|middle|root) tbs\.[56]\.1: value",
        "a key in a string of bits some of which do not count",
    ),
    _matches(
        r"\[2\.5\.29\.(17|30|31|35)\].*: (tag [ab][1267]|value first \^ 20)",
        "a name in pieces, whose number another kind of name has in one piece",
    ),
    _matches(
        r"(^pss |\[2\.5\.29\.17\]).*: tag 1[78]",
        "a time shorter than one with seconds where any type may be; newer versions of OpenSSL do not load it",
    ),
    _matches(
        r"^pss (leaf|middle) tbs\.6\.0\[\S*\.1\.2\.0: value", "a key that asks for salt of no sensible length"
    ),
    _matches(
        r"^pss (leaf|middle) tbs\.6\.0\[\S*\.1\.2: tag a3",
        "a key that asks for a trailer that does not exist, which OpenSSL does not look at",
    ),
    _matches(
        r"both algorithm\.0: value cut at the end",
        "ecdsa-with-Specified, which leaves the digest open; OpenSSL takes the key's own",
    ),
    _matches(r"^k1 leaf", "a curve that no suite here authenticates with"),
    _matches(
        r"^ed25519 signed leaf both algorithm", "an Ed25519 signature with parameters (RFC 8410 section 3)"
    ),
)


def reason(question: Asked) -> str | None:
    """Why this is refused here, if that is on purpose."""
    return next((why for why in (find(question) for find in REASONS) if why), None)
