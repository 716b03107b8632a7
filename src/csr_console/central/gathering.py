"""What came while another was being committed shares the next transaction: one COMMIT for all of it."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

MOST: Final = 100
"""As many questions are carried at once; the rest wait for the turn after."""


class Gathering(Generic[Q, A]):
    """Questions of many threads, carried by one thread at a time: the first that finds nobody carrying.

    Nobody waits for company. A question that comes alone is carried alone and at once; those that come while
    it is being carried are the next turn, so that a turn grows with the number of those who ask.
    """

    def __init__(self, carry: Callable[[Sequence[Q]], Sequence[A | Exception]]) -> None:
        """`carry` answers questions in their order; an exception among its answers is that question's."""
        self._carry = carry
        self._waiting: deque[tuple[Q, Future[A]]] = deque()
        self._turn = threading.Lock()

    def ask(self, question: Q) -> A:
        """The answer. Raises the exception that is the answer, or what `carry` raised for all of a turn."""
        answer: Future[A] = Future()
        self._waiting.append((question, answer))
        with self._turn:
            while not answer.done():
                self._next_turn()
        return answer.result()

    def _next_turn(self) -> None:
        turn = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
        try:
            answers = self._carry([question for question, _ in turn])
        except BaseException as error:
            for _, waiting in turn:
                waiting.set_exception(error)
            return
        for (_, waiting), answer in zip(turn, answers, strict=True):
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)
