"""Every kind of command can come about in a storm."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.central.conftest import MARIA
from tests.property.acts import ACTS
from tests.property.fields import Sight

from csr_console.contracts.registry import REGISTRY
from csr_console.contracts.views.approvals import HeldView
from csr_console.contracts.views.outages import HazardView, ReportView

NOW = datetime(2026, 8, 30, 14, 2, tzinfo=UTC)
ID = UUID("0198f2b4-0000-7000-8000-000000000001")
REPORT = ReportView.model_validate(
    {
        "id": ID, "number": 1, "state": "open", "account": MARIA, "premise": "P0001204",
        "place": "1204 Oak St", "name": "Maria", "scope": "all", "hazard": "none",
        "critical": "", "priority": 5, "device": None, "callback": "",
        "calls": 1, "remarks": [], "opened_at": NOW, "last_call_at": NOW, "version": 1,
    }
)  # fmt: skip
HAZARD = HazardView.model_validate(
    {
        "id": ID, "hazard": "gas", "state": "open", "account": None, "premise": None, "place": "",
        "opened_at": NOW, "opened_by": "sam", "station": "C07", "version": 1,
    }
)  # fmt: skip
HELD = HeldView.model_validate(
    {
        "id": ID, "kind": "note.add", "digest": "0" * 64, "command": {}, "actor": "sam", "station": "C07",
        "issued_at": NOW, "held_at": NOW, "policy": "", "sentence": "",
    }
)  # fmt: skip
FULL = Sight(
    NOW, [MARIA], ["P0001204"], ["Oak & 12th"], ["t:FU2"], [REPORT], [HAZARD], [HELD], [ID], ["R1"], ID
)


def test_every_kind_has_its_act() -> None:
    """A new kind of command needs a function in acts.py: it is stormed from then on."""
    assert set(ACTS) == set(REGISTRY.commands)


@pytest.mark.parametrize("kind", sorted(REGISTRY.commands))
def test_an_act_makes_commands_of_its_kind(kind: str) -> None:
    strategy = ACTS[kind](FULL)
    assert strategy is not None

    @settings(max_examples=15, derandomize=True, database=None)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        command = data.draw(strategy)
        assert command.kind == kind
        assert REGISTRY.read(command.model_dump(mode="json")) == command

    holds()
