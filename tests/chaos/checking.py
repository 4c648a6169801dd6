"""Compare what arrived and what the outbox says with what the oracle expects."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from tests.chaos.oracle import Key
from tests.chaos.sinks import Arrival
from tests.chaos.tables import SETTLED, Told

SHOWN = 5


@dataclass
class Verdict:
    expected: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    # Repeats on the wire, each under the id that it had.
    after_crash: int = 0
    ambiguous: int = 0
    # What else must not be, in sentences.
    wrong: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)

    def lines(self) -> list[str]:
        named = [("lost", self.lost), ("doubled", self.doubled), ("wrong", self.wrong)]
        return [f"{name}: {thing}" for name, things in named for thing in things[:SHOWN]]


def compare(
    expected: Collection[Key],
    told: Sequence[Told],
    arrivals: Sequence[Arrival],
    *,
    addresses: dict[str, str],
    refused: Collection[str],
    sender_deaths: int,
) -> Verdict:
    """Compare one cycle.

    `refused` are the addresses that the receiver refuses for good: their messages must end as given up. Each sender
    that died may have left one message behind that had gone out and is sent again.
    """
    verdict = Verdict(len(expected))
    compare_outbox(verdict, set(expected), told)
    compare_wire(verdict, expected, told, arrivals, addresses=addresses, refused=refused)
    count_repeats(verdict, arrivals, sender_deaths)
    return verdict


def compare_outbox(verdict: Verdict, expected: set[Key], told: Sequence[Told]) -> None:
    counts = Counter(one.key for one in told)
    verdict.lost += [f"{key} isn't in the outbox" for key in sorted(expected - counts.keys())]
    verdict.doubled += [f"{key} is in the outbox {count} times" for key, count in counts.items() if count > 1]
    verdict.wrong += [f"{key} is in the outbox and shouldn't be" for key in sorted(counts.keys() - expected)]
    for one in told:
        if one.status not in SETTLED or one.outcome != "told":
            verdict.lost.append(f"{one.key} ended as {one.status}, {one.outcome}: {one.last_error}")
        elif one.status == "discarded" and not one.last_error:
            verdict.wrong.append(f"{one.key} was given up without a reason")


def compare_wire(
    verdict: Verdict,
    expected: Collection[Key],
    told: Sequence[Told],
    arrivals: Sequence[Arrival],
    *,
    addresses: dict[str, str],
    refused: Collection[str],
) -> None:
    """Whatever the tables say: what has arrived is what counts. Nobody has two of one kind a day in this world."""
    given_up = {(addresses[one.key[0]], one.key[1]) for one in told if one.status == "discarded"}
    awaited = {(addresses[user_id], rule_id) for user_id, rule_id, _occasion in expected}
    ids: dict[tuple[str, str], set[str]] = {}
    for arrival in arrivals:
        ids.setdefault((arrival.address, arrival.subject), set()).add(arrival.message_id)
    written = {(addresses[one.key[0]], one.key[1]) for one in told}
    for about in sorted((awaited & written) - ids.keys()):
        if not (about in given_up and about[0] in refused):
            verdict.lost.append(f"{about} never arrived")
    verdict.wrong += [f"{about} arrived and shouldn't have" for about in sorted(ids.keys() - awaited)]
    verdict.doubled += [f"{about} arrived under {len(all_)} ids" for about, all_ in ids.items() if len(all_) > 1]
    sent = {one.message_id for one in told if one.status == "sent"}
    arrived = {arrival.message_id for arrival in arrivals}
    verdict.wrong += [f"{message_id} counts as sent and never arrived" for message_id in sorted(sent - arrived)]


def count_repeats(verdict: Verdict, arrivals: Sequence[Arrival], sender_deaths: int) -> None:
    counts = Counter(arrival.message_id for arrival in arrivals)
    excused = Counter(arrival.message_id for arrival in arrivals if arrival.ambiguous)
    for message_id, count in counts.items():
        ambiguous = min(count - 1, excused[message_id])
        verdict.ambiguous += ambiguous
        verdict.after_crash += count - 1 - ambiguous
    if verdict.after_crash > sender_deaths:
        verdict.wrong.append(f"{verdict.after_crash} messages went out again, and {sender_deaths} senders died")
