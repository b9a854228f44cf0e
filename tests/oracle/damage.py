"""Certificates and CRLs with one node of their DER changed: in tag, length or value, missing, doubled, with company.

What a CA signs is bytes. So every change is made in the tree of the DER, the lengths above it are written anew, and
the result is signed again with the right key: the only thing wrong is the change itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 1, 2, 3, 4, 5, 6
UTF8_STRING, PRINTABLE_STRING, IA5_STRING, UTC_TIME, GENERALIZED_TIME = 0x0C, 0x13, 0x16, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31

#: The way to a node: the number of the item to take in each.
Path = tuple[int, ...]

#: What a node may be taken for: the types that certificates use, relatives of them, other classes, and no type.
TAGS = (
    *(0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x0D, 0x12, 0x13, 0x14, 0x15, 0x16),
    *(0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1E, 0x1F, 0x21, 0x24, 0x30, 0x31, 0x41, 0x61, 0x7F),
    *(
        0x80,
        0x81,
        0x82,
        0x83,
        0x84,
        0x85,
        0x86,
        0x87,
        0x88,
        0xA0,
        0xA1,
        0xA2,
        0xA3,
        0xA4,
        0xA5,
        0xC1,
        0xE1,
        0x00,
    ),
)

#: What stands behind or before a node that should not.
COMPANY = {
    "null": b"\x05\x00",
    "integer": b"\x02\x01\x05",
    "true": b"\x01\x01\xff",
    "octets": b"\x04\x01\x00",
    "sequence": b"\x30\x00",
    "context": b"\x89\x01\x00",
    "end": b"\x00\x00",
    "half": b"\x04",
    "zero": b"\x00",
}


@dataclass
class Node:
    """An item: its tag, and either its value or the items in it (behind `prefix`, inside strings of bytes)."""

    tag: int
    value: bytes = b""
    items: list[Node] | None = None
    prefix: bytes = b""
    raw: bytes | None = None  # stands in place of all the rest

    def contents(self) -> bytes:
        return (
            self.prefix + b"".join(item.encode() for item in self.items)
            if self.items is not None
            else self.value
        )

    def encode(self) -> bytes:
        return self.raw if self.raw is not None else wrap(self.tag, self.contents())


def length_of(size: int) -> bytes:
    """A length as DER writes it."""
    if size < 0x80:
        return bytes((size,))
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(digits),)) + digits


def wrap(tag: int, contents: bytes) -> bytes:
    return bytes((tag,)) + length_of(len(contents)) + contents


def parse(der: bytes) -> Node:
    """The tree of one well-formed item."""
    [node] = _items(der)
    return node


def parse_leniently(der: bytes) -> Node:
    """The tree of what may be damaged: what is no item stands as one with the rest for its value."""
    items = _items(der, lenient=True)
    return items[0] if items else Node(0)


def _items(der: bytes, lenient: bool = False) -> list[Node]:
    found = []
    while der:
        tag, size, start = der[0], der[1] if len(der) > 1 else 0x80, 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(der[2:start], "big")
        contents = der[start : start + size]
        if len(contents) != size:
            assert lenient, "not well-formed"
            return [*found, Node(tag, der[1:])]
        found.append(_node(tag, contents, lenient))
        der = der[start + size :]
    return found


def _node(tag: int, contents: bytes, lenient: bool) -> Node:
    if tag & 0x20:
        return Node(tag, items=_items(contents, lenient))
    prefix = b"\0" if tag == BIT_STRING else b""
    # Extensions and RSA keys are DER in strings of bytes.
    if tag in (OCTET_STRING, BIT_STRING) and contents.startswith(prefix):
        try:
            inside = _items(contents[len(prefix) :])
            if (
                len(inside) == 1
                and (inside[0].encode() == contents[len(prefix) :])
                and inside[0].tag in _INSIDE
            ):
                return Node(tag, items=inside, prefix=prefix)
        except (AssertionError, IndexError):
            pass
    return Node(tag, contents)


_INSIDE = (SEQUENCE, INTEGER, BIT_STRING, OCTET_STRING, 0x0A, NULL, BOOLEAN)


def paths(node: Node, above: Path = ()) -> Iterator[Path]:
    """The way to every node, the root's own first."""
    yield above
    for number, item in enumerate(node.items or ()):
        yield from paths(item, (*above, number))


def find(node: Node, path: Path) -> Node:
    for number in path:
        assert node.items is not None
        node = node.items[number]
    return node


def replaced(node: Node, path: Path, by: bytes) -> bytes:
    """The encoding with these bytes in the place of one node; the lengths above fit."""
    if not path:
        return by
    assert node.items is not None
    items = [
        replaced(item, path[1:], by) if number == path[0] else item.encode()
        for number, item in enumerate(node.items)
    ]
    return wrap(node.tag, node.prefix + b"".join(items))


def changes(node: Node) -> Iterator[tuple[str, bytes]]:
    """Every change of one node, by name: the bytes that stand in its place."""
    whole, contents = node.encode(), node.contents()
    seen = {whole}
    for name, made in _changes(node, whole, contents):
        if made not in seen:
            seen.add(made)
            yield name, made


def _changes(node: Node, whole: bytes, contents: bytes) -> Iterator[tuple[str, bytes]]:
    yield "missing", b""
    yield "doubled", whole + whole
    for tag in (*TAGS, node.tag ^ 0x20, node.tag ^ 0x40, node.tag ^ 0x80, node.tag ^ 0x01):
        yield f"tag {tag:02x}", bytes((tag,)) + whole[1:]
    yield "tag long", bytes((node.tag & 0xE0 | 0x1F, node.tag & 0x1F)) + whole[1:]
    for name, company in COMPANY.items():
        yield f"behind: {name}", whole + company
        yield f"before: {name}", company + whole
        yield f"inside behind: {name}", wrap(node.tag, contents + company)
        yield f"inside before: {name}", wrap(node.tag, company + contents)
        yield f"instead: {name}", company
    size = len(contents)
    start = bytes((node.tag,))
    yield "length padded", start + b"\x81" + bytes((size,)) + contents if size < 0x80 else whole
    yield "length padded more", start + b"\x84" + size.to_bytes(4, "big") + contents
    yield "length padded most", start + b"\x89" + size.to_bytes(9, "big") + contents
    yield "length one more", start + length_of(size + 1) + contents
    yield "length one less", start + length_of(max(size - 1, 0)) + contents
    yield "length huge", start + b"\x84\xff\xff\xff\xff" + contents
    yield "length reserved", start + b"\xff" + contents
    yield "length indefinite", start + b"\x80" + contents + b"\0\0"
    yield "length without end", start + b"\x80" + contents
    yield (
        "constructed in pieces",
        bytes((node.tag | 0x20,)) + length_of(len(wrap(4, contents))) + wrap(4, contents),
    )
    yield "explicit", wrap(0xA0, whole)
    yield "in a sequence", wrap(SEQUENCE, whole)
    for name, value in _values(node, contents):
        yield f"value {name}", wrap(node.tag, value)


def _values(node: Node, value: bytes) -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    if value:
        yield "cut at the end", value[:-1]
        yield "cut at the beginning", value[1:]
        for bit in (0x80, 0x40, 0x20, 0x01):
            yield f"first ^ {bit:02x}", bytes((value[0] ^ bit,)) + value[1:]
            yield f"last ^ {bit:02x}", value[:-1] + bytes((value[-1] ^ bit,))
        yield "twice", value + value
        middle = len(value) // 2
        yield "a null inside", value[:middle] + b"\0" + value[middle:]
        yield "an 80 inside", value[:middle] + b"\x80" + value[middle:]
        yield "ff in the middle", value[:middle] + b"\xff" + value[middle + 1 :]
    for extra in (0x00, 0x01, 0x20, 0x7F, 0x80, 0xFF):
        yield f"{extra:02x} in front", bytes((extra,)) + value
        yield f"{extra:02x} at the end", value + bytes((extra,))
        yield f"only {extra:02x}", bytes((extra,))
    yield "only 00ff", b"\x00\xff"
    yield "only ff00", b"\xff\x00"
    if node.items is not None and len(node.items) > 1:
        parts = [item.encode() for item in node.items]
        yield "reversed", node.prefix + b"".join(reversed(parts))
        yield "turned", node.prefix + b"".join((*parts[1:], parts[0]))
    yield from _special(node, value)


def _special(node: Node, value: bytes) -> Iterator[tuple[str, bytes]]:
    if node.tag in (INTEGER, 0x0A, 0x80, 0x81, 0x82):
        yield "nine bytes", b"\x01" + bytes(8)
        yield "2^63", b"\x00\x80" + bytes(7)
        yield "2^31", b"\x00\x80" + bytes(3)
        yield "negative", b"\x81\x02"
        yield "eight", b"\x08"
    if node.tag in (OID, 0x88):
        yield "arc of 200 bits", b"\x69" + b"\x81" * 28 + b"\x01"
        yield "arc of 128 bits", b"\x69\x83" + b"\xff" * 17 + b"\x7f"
        yield "very long", b"\x2a" + b"\x01" * 700
    if node.tag in (UTF8_STRING, PRINTABLE_STRING, IA5_STRING, 0x1E, 0x1C, 0x81, 0x82, 0x86):
        yield "surrogate", b"\xed\xa0\x80"
        yield "surrogates", b"\xd8\x3d\xde\x00"
        yield "beyond Unicode", b"\xf7\xbf\xbf\xbf"
        yield "overlong", b"\xc0\x80"
        yield "noncharacter", b"\xef\xbf\xbf"
        yield "spaces", b"  " + value.replace(b" ", b"\t \v") + b" "
        yield "null at the end", value + b"\0"
        yield "null and more", value + b"\0.example.org"
        yield "wildcard", b"*." + value.partition(b".")[2]
    if node.tag in (UTC_TIME, GENERALIZED_TIME):
        digits = value[:-1]
        yield "no zone", digits
        yield "an offset", digits + b"+0000"
        yield "fraction", digits + b".0Z"
        yield "no seconds", digits[:-2] + b"Z"
        yield "second 60", digits[:-2] + b"60Z"
        yield "month 13", digits[:-10] + b"13" + digits[-8:] + b"Z"
        yield "February 30", digits[:-10] + b"0230" + digits[-6:] + b"Z"
        yield "hour 24", digits[:-6] + b"24" + digits[-4:] + b"Z"
        yield "lower case", digits + b"z"
        yield "longer", digits + b"00Z"


@dataclass(frozen=True)
class Mutant:
    """A certificate or CRL with one change. It is signed when it is wanted."""

    name: str
    make: Callable[[], bytes]


def mutants(der: bytes, sign: Callable[[bytes], bytes]) -> Iterator[Mutant]:
    """Every single change of a certificate or CRL, signed again. `sign` makes the contents of the signature."""
    tree = parse(der)
    assert tree.items is not None
    signed, algorithm, signature = tree.items

    def signed_again(part: bytes, outer: bytes) -> bytes:
        return wrap(SEQUENCE, part + outer + wrap(BIT_STRING, b"\0" + sign(part)))

    def mutant(name: str, make: Callable[..., bytes], *arguments: Any) -> Mutant:
        return Mutant(name, lambda: make(*arguments))

    def inside(path: Path, made: bytes) -> bytes:
        return signed_again(replaced(signed, path, made), algorithm.encode())

    def outside(path: Path, made: bytes) -> bytes:
        return signed_again(signed.encode(), replaced(algorithm, path, made))

    def both(path: Path, made: bytes) -> bytes:
        changed = replaced(algorithm, path, made)
        return signed_again(replaced(signed, inner, changed), changed)

    for path in paths(signed):
        where = _where(signed, path)
        for name, made in changes(find(signed, path)):
            yield mutant(f"{where}: {name}", inside, path, made)
    inner = (next(n for n, item in enumerate(signed.items or ()) if item.encode() == algorithm.encode()),)
    for path in paths(algorithm):
        where = f"algorithm{_dotted(path)}"
        for name, made in changes(find(algorithm, path)):
            yield mutant(f"outer {where}: {name}", outside, path, made)
            yield mutant(f"both {where}: {name}", both, path, made)
    for path in ((), *((2, *path) for path in paths(signature))):
        where = f"signature{_dotted(path[1:])}" if path else "whole"
        for name, made in changes(find(tree, path)):
            yield mutant(f"{where}: {name}", replaced, tree, path, made)


def _dotted(path: Path) -> str:
    return "".join(f".{number}" for number in path)


def _where(signed: Node, path: Path) -> str:
    """A node's place, with the identifiers of the extensions and attributes on the way."""
    text, node = "tbs", signed
    for number in path:
        assert node.items is not None
        node = node.items[number]
        text += f".{number}"
        first = node.items[0] if node.items else None
        if first is not None and first.tag == OID and first.items is None:
            text += f"[{dotted_oid(first.value)}]"
    return text


def dotted_oid(value: bytes) -> str:
    arcs, arc = [], 0
    for byte in value:
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs += [arc] if arcs else [min(arc // 40, 2), arc - 40 * min(arc // 40, 2)]
            arc = 0
    return ".".join(map(str, arcs))


def not_der(der: bytes, pattern: Node) -> str | None:
    """What about an encoding is not DER, at the first place where something is; None when it is DER all through.

    `pattern` is what it was before the change: strings of bytes in which it has items are looked into.
    """
    try:
        _check_items(der, [pattern])
    except NotDer as error:
        return str(error)
    return None


class NotDer(Exception):
    """Something that BER allows, or nothing does."""


#: Universal types that DER writes in one piece; the others are SEQUENCE, SET, EXTERNAL and EMBEDDED PDV.
_CONSTRUCTED = (0x30, 0x31, 0x28, 0x2B)


def _check_items(der: bytes, patterns: list[Node]) -> None:
    for number, (tag, contents) in enumerate(_strict(der)):
        if tag >= 0x80 and any(pattern.tag == tag ^ 0x20 for pattern in patterns[number : number + 1]):
            raise NotDer("a type in pieces, or a SEQUENCE or SET without")
        same = [pattern for pattern in patterns[number : number + 2] if pattern.tag == tag]
        if tag & 0x20:
            _check_items(contents, same[0].items or [] if same else [])
        elif same and same[0].items is not None:
            if not contents.startswith(same[0].prefix):
                raise NotDer("a string of bits with unused bits where there should be items")
            inside = list(_strict(contents[len(same[0].prefix) :]))
            if len(inside) != 1:
                raise NotDer("something behind an item inside a string of bytes")
            _check_items(contents[len(same[0].prefix) :], same[0].items)


def _strict(der: bytes) -> Iterator[tuple[int, bytes]]:
    while der:
        tag, size, start = der[0], der[1] if len(der) > 1 else 0x80, 2
        if tag == 0:
            raise NotDer("the mark of an end")
        if tag & 0x1F == 0x1F:
            raise NotDer("an identifier of several bytes")
        if tag < 0x40 and bool(tag & 0x20) != (tag | 0x20 in _CONSTRUCTED):
            raise NotDer("a type in pieces, or a SEQUENCE or SET without")
        if size & 0x80:
            start += size & 0x7F
            digits = der[2:start]
            size = int.from_bytes(digits, "big")
            if not digits or digits[0] == 0 or size < 0x80:
                raise NotDer("a length that is not given, or is padded")
        if len(der) < start + size:
            raise NotDer("an item that is cut short")
        yield tag, der[start : start + size]
        der = der[start + size :]
