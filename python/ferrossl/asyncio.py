"""asyncio with TLS in its event loop: sockets are read and written natively, without ``asyncio.sslproto``.

    with asyncio.Runner(loop_factory=ferrossl.asyncio.EventLoop) as runner:
        runner.run(main())

After :func:`ferrossl.install` every selector loop of asyncio does the same. Contexts of the standard library's ``ssl``, and
transports that are not sockets', go asyncio's own way, and so do the proactor loop (Windows) and loops that are not asyncio's.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable

from ferrossl import _asyncio_carrier
from ferrossl._context import SSLContext
from ferrossl._object import SSLObject
from ferrossl._public import public_module
from ferrossl._typing import Any

__all__ = ["EventLoop"]

# What our transport does not call, of an object's methods.
_MOVES_DATA = ("read", "write", "unwrap")


def _is_own(sslcontext: object) -> bool:
    """Whether this is a context of ours (``isinstance`` would say so of the standard library's, too) that connects as we do.

    One that makes its objects in a way of its own, or whose objects read and write so, is meant to be asked: truststore's.
    """
    if not issubclass(type(sslcontext), SSLContext):
        return False
    made: Any = sslcontext.sslobject_class  # type: ignore[attr-defined]
    return (
        getattr(sslcontext.wrap_bio, "__func__", None) is SSLContext.wrap_bio  # type: ignore[attr-defined]
        and issubclass(made, SSLObject)
        and made._create.__func__ is SSLObject._create.__func__  # type: ignore[attr-defined]
        and all(getattr(made, name) is getattr(SSLObject, name) for name in _MOVES_DATA)
    )


def _context_for(sslcontext: Any, server_side: bool, server_hostname: str | None) -> SSLContext | None:
    """The context of ours that is meant; None for another module's."""
    if _is_own(sslcontext):
        context: SSLContext = sslcontext
        return context
    # What `ssl=True` comes down to.
    if sslcontext is None and not server_side:
        # By its public name, which programs exchange for another one.
        context = public_module().create_default_context()
        if not server_hostname:
            context.check_hostname = False
        return context
    return None


def _with_own_transport(theirs: Callable[..., Any]) -> Callable[..., Any]:
    """``_make_ssl_transport`` of a selector loop: ours for contexts of ours, ``theirs`` for others."""

    @functools.wraps(theirs)
    def _make_ssl_transport(
        self: Any,
        rawsock: Any,
        protocol: asyncio.BaseProtocol,
        sslcontext: Any,
        waiter: Any = None,
        *,
        extra: Any = None,
        server: Any = None,
        server_side: bool = False,
        server_hostname: str | None = None,
        **timeouts: float | None,
    ) -> Any:
        context = _context_for(sslcontext, server_side, server_hostname)
        own = context is not None and _asyncio_carrier.is_plain(rawsock)
        make = _asyncio_carrier.over_socket if own else theirs
        return make(
            self,
            rawsock,
            protocol,
            sslcontext if context is None else context,
            waiter,
            extra=extra,
            server=server,
            server_side=server_side,
            server_hostname=server_hostname,
            **timeouts,
        )

    return _make_ssl_transport


def _with_own_start_tls(theirs: Callable[..., Any]) -> Callable[..., Any]:
    """``start_tls`` of a selector loop: ours for contexts of ours over asyncio's own socket transports."""

    @functools.wraps(theirs)
    async def start_tls(
        self: Any, transport: Any, protocol: asyncio.BaseProtocol, sslcontext: Any, **options: Any
    ) -> Any:
        if _is_own(sslcontext) and _asyncio_carrier.can_carry(transport):
            return await _asyncio_carrier.upgrade(self, transport, protocol, sslcontext, **options)
        return await theirs(self, transport, protocol, sslcontext, **options)

    return start_tls


def _replacement(name: str, theirs: Callable[..., Any]) -> Callable[..., Any]:
    """Our version of a selector loop's method, for ``install()``."""
    return _with_own_transport(theirs) if name == "_make_ssl_transport" else _with_own_start_tls(theirs)


class EventLoop(asyncio.SelectorEventLoop):
    """asyncio's selector loop, with TLS of our own. Use it as ``loop_factory`` of ``asyncio.Runner`` or ``asyncio.run``.

    TLS in TLS, and :meth:`start_tls` on a transport that still has something to send, go asyncio's own way.
    """

    _make_ssl_transport = _with_own_transport(asyncio.SelectorEventLoop._make_ssl_transport)  # type: ignore[attr-defined]
    start_tls = _with_own_start_tls(asyncio.SelectorEventLoop.start_tls)
