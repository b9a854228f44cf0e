"""The module that programs see, for code below it."""

from __future__ import annotations

from types import ModuleType


def public_module() -> ModuleType:
    """``ferrossl`` as it is when this is called.

    Programs put classes and functions of their own there: truststore, for one, an ``SSLContext``. So what makes one looks
    it up here each time. It cannot be imported at the top of a file, because ``ferrossl`` imports all of these files.
    """
    import ferrossl

    return ferrossl
