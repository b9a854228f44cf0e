"""A certificate store of the current user's, for tests on Windows: made by the system's own functions."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

assert sys.platform == "win32"

_STORE_PROV_SYSTEM_W = 10
_STORE_DELETE_FLAG = 0x10
_CURRENT_USER = 1 << 16
_X509_ASN_ENCODING = 1
_STORE_ADD_NEW = 1


class _EnhancedKeyUsage(ctypes.Structure):
    _fields_ = (("count", ctypes.c_uint32), ("identifiers", ctypes.POINTER(ctypes.c_char_p)))


def _function(name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(ctypes.WinDLL("crypt32", use_last_error=True), name)
    function.restype = result
    function.argtypes = arguments

    def checked(*values: Any) -> Any:
        returned = function(*values)
        if not returned:
            raise ctypes.WinError(ctypes.get_last_error())
        return returned

    return checked


_pointer, _number = ctypes.c_void_p, ctypes.c_uint32
_open = _function("CertOpenStore", _pointer, _pointer, _number, _pointer, _number, ctypes.c_wchar_p)
_close = _function("CertCloseStore", ctypes.c_int, _pointer, _number)
_free = _function("CertFreeCertificateContext", ctypes.c_int, _pointer)
_set_uses = _function("CertSetEnhancedKeyUsage", ctypes.c_int, _pointer, ctypes.POINTER(_EnhancedKeyUsage))
_add_arguments = (ctypes.c_int, _pointer, _number, ctypes.c_char_p, _number, _number, _pointer)
_add = _function("CertAddEncodedCertificateToStore", *_add_arguments)
_add_crl = _function("CertAddEncodedCRLToStore", *_add_arguments)


class StoreOfTheTest:
    """A new store with a name of its own; it is gone at the end of the ``with`` block."""

    def __init__(self) -> None:
        self.name = f"ferrossl-{uuid.uuid4()}"

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Any]:
        """The store's handle. What was added is there for others when it is closed."""
        handle = _open(_STORE_PROV_SYSTEM_W, 0, None, _CURRENT_USER, self.name)
        try:
            yield handle
        finally:
            _close(handle, 0)

    def add_certificate(self, der: bytes, uses: Sequence[str] | None = None) -> None:
        """Adds a certificate; ``uses`` are what the system's owner allows it for, as object identifiers."""
        context = _pointer()
        with self._opened() as handle:
            _add(handle, _X509_ASN_ENCODING, der, len(der), _STORE_ADD_NEW, ctypes.byref(context))
            if uses is not None:
                identifiers = (ctypes.c_char_p * len(uses))(*(use.encode() for use in uses))
                _set_uses(context, ctypes.byref(_EnhancedKeyUsage(len(uses), identifiers)))
            _free(context)

    def add_revocation_list(self, der: bytes) -> None:
        with self._opened() as handle:
            _add_crl(handle, _X509_ASN_ENCODING, der, len(der), _STORE_ADD_NEW, None)

    def __enter__(self) -> StoreOfTheTest:
        return self

    def __exit__(self, *_exception: object) -> None:
        # With this flag the function deletes, and returns nothing.
        delete = ctypes.WinDLL("crypt32").CertOpenStore
        delete(
            _pointer(_STORE_PROV_SYSTEM_W),
            0,
            None,
            _CURRENT_USER | _STORE_DELETE_FLAG,
            ctypes.c_wchar_p(self.name),
        )
