"""What would happen, what would have happened, and why: whatever is tried out, and never written."""

from .backtesting import Simulated, SimulatedDay, backtest, logged_late, relogged_of, simulate
from .firing import WouldHear
from .overlapping import Neighbours, Overlap, neighbours, overlap
from .previewing import TRIED_DAYS, Tried, dry_run, preview, try_on_activities
from .reach import Change, Widened, compare
from .replaying import Account, RuleAccount, replay

__all__ = [
    "TRIED_DAYS",
    "Account",
    "Change",
    "Neighbours",
    "Overlap",
    "RuleAccount",
    "Simulated",
    "SimulatedDay",
    "Tried",
    "Widened",
    "WouldHear",
    "backtest",
    "compare",
    "dry_run",
    "logged_late",
    "neighbours",
    "overlap",
    "preview",
    "relogged_of",
    "replay",
    "simulate",
    "try_on_activities",
]
