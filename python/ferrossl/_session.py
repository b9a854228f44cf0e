"""``SSLSession``: a TLS session that a client may resume later. The class is native."""

from __future__ import annotations

from ferrossl._ferrossl import SSLSession

__all__ = ["SSLSession"]
