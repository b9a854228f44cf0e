"""Random bytes, as ``ssl`` has them."""

from __future__ import annotations

import math

from ferrossl import _ferrossl
from ferrossl._typing import Any


def RAND_bytes(n: int, /) -> bytes:
    """n bytes that are fit for keys. ValueError for a negative n."""
    return _ferrossl.random_bytes(n)


def RAND_status() -> bool:
    """True: the generator seeds itself from the system, also after a fork."""
    return True


def RAND_add(string: Any, entropy: float, /) -> None:
    """Accepts more entropy for compatibility; the generator seeds itself and needs none."""
    if not isinstance(string, str):
        memoryview(string).release()
    math.ldexp(entropy, 0)  # TypeError for what is not a number
