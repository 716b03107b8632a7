"""The processes of the fault tests are what they say: killed for real, back on the same address and files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.faults.processes import (
    CentralProcess,
    DeskProcess,
    Office,
    Workers,
    audit_findings,
    outbox_findings,
    read_effects,
    read_log,
    read_outbox,
    until,
)


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def test_both_come_back_after_a_kill(
    dialect: str, make_office: Callable[[str], Office], sockets: Path, tmp_path: Path, workers: Workers
) -> None:
    office = make_office(dialect)
    with (
        CentralProcess(office, sockets / "central") as central,
        DeskProcess(workers, tmp_path / "desk", central.listen, count=30, pause=0.005) as desk,
    ):
        until(lambda: len(desk.acknowledged()) >= 5, "five acknowledgements")
        desk.kill()
        central.kill()
        saved = len(desk.acknowledged())
        desk.start()
        until(lambda: len(desk.acknowledged()) == 30, "the rest of the stream")
        central.start()
        until(lambda: sum(read_effects(office.database).values()) == 30, "thirty effects")
        desk.stop()
    assert saved >= 5
    assert [row.place for row in read_log(office.database)] == [(1, place) for place in range(30)]
    assert audit_findings(office.database) == []
    assert len(read_outbox(tmp_path / "desk")) == 30
    assert outbox_findings(tmp_path / "desk") == []
