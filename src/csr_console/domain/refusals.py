"""Every way of saying no or not now.

    Answer                 what a clerk reads instead of a result
    ├── Refusal            no by rule: shown, audited, never logged as an error
    ├── Conflict           what the clerk saw has changed since: shown side by side
    └── Fault              something broke; the command keeps its id and is tried again

Each answer owns its `code`: `PROBLEMS` gives its HTTP status, its title and what to do next, and RFC 9457
problem documents carry it, so that the desk raises the same class the central service raised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the table of answers: HTTP status, short title, and the next step for the clerk."""

    grade: Literal["refusal", "conflict", "fault"]
    status: int
    title: str
    next_step: str


PROBLEMS: Mapping[str, Problem] = {
    "not-permitted": Problem("refusal", 403, "Not permitted", "Ask a colleague whose role allows it."),
    "other-office": Problem("refusal", 403, "Another office", "Hand the customer over to that office."),
    "not-found": Problem("refusal", 404, "Not found", "Check the number and look it up again."),
    "invalid": Problem("refusal", 422, "Not understood", "Correct the marked field and send it again."),
    "unknown-kind": Problem(
        "refusal", 422, "Unknown command", "Update this workstation or the central service."
    ),
    "id-reused": Problem("refusal", 422, "Id already used", "Open the form again: it makes a new id."),
    "expired": Problem("refusal", 409, "Too late", "Check whether it is still wanted and enter it again."),
    "account-closed": Problem("refusal", 409, "Account is not active", "Use the customer's active account."),
    "not-connected": Problem(
        "refusal", 409, "Service is disconnected", "Explain the disconnection; add ! to report anyway."
    ),
    "planned-outage": Problem(
        "refusal", 409, "Planned outage", "Tell the caller when it ends; add ! to report anyway."
    ),
    "nothing-changed": Problem("refusal", 409, "Nothing to change", "Change a value first."),
    "not-verified": Problem(
        "refusal", 409, "Caller not verified", "Verify the caller with v, then send it again."
    ),
    "report-closed": Problem("refusal", 409, "Report is closed", "Open a new report."),
    "hazard-closed": Problem("refusal", 409, "Hazard is closed", "Open a new hazard record."),
    "access-blocked": Problem(
        "refusal", 409, "Access is blocked", "Keep it open, and tell the dispatcher what blocks the way."
    ),
    "no-place": Problem(
        "refusal", 409, "No place", "Give an address, an intersection, a pole or coordinates."
    ),
    "proof-invalid": Problem("refusal", 409, "Proof not accepted", "Ask the verification questions again."),
    "locked-out": Problem(
        "refusal", 409, "Too many wrong answers", "Hand the caller to a lead; the account is flagged."
    ),
    "own-command": Problem("refusal", 409, "Same person", "Another person has to approve it."),
    "over-limit": Problem("refusal", 403, "Over your limit", "Ask a colleague with a higher limit."),
    "already-held": Problem(
        "refusal", 409, "One waits already", "Have that one decided, or discard it, before the next."
    ),
    "not-held": Problem("refusal", 409, "Not waiting for approval", "Refresh the list of approvals."),
    "declined": Problem(
        "refusal", 409, "Declined", "Read the reason and speak with the person who declined."
    ),
    "digest-differs": Problem(
        "refusal", 409, "Not what was shown", "Open it again and read it before approving."
    ),
    "seal-invalid": Problem(
        "refusal", 403, "Seal does not fit", "Sign in again as the person who entered it."
    ),
    "store-locked": Problem(
        "refusal", 423, "Stores locked", "Start the console again when that is put right."
    ),
    "station-taken": Problem(
        "refusal", 409, "Station name in use", "Choose another station name in settings.toml."
    ),
    "sign-in-failed": Problem("refusal", 401, "Sign-in failed", "Check the login and the password."),
    "sign-in-ended": Problem(
        "refusal", 403, "Sign-in ended", "Begin again, or sign in with login and password."
    ),
    "not-staff": Problem(
        "refusal", 403, "Not on the staff list", "Ask an administrator for an account with your login."
    ),
    "signed-out": Problem("refusal", 401, "Signed out", "Sign in again; nothing queued is lost."),
    "discarded": Problem("refusal", 409, "Was discarded", "Enter it again if it is still wanted."),
    "already-applied": Problem("refusal", 409, "Already applied", "It was not lost: correct it instead."),
    "offline-never": Problem(
        "refusal", 409, "Needs the network", "Wait for the network or use the paper form."
    ),
    "not-rated": Problem("refusal", 409, "Not rated", "Correct what the sentence names, then rate it again."),
    "not-eligible": Problem("refusal", 409, "Not eligible", "Tell the customer why, and offer what fits."),
    "read-refused": Problem(
        "refusal", 409, "Read not accepted", "Check the digits; mark a rollover, or read the meter again."
    ),
    "not-acceptable": Problem("refusal", 413, "Too much at once", "Send smaller parts."),
    "too-many": Problem("refusal", 429, "Too many requests", "Wait a moment."),
    "clash": Problem("conflict", 409, "Changed by someone else", "Compare both versions and choose."),
    "in-progress": Problem("conflict", 409, "Still being applied", "It is tried again by itself."),
    "gone": Problem("conflict", 410, "Change feed truncated", "A fresh snapshot is taken by itself."),
    "other-version": Problem(
        "fault", 426, "Other version", "Update this workstation or the central service."
    ),
    "wrong-method": Problem("fault", 405, "Wrong method", "Update this workstation or the central service."),
    "broken": Problem(
        "fault", 500, "Something broke", "It is tried again by itself; tell support if it stays."
    ),
    "unavailable": Problem("fault", 503, "Not available", "It is tried again by itself."),
}


class Answer(Exception):
    """What a clerk reads instead of a result: a code of `PROBLEMS`, a sentence, its rule and the facts."""

    def __init__(
        self, code: str, sentence: str, *, rule: str = "", facts: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.rule = rule
        self.facts: Mapping[str, object] = facts or {}

    @property
    def problem(self) -> Problem:
        return PROBLEMS[self.code]

    @property
    def next_step(self) -> str:
        """What to do about it, where the sentence does not say so already."""
        return self.problem.next_step


class Refusal(Answer):
    """No, by a rule that the sentence names."""


class Conflict(Answer):
    """What the clerk saw has changed; `facts["fields"]` holds the values side by side for a clash."""


class Fault(Answer):
    """Something broke; nothing is known to be done or not done until the same id is asked again."""


_GRADES: Mapping[str, type[Answer]] = {"refusal": Refusal, "conflict": Conflict, "fault": Fault}


def answer_for(
    code: str, sentence: str, *, rule: str = "", facts: Mapping[str, object] | None = None
) -> Answer:
    """The answer a code stands for; an unknown code is a `Fault`, since an older desk cannot judge it."""
    if code not in PROBLEMS:
        return Fault("broken", sentence, rule=rule, facts=facts)
    return _GRADES[PROBLEMS[code].grade](code, sentence, rule=rule, facts=facts)
