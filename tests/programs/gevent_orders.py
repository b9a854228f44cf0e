"""gevent, whatever comes first: its patch, the import, ``install()``."""

from __future__ import annotations

import warnings

from common import CASE, MODE

warnings.simplefilter("ignore")


def patch() -> None:
    from gevent import monkey

    monkey.patch_all()


for step in CASE.split("-"):
    if step == "import" and MODE == "stdlib":
        import ssl  # noqa: F401
    elif step == "import":
        import ferrossl
    elif step == "install":
        import ferrossl

        ferrossl.install()
    elif step == "patch":
        patch()

if MODE == "side":
    import ferrossl as module
else:
    import ssl as module  # type: ignore[no-redef]

import gevent  # noqa: E402
from greenlets import story  # noqa: E402


def join(greenlet: gevent.Greenlet) -> None:
    greenlet.get(timeout=20)


story(module, gevent.spawn, join)
