"""Two desks and central through storms: afterwards everything is there once, in order, and the same at both
ends.

The storms of `make test` are the same each time. Those of `make soak` are new ones, and each says the seed
that brings it back: CSR_STORM_SEED=<seed>.
"""

import os
import secrets
from collections import Counter

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.property.acts import ACTS
from tests.property.conftest import MakeUrl
from tests.property.crossing import FATES
from tests.property.machine import Storm

STEPS = 60
AT_ONCE = 10
"""Storms of one test of the soak: a test that takes minutes is taken for one that hangs."""
SOAK = [("sqlite", part) for part in range(20)] + [("postgresql", part) for part in range(6)]


def play(make_url: MakeUrl, *, examples: int, steps: int = STEPS, new: int | None = None) -> Counter[str]:
    """What happened in so many storms: those of the seed `new`, or the same ones each time."""
    tally: Counter[str] = Counter()

    def storm() -> Storm:
        return Storm(make_url, tally)

    weather = settings(
        max_examples=examples, stateful_step_count=steps, derandomize=new is None, database=None
    )
    run_state_machine_as_test(storm if new is None else seed(new)(storm), settings=weather)
    return tally


def test_two_desks_and_central_agree_after_a_storm(sqlite_town: MakeUrl) -> None:
    tally = play(sqlite_town, examples=8)
    assert tally["storms"] == 8
    assert tally["outcome: applied"] > 60
    assert sum(tally[f"fate: {fate}"] for fate in FATES if fate != "good") > 20


def test_they_agree_on_postgresql(postgresql_town: MakeUrl) -> None:
    tally = play(postgresql_town, examples=3)
    assert tally["outcome: applied"] > 10


@pytest.mark.soak
@pytest.mark.parametrize(("database", "part"), SOAK)
def test_they_agree_after_storms_nobody_has_seen(
    request: pytest.FixtureRequest, database: str, part: int
) -> None:
    make_url: MakeUrl = request.getfixturevalue(f"{database}_town")
    number = int(os.environ.get("CSR_STORM_SEED") or secrets.randbelow(10**9))
    print(f"CSR_STORM_SEED={number}")
    tally = play(make_url, examples=AT_ONCE, new=number)
    assert tally["storms"] == AT_ONCE
    assert sum(f"entered: {kind}" in tally for kind in ACTS) > len(ACTS) // 3
