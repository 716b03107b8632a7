"""Each task is done by its script, in a burst and at the pace of a person, within its key budget."""

import pytest
from tests.scenario.budgets import TASKS, Task, carry_out
from tests.scenario.town import Town


@pytest.mark.parametrize("paced", [False, True], ids=["burst", "human"])
@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"task-{task.number}")
async def test_the_task_is_done_within_its_keys(task: Task, paced: bool, town: Town) -> None:
    async with town.console() as console:
        cost = await carry_out(task, console, town, paced=paced)
    assert cost.data <= task.data
    assert cost.keys <= task.budget
