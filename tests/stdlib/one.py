"""Runs one test of the interpreter's own test package with ferrossl in place of ssl and _ssl.

Usage: one.py MODULE Class.method      prints PASS, SKIP or FAIL and, below it, what went wrong
       one.py MODULE --list            prints the tests of the module
"""

from __future__ import annotations

import io
import sys
import unittest

# Nothing of OpenSSL may be loaded: what follows must come from ferrossl.
sys.modules["_ssl"] = None  # type: ignore[assignment]

import ferrossl  # noqa: E402

ferrossl.install()

from test import support  # noqa: E402


def tests_of(suite: unittest.TestSuite) -> list[str]:
    names: list[str] = []
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            names += tests_of(test)
        else:
            names.append(test.id())
    return names


def main() -> int:
    module, what = sys.argv[1:]
    support.use_resources = {"walltime": None} if sys.version_info >= (3, 15) else ["walltime"]
    loader = unittest.TestLoader()
    if what == "--list":
        for name in tests_of(loader.loadTestsFromName(module)):
            print(name.removeprefix(module + "."))
        return 0
    output = io.StringIO()
    suite = loader.loadTestsFromName(f"{module}.{what}")
    result = unittest.TextTestRunner(stream=output, verbosity=0).run(suite)
    if result.skipped and not result.failures and not result.errors:
        print("SKIP\n" + result.skipped[0][1])
    elif result.wasSuccessful() and result.testsRun == 1 and not result.expectedFailures:
        print("PASS")
    else:
        print("FAIL\n" + output.getvalue())
    assert "_ssl" in sys.modules and sys.modules["_ssl"].__name__ == "ferrossl._ssl"
    return 0


if __name__ == "__main__":
    sys.exit(main())
