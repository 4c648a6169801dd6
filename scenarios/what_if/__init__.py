"""What would happen, what would have happened, and why: whatever is tried out, and never written."""

from .backtesting import (
    TRIED_DAYS,
    SimulatedDay,
    Tried,
    WouldHear,
    backtest,
    dry_run,
    logged_late,
    preview,
    relogged_of,
    try_on_activities,
)
from .replaying import Account, RuleAccount, replay

__all__ = [
    "TRIED_DAYS",
    "Account",
    "RuleAccount",
    "SimulatedDay",
    "Tried",
    "WouldHear",
    "backtest",
    "dry_run",
    "logged_late",
    "preview",
    "relogged_of",
    "replay",
    "try_on_activities",
]
