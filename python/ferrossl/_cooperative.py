"""Waiting where all threads are greenlets of one: gevent and eventlet.

They put functions of their own in the places of the system's that wait, so that other greenlets go on meanwhile. The native
driver waits in the system, where they cannot see it, and would stop them all. So where ``select.select`` is not the
system's any more, operations are tried without waiting, and the waiting is left to whatever stands in its place.
"""

from __future__ import annotations

import _socket
import errno
import os
import select
import socket
import time
from collections.abc import Callable
from types import BuiltinFunctionType

from ferrossl._errors import SSLWantReadError, SSLWantWriteError
from ferrossl._typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import weakref

    from ferrossl._socket import SSLSocket


def plain_socket_class() -> type[socket.socket]:
    """The standard library's ``socket.socket``, also when another class stands in its place: those of gevent and eventlet
    have no descriptor of their own, but an object that has one."""
    if socket.socket.__module__ == "socket":
        return socket.socket
    for kind in _socket.socket.__subclasses__():
        if (kind.__module__, kind.__name__) == ("socket", "socket"):
            return kind  # type: ignore[return-value]
    return socket.socket


def is_wanted() -> bool:
    """Whether somebody has replaced the function that waits."""
    return not isinstance(select.select, BuiltinFunctionType)


class Patience:
    """How long an operation that begins now may wait in all."""

    def __init__(self, sock: socket.socket, operation: str) -> None:
        self._socket = sock
        self._operation = operation
        # Not the method of a subclass: eventlet's has a timeout of its own, and none below.
        self.timeout = _socket.socket.gettimeout(sock)
        self._end = None if self.timeout is None else time.monotonic() + self.timeout

    def wait(self, *, read: bool = False, write: bool = False) -> None:
        """Let others run until the socket is ready; TimeoutError when there is no time left."""
        number = self._socket.fileno()
        if number < 0:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        left = None if self._end is None else max(0.0, self._end - time.monotonic())
        ready = select.select([number] if read else [], [number] if write else [], [], left)
        if not any(ready):
            raise TimeoutError(f"The {self._operation} operation timed out")

    def let_others(self) -> None:
        """Let others run for a moment; TimeoutError when there is no time left."""
        if self._end is not None and time.monotonic() >= self._end:
            raise TimeoutError(f"The {self._operation} operation timed out")
        select.select([], [], [], 0.001)


def without_tls(sock: socket.socket, write: bool, operation: Callable[..., Any], *arguments: Any) -> Any:
    """An operation of the socket below, which may wait as long as the socket's timeout says."""
    patience = Patience(sock, "write" if write else "read")
    if patience.timeout == 0.0:
        return operation(*arguments)
    while True:
        # No other greenlet runs between these two, so none sees the wrong timeout.
        _socket.socket.settimeout(sock, 0.0)
        try:
            return operation(*arguments)
        except BlockingIOError:
            pass
        finally:
            _socket.socket.settimeout(sock, patience.timeout)
        patience.wait(read=not write, write=write)


def connect(sock: socket.socket, connect_ex: Callable[[Any], int], address: Any) -> int:
    """``connect_ex``, waiting as long as the socket's timeout says."""
    patience = Patience(sock, "connect")
    if patience.timeout == 0.0:
        return connect_ex(address)
    _socket.socket.settimeout(sock, 0.0)
    try:
        result = connect_ex(address)
    finally:
        _socket.socket.settimeout(sock, patience.timeout)
    if result != errno.EINPROGRESS:
        return result
    patience.wait(write=True)
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


class _NeverWaits:
    """A socket as the native driver sees it."""

    def __init__(self, sock: weakref.ref[SSLSocket]) -> None:
        self._socket = sock

    def fileno(self) -> int:
        sock = self._socket()
        return -1 if sock is None else sock.fileno()

    def gettimeout(self) -> float:
        return 0.0


class CooperativeConnection:
    """A native connection that leaves all waiting to :class:`Patience`."""

    def __init__(self, sock: SSLSocket, make: Callable[[Any], Any]) -> None:
        # Here, for the few who come here: loading these takes longer than all of this file.
        import threading
        import weakref

        self._socket = weakref.ref(sock)
        self._below = _NeverWaits(self._socket)
        self._native = make(self._below)
        # A write that was begun is gone on with before another one comes.
        self._writing = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._native, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            setattr(self._native, name, value)

    def _patience(self, name: str) -> Patience | None:
        sock = self._socket()
        return None if sock is None else Patience(sock, name)

    def _until_done(self, name: str, operation: Callable[..., Any], *arguments: Any) -> Any:
        return self._patiently(self._patience(name), name, operation, *arguments)

    def _patiently(
        self, patience: Patience | None, name: str, operation: Callable[..., Any], *arguments: Any
    ) -> Any:
        if patience is None:
            return operation(*arguments)
        while True:
            try:
                return operation(*arguments)
            except SSLWantReadError:
                if patience.timeout == 0.0:
                    raise
                writes = False
            except SSLWantWriteError:
                if patience.timeout == 0.0:
                    raise
                writes = True
            # Who reads and has something to send goes on with either; a peer may not read before it is read from.
            patience.wait(read=not writes or name != "write", write=writes)

    def do_handshake(self) -> None:
        self._until_done("handshake", self._native.do_handshake)

    def read(self, *arguments: Any) -> Any:
        return self._until_done("read", self._native.read, *arguments)

    def write(self, data: Any) -> int:
        patience = self._patience("write")
        # Never waited for: a lock from before the patch would stop all greenlets, its holder among them.
        while not self._writing.acquire(blocking=False):
            if patience is None or patience.timeout == 0.0:
                raise SSLWantWriteError(3, "The operation did not complete (write)")
            patience.let_others()
        try:
            written: int = self._patiently(patience, "write", self._native.write, data)
        finally:
            self._writing.release()
        return written

    def shutdown(self) -> Any:
        self._until_done("shutdown", self._native.shutdown)
        return self._socket()
