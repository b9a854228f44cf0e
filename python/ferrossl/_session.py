"""``SSLSession``: the name that annotations and isinstance checks need. None is handed out yet."""

from __future__ import annotations


class SSLSession:
    """A TLS session. ferrossl does not hand out sessions yet, so there is no instance of this class."""

    def __init__(self) -> None:
        raise TypeError("cannot create 'SSLSession' instances")
