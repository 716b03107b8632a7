"""What came while another was being committed shares the next transaction: one COMMIT for all of it."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

MOST: Final = 100
"""As many questions are carried at once; the rest wait for the turn after."""


class _Asked(Generic[Q]):
    """A question, and whoever asked it: woken with the answer, or without one to carry the next turn."""

    __slots__ = ("answer", "question", "woken")

    def __init__(self, question: Q) -> None:
        self.question = question
        self.answer: Any = None
        self.woken = threading.Lock()
        self.woken.acquire()


class Gathering(Generic[Q, A]):
    """Questions of many threads, carried by one thread at a time: the first that finds nobody carrying, and
    after it the one that has waited longest.

    Nobody waits for company. A question that comes alone is carried alone and at once; those that come while
    it is being carried are the next turn, so that a turn grows with the number of those who ask. Whoever is
    answered goes its way at once: it asks again while the next turn is carried.
    """

    def __init__(self, carry: Callable[[Sequence[Q]], Sequence[A | Exception]]) -> None:
        """`carry` answers questions in their order and never with None; an exception among its answers is
        that question's."""
        self._carry = carry
        self._waiting: deque[_Asked[Q]] = deque()
        self._lock = threading.Lock()
        self._carried = False

    def ask(self, question: Q) -> A:
        """The answer. Raises the exception that is the answer, or what `carry` raised for all of a turn."""
        asked = _Asked[Q](question)
        with self._lock:
            self._waiting.append(asked)
            waits, self._carried = self._carried, True
        if waits:
            asked.woken.acquire()
        if asked.answer is None:
            self._lead(asked)
        if isinstance(asked.answer, BaseException):
            raise asked.answer
        answer: A = asked.answer
        return answer

    def _lead(self, asked: _Asked[Q]) -> None:
        """Carry until this one is answered; then whoever has waited longest does."""
        while asked.answer is None:
            self._next_turn()
        with self._lock:
            if self._waiting:
                self._waiting[0].woken.release()
            else:
                self._carried = False

    def _next_turn(self) -> None:
        turn = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
        answers: Sequence[A | BaseException]
        try:
            answers = self._carry([asked.question for asked in turn])
        except BaseException as error:
            answers = [error] * len(turn)
        for asked, answer in zip(turn, answers, strict=True):
            asked.answer = answer
            asked.woken.release()
