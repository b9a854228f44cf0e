"""What ``wrap_socket()`` and ``wrap_bio()`` refuse alike."""

from __future__ import annotations

from ferrossl._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ferrossl._context import SSLContext
    from ferrossl._ferrossl import SSLSession


def check_arguments(
    context: SSLContext, server_side: bool, server_hostname: str | bytes | None, session: SSLSession | None
) -> None:
    """ValueError for what one side has no use for, and for a name to be checked that is not there."""
    if server_side:
        if server_hostname:
            raise ValueError("server_hostname can only be specified in client mode")
        if session is not None:
            raise ValueError("session can only be specified in client mode")
    elif context.check_hostname and not server_hostname:
        raise ValueError("check_hostname requires server_hostname")
