"""TLS over a socket in asyncio's selector loops, without ``asyncio.sslproto`` and its memory BIOs.

What happens for every piece of data is native (``_TransportCore``): the loop calls it when the socket is ready, it receives,
opens and hands over in one call, and a write is encrypted and sent in another. Here is what is rarer: the handshake, the
ends, time-outs, failures. Behaviour, logging and exceptions follow ``asyncio.sslproto`` of the standard library.

The socket belongs to one of asyncio's own transports, the carrier (``_asyncio_carrier``).
"""

from __future__ import annotations

import asyncio
import warnings
from asyncio import constants, protocols, transports
from asyncio.log import logger
from collections.abc import Iterable

from ferrossl._context import SSLContext
from ferrossl._errors import CertificateError, SSLEOFError, SSLWantReadError, SSLWantWriteError
from ferrossl._ferrossl import _TransportCore
from ferrossl._typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from ferrossl._object import SSLObject

    # For type checkers it has none of what it owns.
    _FlowControl: Any = object
else:
    _FlowControl = transports._FlowControlMixin

# How far the connection is. Each leads to those below it.
_HANDSHAKE, _OPEN, _CLOSING, _LOST = range(4)

# What asyncio's own TLS transport pauses a protocol at, in bytes. A constant since 3.11.
_HIGH_WATER = constants.FLOW_CONTROL_HIGH_WATER_SSL_WRITE * 1024


def _positive(name: str, seconds: float | None, default: float) -> float:
    if seconds is None:
        return default
    if seconds <= 0:
        raise ValueError(f"{name} should be a positive number, got {seconds}")
    return seconds


class SSLTransport(_FlowControl, transports.Transport):  # type: ignore[misc]
    """A TLS connection over a socket, as an asyncio transport. Made by the event loop.

    Beside what every transport has, :meth:`get_extra_info` knows ``ssl_object``, ``sslcontext``, ``peercert``, ``cipher`` and
    ``compression``, all but ``sslcontext`` from the handshake on.
    """

    # `write` and `writelines` are the native methods themselves: a slot costs less than a call.
    __slots__ = (
        "__weakref__",
        "_carrier",
        "_closed",
        "_connected",
        "_core",
        "_eof_received",
        "_fd",
        "_handshake_started",
        "_handshake_timeout",
        "_paused",
        "_protocol",
        "_reading",
        "_shutdown_timeout",
        "_ssl_object",
        "_sslcontext",
        "_state",
        "_timer",
        "_waiter",
        "_writing",
        "write",
        "writelines",
    )

    _start_tls_compatible = True
    _sendfile_compatible = constants._SendfileMode.FALLBACK

    write: Callable[[Any], None]  # type: ignore[assignment]
    writelines: Callable[[Iterable[Any]], None]  # type: ignore[assignment]
    _core: _TransportCore
    _carrier: Any
    _loop: Any
    _protocol: Any
    _ssl_object: SSLObject

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        protocol: asyncio.BaseProtocol,
        sslcontext: SSLContext,
        waiter: asyncio.Future[None] | None,
        *,
        server_side: bool = False,
        server_hostname: str | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
        call_connection_made: bool = True,
    ) -> None:
        # Until there is a connection, nothing is unclosed.
        self._closed = True
        super().__init__(None, loop)  # type: ignore[call-arg]
        self._set_write_buffer_limits(high=_HIGH_WATER)
        self._handshake_timeout = _positive(
            "ssl_handshake_timeout", ssl_handshake_timeout, constants.SSL_HANDSHAKE_TIMEOUT
        )
        self._shutdown_timeout = _positive(
            "ssl_shutdown_timeout", ssl_shutdown_timeout, constants.SSL_SHUTDOWN_TIMEOUT
        )
        self._sslcontext = sslcontext
        self._ssl_object = sslcontext.sslobject_class._over_socket(
            sock, server_side, None if server_side else server_hostname or None, sslcontext
        )
        self._core = _TransportCore(self._ssl_object._sslobj, sock.fileno, self)
        self.write = self._core.write
        self.writelines = self._core.writelines
        self._carrier = None
        self._fd = sock.fileno()
        self._waiter = waiter
        self._timer: asyncio.TimerHandle | None = None
        self._handshake_started: float | None = None
        self._state = _HANDSHAKE
        # Whether the program's protocol has been told of a connection, and will be told of its loss.
        self._connected = not call_connection_made
        self._eof_received = False
        self._paused = False
        self._reading = False
        self._writing = False
        self.set_protocol(protocol)
        self._closed = False

    # ---- what programs call ----

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See :class:`asyncio.BaseTransport`. ``peercert`` is made when it is asked for."""
        if name == "sslcontext":
            return self._sslcontext
        if (
            name in ("ssl_object", "peercert", "cipher", "compression")
            and self._ssl_object.version() is not None
        ):
            if name == "ssl_object":
                return self._ssl_object
            return getattr(self._ssl_object, "getpeercert" if name == "peercert" else name)()
        return default if self._carrier is None else self._carrier.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what comes in to ``protocol`` from here on."""
        self._protocol = protocol
        if self._state == _LOST:
            return
        if isinstance(protocol, protocols.BufferedProtocol):
            self._core.set_receiver(protocol.get_buffer, protocol.buffer_updated)
        else:
            # Some are for writing only.
            self._core.set_receiver(getattr(protocol, "data_received", self._nobody_receives))

    def get_protocol(self) -> Any:
        """The protocol."""
        return self._protocol

    def is_closing(self) -> bool:
        """Whether the connection is closed or about to be."""
        return self._closed or (self._carrier is not None and self._carrier.is_closing())

    def is_lost(self) -> bool:
        """Whether there is no connection any more."""
        return self._state == _LOST

    def is_reading(self) -> bool:
        """Whether what comes in is handed over."""
        return not self._closed and not self._paused

    def pause_reading(self) -> None:
        """Hand nothing over until :meth:`resume_reading`."""
        if self._closed or self._paused:
            return
        # The loop goes on watching: most pauses are over before anything comes.
        self._paused = True
        self._core.set_paused(True)
        if self._loop.get_debug():
            logger.debug("%r pauses reading", self)

    def resume_reading(self) -> None:
        """Hand over what has come in, and what comes."""
        if self._closed or not self._paused:
            return
        self._paused = False
        self._core.set_paused(False)
        self._start_reading()
        if self._state == _OPEN and self._core.has_received():
            self._loop.call_soon(self._core.go_on_reading)
        if self._loop.get_debug():
            logger.debug("%r resumes reading", self)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """At how many waiting bytes the protocol is paused, and at how few it goes on; 512 KiB and a quarter of it."""
        if high is None and low is None:
            high = _HIGH_WATER
        self._set_write_buffer_limits(high=high, low=low)
        self._maybe_pause_protocol()
        self._maybe_resume_protocol()

    def get_write_buffer_size(self) -> int:
        """How many bytes wait to be sent, encrypted or not."""
        return self._core.waiting()

    def write_eof(self) -> None:
        """NotImplementedError: TLS has no half-closed connections here, as in the standard library."""
        raise NotImplementedError

    def can_write_eof(self) -> bool:
        """False."""
        return False

    def close(self) -> None:
        """Send what waits and close_notify, wait for the peer's, and hang up. What comes in meanwhile is dropped.

        After ``ssl_shutdown_timeout`` seconds it is hung up in any case.
        """
        if not self._closed:
            self._closed = True
            self._start_shutdown()

    def abort(self) -> None:
        """Hang up now. What waits to be sent is lost."""
        self._force_close(None)

    def __del__(self, _warn: Any = warnings.warn) -> None:
        if not self._closed:
            self._closed = True
            _warn(f"unclosed transport {self!r}", ResourceWarning, source=self)

    def __repr__(self) -> str:
        state = ("handshaking", "open", "closing", "closed")[self._state]
        return f"<{type(self).__name__} {state} fd={self._fd}>"

    # ---- the handshake ----

    def _begin(self, carrier: Any) -> None:
        """The carrier is there: start the handshake."""
        self._carrier = carrier
        carrier.pause_reading()
        if self._loop.get_debug():
            logger.debug("%r starts SSL handshake", self)
            self._handshake_started = self._loop.time()
        self._timer = self._loop.call_later(self._handshake_timeout, self._handshake_takes_too_long)
        self._start_reading()
        self._do_handshake()

    def _do_handshake(self) -> None:
        """A step of it: at the beginning, and whenever the socket is ready. Called by the core, too."""
        if self._state != _HANDSHAKE:
            return
        try:
            self._ssl_object.do_handshake()
        except SSLWantReadError:
            self._stop_writing()
        except SSLWantWriteError:
            self._writing_blocked()
        except SSLEOFError as exc:
            self._handshake_failed(_hung_up(exc))
        except Exception as exc:
            self._handshake_failed(exc)
        else:
            self._handshake_done()

    def _handshake_failed(self, exc: Exception) -> None:
        if isinstance(exc, CertificateError):
            self._fatal_error(exc, "SSL handshake failed on verifying the certificate")
        else:
            self._fatal_error(exc, "SSL handshake failed")
        self._wake_waiter(exc)

    def _handshake_takes_too_long(self) -> None:
        if self._state == _HANDSHAKE:
            self._fatal_error(
                ConnectionAbortedError(
                    f"SSL handshake is taking longer than {self._handshake_timeout} seconds: aborting the connection"
                )
            )

    def _handshake_done(self) -> None:
        self._cancel_timer()
        self._state = _OPEN
        self._stop_writing()
        if self._handshake_started is not None:
            duration = self._loop.time() - self._handshake_started
            logger.debug("%r: SSL handshake took %.1f ms", self, duration * 1e3)
        self._core.open()
        try:
            if not self._connected:
                self._connected = True
                self._protocol.connection_made(self)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as exc:
            self._fatal_error(exc, "Fatal error: protocol.connection_made() call failed.")
            return
        self._wake_waiter()
        self._core.go_on_reading()

    def _wake_waiter(self, exc: BaseException | None = None) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is None or waiter.done():
            return
        if exc is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(exc)

    # ---- what the core calls ----

    def _start_reading(self) -> None:
        if not self._reading and self._state != _LOST:
            self._reading = True
            self._loop._add_reader(self._fd, self._core.read_ready)

    def _stop_reading(self) -> None:
        """Something comes in that is not wanted now: by a program that has paused, or until the peer takes our answers."""
        if self._reading:
            self._reading = False
            self._loop._remove_reader(self._fd)

    def _writing_blocked(self) -> None:
        """The socket takes no more for now."""
        if not self._writing and self._state != _LOST:
            self._writing = True
            self._loop._add_writer(self._fd, self._core.write_ready)
        if self._state == _OPEN:
            self._maybe_pause_protocol()

    def _stop_writing(self) -> None:
        if self._writing:
            self._writing = False
            self._loop._remove_writer(self._fd)

    def _written(self) -> None:
        """Some of what waited is gone."""
        if not self._core.waiting():
            self._stop_writing()
            if not self._paused:
                self._start_reading()
                if self._state == _OPEN and self._core.has_received():
                    self._loop.call_soon(self._core.go_on_reading)
        self._maybe_resume_protocol()

    def _peer_closed(self) -> None:
        """The peer has said close_notify: all of its data has been handed over."""
        self._call_eof_received()
        self._closed = True
        self._start_shutdown()

    def _transport_ended(self) -> None:
        """The peer has hung up without it. The standard library takes that for a proper end, and so do programs."""
        if self._state == _LOST:
            return
        self._stop_reading()
        if self._loop.get_debug():
            logger.debug("%r received EOF", self)
        if self._state == _OPEN:
            self._call_eof_received()
        self._closed = True
        # What waits to be sent may still arrive; there is no close_notify to wait for.
        if self._state == _CLOSING:
            self._core.close()
        else:
            self._start_shutdown()
        self._stop_reading()

    def _shut_down(self) -> None:
        """Both sides have said close_notify, or the peer has hung up, and all is sent."""
        self._stop_writing()
        self._stop_reading()
        # The answer to close() is the peer's end, too.
        self._call_eof_received()
        if self._state != _LOST:
            # The loop tells of the loss in an iteration of its own. A program that is through by then keeps nothing.
            self._carrier.close()

    def _failed(self, what: str) -> None:
        """Something has gone wrong: the core raises it."""
        try:
            self._core.raise_failure()
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as exc:
            self._fatal_error(exc, what)

    @staticmethod
    def _nobody_receives(data: bytes) -> None:
        raise AttributeError("the protocol has no method data_received()")

    # ---- the ends ----

    def _call_eof_received(self) -> None:
        if self._eof_received or not self._connected:
            return
        self._eof_received = True
        try:
            if self._protocol.eof_received():
                logger.warning("returning true from eof_received() has no effect when using ssl")
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as exc:
            self._fatal_error(exc, "Error calling eof_received()")

    def _start_shutdown(self) -> None:
        if self._state == _HANDSHAKE:
            self._force_close(None)
        elif self._state == _OPEN:
            self._state = _CLOSING
            self._timer = self._loop.call_later(self._shutdown_timeout, self._shutdown_takes_too_long)
            # What still comes is dropped, up to the peer's close_notify.
            self._paused = False
            self._core.set_paused(False)
            self._start_reading()
            self._core.close()

    def _carrier_closes(self) -> bool:
        if self._state not in (_OPEN, _CLOSING) or not self._core.waiting():
            return True
        self._closed = True
        self._core.expect_nothing()
        self._start_shutdown()
        return False

    def _shutdown_takes_too_long(self) -> None:
        if self._state == _CLOSING:
            self._force_close(TimeoutError("SSL shutdown timed out"))

    def _fatal_error(self, exc: BaseException, message: str = "Fatal error on transport") -> None:
        self._force_close(exc)
        if isinstance(exc, OSError):
            if self._loop.get_debug():
                logger.debug("%r: %s", self, message, exc_info=exc)
        elif not isinstance(exc, asyncio.CancelledError):
            self._loop.call_exception_handler(
                {"message": message, "exception": exc, "transport": self, "protocol": self._protocol}
            )

    def _force_close(self, exc: BaseException | None) -> None:
        """Hang up. The name is asyncio's own: what lies above this in TLS in TLS calls it."""
        self._closed = True
        if self._state == _LOST:
            return
        self._state = _LOST
        self._stop_reading()
        self._stop_writing()
        # Nothing is written or handed over from here on; that it is lost follows from the carrier.
        self._core.drop_all()
        if self._carrier is not None:
            self._carrier._force_close(exc)

    @property
    def _ssl_protocol(self) -> Any:
        """What stands between this transport and the one below, as asyncio's own names it."""
        return None if self._carrier is None else self._carrier.get_protocol()

    def _test__append_write_backlog(self, data: bytes) -> None:
        """By the name that CPython's tests know: data that the socket has not taken."""
        self._core.keep(data)
        self._writing_blocked()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _connection_lost(self, exc: BaseException | None) -> None:
        """The carrier is about to close the socket, for whatever reason."""
        self._closed = True
        self._stop_reading()
        self._stop_writing()
        self._state = _LOST
        self._cancel_timer()
        self._core.drop_all()
        if self._connected:
            self._connected = False
            self._loop.call_soon(self._protocol.connection_lost, exc)
        # Programs keep their transports in their protocols: no cycle is left behind.
        self._protocol = None
        if exc is None and self._waiter is not None:
            exc = ConnectionAbortedError("the connection was closed during the SSL handshake")
        self._wake_waiter(exc)


def _hung_up(cause: SSLEOFError) -> ConnectionResetError:
    """In a frame of its own, which it does not keep as its cause would."""
    lost = ConnectionResetError("the peer hung up during the SSL handshake")
    lost.__cause__ = cause
    return lost


def _written_too_late(earlier: int) -> None:
    """A program has written to a connection that is closed, not for the first time. Called by the core."""
    if earlier >= constants.LOG_THRESHOLD_FOR_CONNLOST_WRITES:
        logger.warning("SSL connection is closed")
