"""Tell operators, once, that something went wrong, and once that it is over; tell a dead man's switch that all is well.

What is owed stands in rows (`owe`), one sender at a time takes one in hand, sends it outside of any transaction, and
marks it (`send_one`). A sender that is killed between sending and marking costs one repeat, under the same Message-ID.
"""

from .owing import owe
from .sending import is_due, send_one
from .ways import channels

__all__ = ["channels", "is_due", "owe", "send_one"]
