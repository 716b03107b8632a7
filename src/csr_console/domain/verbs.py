"""The verbs of the omnibox and of WORK: one table for the line, the key bar, the palette and the help."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from csr_console.domain.outages.kinds import Hazard, Scope
from csr_console.domain.permissions import Permission
from csr_console.domain.words import fold

Needs = Literal["never", "optional", "place", "customer"]
"""What stands before a verb: nothing, perhaps a customer, a customer or a location, a customer."""
Takes = Literal["nothing", "outage", "words", "text"]
"""What follows a verb: nothing; scope, hazard and a remark; words; all the rest of the line."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a clerk can do by name. `key` is its key in WORK or ""; `secret` that its words are answers
    of the caller, which are never remembered."""

    code: str
    title: str
    key: str
    aliases: tuple[str, ...]
    permission: Permission | None
    needs: Needs
    takes: Takes = "nothing"
    secret: bool = False

    @property
    def needs_customer(self) -> bool:
        return self.needs == "customer"

    @property
    def names(self) -> tuple[str, ...]:
        """Every word that stands for it, the code first, as written."""
        return (self.code, *self.aliases)


VERBS: tuple[Verb, ...] = (
    Verb(
        "out", "Report an outage", "o", ("outage", "apagón", "corte"),
        Permission.OUTAGE_REPORT, "place", "outage",
    ),
    Verb(
        "gas", "Gas, CO or another danger: leave now", "!", ("hazard", "fuga", "peligro"),
        Permission.HAZARD_REPORT, "optional", "words",
    ),
    Verb("note", "Add a note", "n", ("nota",), Permission.NOTE_ADD, "customer", "text"),
    Verb(
        "con", "Update contact details", "@", ("contact", "contacto"),
        Permission.CONTACT_UPDATE, "customer", "words",
    ),
    Verb(
        "cb", "Request a callback", "C", ("callback", "llamar"),
        Permission.CALLBACK_REQUEST, "optional", "words",
    ),
    Verb(
        "v", "Verify the caller", "v", ("verify", "verificar"),
        Permission.CALLER_VERIFY, "customer", "words", secret=True,
    ),
    Verb(
        "wrap", "Wrap up the call", "w", ("cierre", "cerrar"),
        Permission.INTERACTION_LOG, "optional", "words",
    ),
    Verb("queue", "Queue of this workstation", "q", ("cola",), None, "never"),
    Verb("outages", "Open outage reports", "O", ("apagones", "cortes"), Permission.OUTAGE_READ, "never"),
    Verb("hazards", "Open hazards", "H", ("peligros",), Permission.OUTAGE_READ, "never"),
    Verb("approvals", "Waiting for approval", "a", ("aprobaciones",), Permission.APPROVAL_DECIDE, "never"),
    Verb("drafts", "Drafts", "D", ("borradores",), None, "never"),
    Verb("lock", "Lock the screen", "L", ("bloquear",), None, "never"),
    Verb("doctor", "Check this workstation", "", ("diagnóstico",), None, "never"),
    Verb("help", "Help", "?", ("ayuda",), None, "never", "words"),
)  # fmt: skip

_BY_NAME: Mapping[str, Verb] = {fold(name): verb for verb in VERBS for name in verb.names}
_BY_KEY: Mapping[str, Verb] = {verb.key: verb for verb in VERBS if verb.key}


def find_verb(word: str) -> Verb | None:
    """The verb of a typed word: a code or an alias, case and accents ignored."""
    return _BY_NAME.get(fold(word))


def verb_of_key(key: str) -> Verb | None:
    """The verb of a key in WORK."""
    return _BY_KEY.get(key)


def verbs_starting(text: str) -> tuple[Verb, ...]:
    """The verbs that a beginning of a name, or a word of a title, may mean; table order."""
    start = fold(text)
    return tuple(
        verb
        for verb in VERBS
        if any(fold(name).startswith(start) for name in (*verb.names, *verb.title.split()))
    )


_SCOPES: Mapping[str, Scope] = {
    "a": Scope.ALL, "all": Scope.ALL, "todo": Scope.ALL,
    "p": Scope.PART, "part": Scope.PART, "parte": Scope.PART,
    "f": Scope.FLICKER, "flicker": Scope.FLICKER, "parpadeo": Scope.FLICKER,
}  # fmt: skip
_HAZARDS: Mapping[str, Hazard] = {
    "n": Hazard.NONE, "no": Hazard.NONE, "none": Hazard.NONE, "nada": Hazard.NONE,
    "w": Hazard.WIRE_DOWN, "wire": Hazard.WIRE_DOWN, "cable": Hazard.WIRE_DOWN,
    "p": Hazard.POLE_DOWN, "pole": Hazard.POLE_DOWN, "poste": Hazard.POLE_DOWN,
    "s": Hazard.SPARKS, "sparks": Hazard.SPARKS, "chispas": Hazard.SPARKS,
    "g": Hazard.GAS, "gas": Hazard.GAS,
    "c": Hazard.CARBON_MONOXIDE, "co": Hazard.CARBON_MONOXIDE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutageArgs:
    """The words after `out`: what is said of scope and hazard (None when not), and the rest as a remark."""

    scope: Scope | None
    hazard: Hazard | None
    remark: str


def outage_args(args: tuple[str, ...]) -> OutageArgs:
    """`a n` is all and none; `p` first is part, second a pole; a hazard may stand alone (`w`)."""
    rest = list(args)
    scope = _SCOPES.get(fold(rest[0])) if rest else None
    if scope:
        rest.pop(0)
    hazard = _HAZARDS.get(fold(rest[0])) if rest else None
    if hazard:
        rest.pop(0)
    return OutageArgs(scope, hazard, " ".join(rest))


def is_outage_word(word: str) -> bool:
    """Whether a word after `out` says something about scope or hazard."""
    return fold(word) in _SCOPES or fold(word) in _HAZARDS
