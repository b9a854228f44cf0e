"""What annotations are made of. ``typing`` itself is loaded by type checkers only: it costs as much as all of the standard
library's ``ssl``, and most programs do without it.

The annotations are resolved at run time all the same (``typing.get_type_hints()``), to ``object`` where no name of
``typing`` is at hand: that is what all of them are kinds of.
"""

from __future__ import annotations

# By this name type checkers take it for True, wherever it comes from.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any as Any, NoReturn as NoReturn, Self as Self, overload as overload
else:
    Any = NoReturn = Self = object

    def overload(function):
        """Nothing: what is overloaded is defined behind it."""
        return function
