"""The socket of a TLS connection in asyncio: it belongs to one of asyncio's own transports, the carrier.

That one never reads or writes: it closes the socket, counts for its server, and warns when it is forgotten, as each version of
Python has it.
"""

from __future__ import annotations

import _socket
import asyncio
from asyncio import protocols, selector_events
from asyncio.streams import StreamReaderProtocol

from ferrossl._asyncio_transport import SSLTransport
from ferrossl._context import SSLContext
from ferrossl._typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket


class _CarriersProtocol(protocols.Protocol):
    """What the carrier sees of a :class:`SSLTransport`. It is told of the beginning and of the end only: it moves no data."""

    __slots__ = ("_tls",)

    def __init__(self, tls: SSLTransport) -> None:
        self._tls = tls

    def connection_made(self, transport: Any) -> None:
        self._tls._begin(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tls._connection_lost(exc)

    @property
    def _transport(self) -> Any:
        """The carrier, as asyncio's own names it; None when it is lost."""
        return None if self._tls.is_lost() else self._tls._carrier

    def may_close(self) -> bool:
        """Whether nothing waits to be sent. Otherwise the carrier is closed when that is gone."""
        return self._tls._carrier_closes()

    def pause_writing(self) -> None:
        """Keep what is written: a carrier that took data would say this when it is full. CPython's tests do."""
        self._tls._core.set_blocked(True)

    def resume_writing(self) -> None:
        self._tls._core.write_ready()


class _Carrier(selector_events._SelectorSocketTransport):  # type: ignore[name-defined,misc]
    """The carrier, for whom it is not hidden from: a server that closes its clients' transports, or a program that goes on
    using the one that it has called ``start_tls`` with.
    """

    def close(self) -> None:
        """What waits is still sent, but no close_notify is said."""
        if self._protocol is None or self._protocol.may_close():
            super().close()

    def _call_connection_lost(self, exc: BaseException | None) -> None:
        try:
            super()._call_connection_lost(exc)
        finally:
            # Its own methods, which it keeps: Python 3.14 lets go of them here, too.
            self._read_ready_cb = None
            self.__dict__.pop("_write_ready", None)

    def resume_reading(self) -> None:
        """Nobody reads here: what comes is not the program's."""


def is_plain(sock: object) -> bool:
    """Whether a socket does nothing of its own when it is read and written. One of a class that does is left to asyncio."""
    return all(
        getattr(type(sock), name, None) is getattr(_socket.socket, name)
        for name in ("recv", "recv_into", "send", "fileno")
    )


def over_socket(
    loop: Any,
    sock: socket.socket,
    protocol: asyncio.BaseProtocol,
    sslcontext: SSLContext,
    waiter: asyncio.Future[None] | None,
    *,
    extra: dict[str, Any] | None,
    server: Any,
    **options: Any,
) -> SSLTransport:
    """A new TLS connection over a connected, non-blocking socket, which belongs to it from here on."""
    loop._ensure_fd_no_transport(sock)
    tls = SSLTransport(loop, sock, protocol, sslcontext, waiter, **options)
    tls._carrier = _Carrier(loop, sock, _CarriersProtocol(tls), extra=extra, server=server)
    return tls


async def upgrade(
    loop: Any, carrier: Any, protocol: asyncio.BaseProtocol, sslcontext: SSLContext, **options: Any
) -> SSLTransport:
    """TLS over the socket of one of asyncio's own transports, which has nothing to send any more."""
    waiter = loop.create_future()
    tls = SSLTransport(
        loop, carrier._sock, protocol, sslcontext, waiter, call_connection_made=False, **options
    )
    carrier.pause_reading()
    is_stream = options.get("server_side") and isinstance(protocol, StreamReaderProtocol)
    reader = getattr(protocol, "_stream_reader", None) if is_stream else None
    if reader is not None and reader._buffer:
        # The client has begun its handshake already: Python 3.14 knows of that, too.
        tls._core.feed(bytes(reader._buffer))
        reader._buffer.clear()
    carrier.set_protocol(_CarriersProtocol(tls))
    carrier.__class__ = _Carrier
    begins = loop.call_soon(tls._begin, carrier)
    try:
        await waiter
    except BaseException:
        begins.cancel()
        tls._closed = True
        carrier.close()
        # The exception knows this frame, and the waiter knows the exception.
        del waiter, tls, carrier
        raise
    return tls


def can_carry(transport: Any) -> bool:
    """Whether this is one of asyncio's own transports for sockets, open and with nothing to send."""
    return (
        type(transport) is selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
        and not transport.is_closing()
        and not transport.get_write_buffer_size()
        and is_plain(transport._sock)
    )
