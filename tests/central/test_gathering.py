"""Many who ask at once: each has its own answer, one carries at a time, and nobody carries for ever."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from csr_console.central.gathering import MOST, Gathering

ASKERS, TIMES = 8, 200


def test_each_has_its_own_answer_and_one_carries_at_a_time() -> None:
    turns: list[int] = []
    carrying = threading.Lock()

    def carry(questions: Sequence[int]) -> Sequence[int | Exception]:
        assert carrying.acquire(blocking=False)
        turns.append(len(questions))
        time.sleep(0.0005)
        carrying.release()
        return [ValueError(question) if question % 10 == 3 else 2 * question for question in questions]

    gathering = Gathering(carry)

    def ask(question: int) -> None:
        if question % 10 == 3:
            with pytest.raises(ValueError, match=str(question)):
                gathering.ask(question)
        else:
            assert gathering.ask(question) == 2 * question

    with ThreadPoolExecutor(ASKERS) as pool:
        list(pool.map(ask, range(ASKERS * TIMES)))
    assert sum(turns) == ASKERS * TIMES
    assert len(turns) < ASKERS * TIMES / 2, "turns do not grow with those who ask"


def test_what_breaks_a_turn_is_told_to_all_of_it_and_the_next_is_carried() -> None:
    began, go_on = threading.Event(), threading.Event()

    def carry(questions: Sequence[str]) -> Sequence[str]:
        began.set()
        assert go_on.wait(10)
        if "bad" in questions:
            raise OSError("the disk is gone")
        return questions

    gathering = Gathering(carry)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(gathering.ask, "alone")
        assert began.wait(10)
        others = [pool.submit(gathering.ask, question) for question in ("good", "bad")]
        while len(gathering._waiting) < 2:
            time.sleep(0.001)
        go_on.set()
        assert first.result(10) == "alone"
        for other in others:
            with pytest.raises(OSError, match="the disk is gone"):
                other.result(10)
    assert gathering.ask("after") == "after"


def test_a_turn_has_an_end() -> None:
    turns: list[int] = []
    began, go_on = threading.Event(), threading.Event()

    def carry(questions: Sequence[int]) -> Sequence[int]:
        turns.append(len(questions))
        began.set()
        assert go_on.wait(10)
        return [question + 1 for question in questions]

    gathering = Gathering(carry)
    with ThreadPoolExecutor(MOST + 51) as pool:
        first = pool.submit(gathering.ask, 0)
        assert began.wait(10)
        rest = [pool.submit(gathering.ask, question) for question in range(1, MOST + 51)]
        while len(gathering._waiting) < len(rest):
            time.sleep(0.001)
        go_on.set()
        assert [one.result(10) for one in (first, *rest)] == list(range(1, MOST + 52))
    assert turns == [1, MOST, 50]
