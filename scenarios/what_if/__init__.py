"""What would happen, what would have happened, and why: whatever is tried out, and never written."""

from .backtesting import Simulated, SimulatedDay, backtest, logged_late, relogged_of, simulate
from .firing import WouldHear
from .previewing import TRIED_DAYS, Tried, dry_run, preview, try_on_activities
from .replaying import Account, RuleAccount, replay

__all__ = [
    "TRIED_DAYS",
    "Account",
    "RuleAccount",
    "Simulated",
    "SimulatedDay",
    "Tried",
    "WouldHear",
    "backtest",
    "dry_run",
    "logged_late",
    "preview",
    "relogged_of",
    "replay",
    "simulate",
    "try_on_activities",
]
