"""Dangers to life: always taken, never merged, closed only when somebody saw the source controlled."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.command import Context
from csr_console.domain.outages.commands import AcknowledgeHazard, CloseHazard, DetailHazard, OpenHazard
from csr_console.domain.outages.hazards import (
    HazardAcknowledged,
    HazardClosed,
    HazardDetailed,
    HazardFacts,
    HazardOpened,
    decide_acknowledge_hazard,
    decide_close_hazard,
    decide_detail_hazard,
    decide_open_hazard,
)
from csr_console.domain.outages.kinds import HAZARD_SCRIPTS, Criticality, Hazard
from csr_console.domain.outages.priority import WorkOrderKey, priority_of
from csr_console.domain.permissions import Actor, Role
from csr_console.domain.refusals import Refusal

NOON = datetime(2026, 8, 30, 12, tzinfo=UTC)
MARTA = Actor("m.reyes", "Marta Reyes", Role.CLERK, "tallahassee")
NOW = Context(MARTA, NOON, "0198f2b4-0000-7000-8000-000000000009", "C07")
HAZARD_ID = "0198f2b4-0000-7000-8000-000000000002"
OPEN = HazardFacts(HAZARD_ID, open=True, acknowledged=False)
CLOSED = HazardFacts(HAZARD_ID, open=False, acknowledged=True)


def test_a_hazard_opens_with_its_kind_alone() -> None:
    (opened,) = decide_open_hazard(OpenHazard.example(), None, NOW).changes
    assert isinstance(opened, HazardOpened)
    assert (opened.hazard_id, opened.hazard, opened.premise) == (HAZARD_ID, "gas", None)


def test_details_leave_what_is_not_given() -> None:
    (detailed,) = decide_detail_hazard(DetailHazard.example(), OPEN, NOW).changes
    assert isinstance(detailed, HazardDetailed)
    assert (detailed.where, detailed.premise, detailed.phone) == ("Kitchen", "P0001204", None)


def test_an_acknowledgement_is_a_name_and_a_time() -> None:
    plan = decide_acknowledge_hazard(AcknowledgeHazard.example(), OPEN, NOW)
    assert plan.changes == (HazardAcknowledged(HAZARD_ID, "R. Boone", NOON + timedelta(minutes=20), NOON),)


def test_a_hazard_closes_on_somebodys_word() -> None:
    plan = decide_close_hazard(CloseHazard.example(), OPEN, NOW)
    assert plan.changes == (HazardClosed(HAZARD_ID, "J. Ortiz", NOON),)


def test_blocked_access_never_closes_a_hazard() -> None:
    """NTSB/PAR-19/01, Silver Spring 2016: a crew that could not get in left, and the building exploded."""
    blocked = CloseHazard.example().model_copy(update={"access_blocked": True})
    with pytest.raises(Refusal) as refused:
        decide_close_hazard(blocked, OPEN, NOW)
    assert (refused.value.code, refused.value.problem.status) == ("access-blocked", 409)


def test_a_closed_hazard_takes_nothing_more() -> None:
    for decide, command in (
        (decide_detail_hazard, DetailHazard.example()),
        (decide_acknowledge_hazard, AcknowledgeHazard.example()),
        (decide_close_hazard, CloseHazard.example()),
    ):
        with pytest.raises(Refusal) as refused:
            decide(command, CLOSED, NOW)
        assert refused.value.code == "hazard-closed"


def test_every_hazard_has_a_script_and_gas_begins_with_leaving() -> None:
    """49 CFR 192.615(a): protect people first; nothing is asked before it is said."""
    assert set(HAZARD_SCRIPTS) == set(Hazard) - {Hazard.NONE}
    for hazard in (Hazard.GAS, Hazard.CARBON_MONOXIDE):
        assert HAZARD_SCRIPTS[hazard].startswith("Leave the building now")


@pytest.mark.parametrize(
    ("hazard", "critical", "priority"),
    [
        (Hazard.GAS, Criticality.ORDINARY, 1),
        (Hazard.CARBON_MONOXIDE, Criticality.ORDINARY, 1),
        (Hazard.WIRE_DOWN, Criticality.CRIT, 2),
        (Hazard.SPARKS, Criticality.ORDINARY, 2),
        (Hazard.NONE, Criticality.CRIT, 3),
        (Hazard.NONE, Criticality.MED, 4),
        (Hazard.NONE, Criticality.ORDINARY, 5),
    ],
)
def test_make_safe_then_critical_then_medical(hazard: Hazard, critical: Criticality, priority: int) -> None:
    assert priority_of(hazard, critical) == priority


work = st.builds(WorkOrderKey, st.integers(1, 5), st.datetimes(timezones=st.just(UTC)), st.uuids(version=4))


@given(st.lists(work, unique=True), st.randoms())
def test_the_work_list_has_one_order_whatever_came_first(keys: list[WorkOrderKey], chance: Random) -> None:
    ordered = sorted(keys)
    shuffled = list(keys)
    chance.shuffle(shuffled)
    assert sorted(shuffled) == ordered
    assert [key.priority for key in ordered] == sorted(key.priority for key in keys)
    for earlier, later in pairwise(ordered):
        assert earlier.priority < later.priority or earlier.opened_at <= later.opened_at
