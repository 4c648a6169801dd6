"""Compare what arrived and what the outbox says with what the oracle expects."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.oracle import Key
from tests.chaos.sinks import Arrival
from tests.chaos.tables import SETTLED, Told

# An address, and what is said.
About = tuple[str, str]

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


@dataclass(frozen=True)
class Expected:
    """Who must hear what, and who may: where the clock jumps in mid-run, both are right.

    `refused` are the addresses that the receiver refuses for good: their messages must end as given up.
    """

    must: frozenset[Key]
    addresses: Mapping[str, str]
    may: frozenset[Key] = frozenset()
    refused: frozenset[str] = frozenset()

    def about(self, keys: Iterable[Key]) -> Counter[About]:
        """Return what can be seen of these from outside: how many messages of which kind go where."""
        return Counter((self.addresses[user_id], rule_id) for user_id, rule_id, _occasion in keys)


def compare(expected: Expected, told: Sequence[Told], arrivals: Sequence[Arrival], *, sender_deaths: int) -> Verdict:
    """Compare one cycle. Each sender that died may have left one message that had gone out and is sent again."""
    verdict = Verdict(len(expected.must))
    compare_outbox(verdict, expected, told)
    compare_wire(verdict, expected, told, arrivals)
    count_repeats(verdict, arrivals, sender_deaths)
    return verdict


def compare_outbox(verdict: Verdict, expected: Expected, told: Sequence[Told]) -> None:
    counts = Counter(one.key for one in told)
    verdict.lost += [f"{key} isn't in the outbox" for key in sorted(expected.must - counts.keys())]
    verdict.doubled += [f"{key} is in the outbox {count} times" for key, count in counts.items() if count > 1]
    unexpected = counts.keys() - expected.must - expected.may
    verdict.wrong += [f"{key} is in the outbox and shouldn't be" for key in sorted(unexpected)]
    for one in told:
        if one.status not in SETTLED or one.outcome != "told":
            verdict.lost.append(f"{one.key} ended as {one.status}, {one.outcome}: {one.last_error}")
        elif one.status == "discarded" and not one.last_error:
            verdict.wrong.append(f"{one.key} was given up without a reason")


def compare_wire(verdict: Verdict, expected: Expected, told: Sequence[Told], arrivals: Sequence[Arrival]) -> None:
    """Whatever the tables say: what has arrived is what counts."""
    ids: dict[About, set[str]] = defaultdict(set)
    for arrival in arrivals:
        ids[arrival.address, arrival.subject].add(arrival.message_id)
    arrived = {arrival.message_id for arrival in arrivals}
    for one in told:
        excused = one.status == "discarded" and expected.addresses[one.key[0]] in expected.refused
        if one.key in expected.must and one.message_id not in arrived and not excused:
            verdict.lost.append(f"{one.key} never arrived as {one.message_id}, and counts as {one.status}")
    most = expected.about(expected.must | expected.may)
    for about, seen in sorted(ids.items()):
        if len(seen) > most[about] > 0:
            verdict.doubled.append(f"{about} arrived under {len(seen)} ids")
        elif not most[about]:
            verdict.wrong.append(f"{about} arrived and shouldn't have")


def count_repeats(verdict: Verdict, arrivals: Sequence[Arrival], sender_deaths: int) -> None:
    counts = Counter(arrival.message_id for arrival in arrivals)
    excused = Counter(arrival.message_id for arrival in arrivals if arrival.ambiguous)
    for message_id, count in counts.items():
        ambiguous = min(count - 1, excused[message_id])
        verdict.ambiguous += ambiguous
        verdict.after_crash += count - 1 - ambiguous
    if verdict.after_crash > sender_deaths:
        verdict.wrong.append(f"{verdict.after_crash} messages went out again, and {sender_deaths} senders died")
