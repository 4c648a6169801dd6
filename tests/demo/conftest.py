from datetime import UTC, datetime

import pytest

from config import demo

# A winter evening in Oslo, when it is another date in UTC already, and still afternoon in Boston.
SEEDED_AT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


@pytest.fixture
def seeded_at(db) -> datetime:
    """Seed the demo; the value is the instant at which that was."""
    demo.seed(now=SEEDED_AT)
    return SEEDED_AT
