"""The verbs of the omnibox and of WORK: one table for the line, the key bar, the palette and the help.

The first screen is drawn from this table, so it loads nothing but the standard library; the words of an
outage are turned into the kinds of `outages.kinds` when an outage is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from csr_console.domain.permissions import Permission
from csr_console.domain.words import fold

if TYPE_CHECKING:
    from csr_console.domain.outages.kinds import Hazard, Scope

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
        "plan", "Plan an outage", "P", ("planificar",),
        Permission.OUTAGE_PLAN, "optional", "words",
    ),
    Verb(
        "v", "Verify the caller", "v", ("verify", "verificar"),
        Permission.CALLER_VERIFY, "customer", "words", secret=True,
    ),
    Verb(
        "wrap", "Wrap up the call", "w", ("cierre", "cerrar"),
        Permission.INTERACTION_LOG, "optional", "words",
    ),
    Verb("bills", "Billing history", "b", ("billing", "facturas"), Permission.ACCOUNT_READ, "customer"),
    Verb("why", "Why the last bill was high", "y", ("porque",), Permission.ACCOUNT_READ, "customer"),
    Verb(
        "pa", "Payment arrangement", "$", ("arrangement", "arreglo"),
        Permission.ARRANGEMENT_MAKE, "customer", "words",
    ),
    Verb(
        "budget", "Budget billing", "", ("presupuesto",),
        Permission.BUDGET_ENROLL, "customer", "words",
    ),
    Verb(
        "unbudget", "Leave budget billing", "", ("leave-budget", "sin-presupuesto"),
        Permission.BUDGET_LEAVE, "customer", "text",
    ),
    Verb(
        "print", "Print or export", "p", ("imprimir", "export", "exportar"),
        Permission.ACCOUNT_READ, "customer", "text",
    ),
    Verb(
        "nsf", "Return a payment", "", ("returned", "devuelto"),
        Permission.PAYMENT_RETURN, "customer", "words",
    ),
    Verb(
        "rebill", "Correct a bill", "", ("correct-bill", "refacturar"),
        Permission.BILL_CORRECT, "customer", "words",
    ),
    Verb(
        "leak", "Leak adjustment", "", ("fuga-de-agua",),
        Permission.LEAK_ADJUST, "customer", "words",
    ),
    Verb("read", "Enter a meter read", "", ("lectura",), Permission.READ_ENTER, "customer", "words"),
    Verb(
        "exceptions", "What bill runs found", "E", ("excepciones",),
        Permission.ACCOUNT_READ, "never", "words",
    ),
    Verb("queue", "Queue of this workstation", "q", ("cola",), None, "never"),
    Verb("outages", "Open outage reports", "O", ("apagones", "cortes"), Permission.OUTAGE_READ, "never"),
    Verb("hazards", "Open hazards", "H", ("peligros",), Permission.OUTAGE_READ, "never"),
    Verb("approvals", "Waiting for approval", "a", ("aprobaciones",), Permission.APPROVAL_DECIDE, "never"),
    Verb("drafts", "Drafts", "D", ("borradores",), None, "never"),
    Verb("lock", "Lock the screen", "L", ("bloquear",), None, "never"),
    Verb("pin", "Set the PIN of the lock screen", "", ("clave",), None, "never"),
    Verb("hist", "Turn the timeline", "i", ("history", "historial"), Permission.ACCOUNT_READ, "never"),
    Verb("shift", "End of shift", "", ("turno",), None, "never"),
    Verb("net", "Work offline, or come back", "", ("red",), None, "never", "words"),
    Verb("theme", "Colors", "", ("tema",), None, "never", "words"),
    Verb("refresh", "Refresh", "", ("actualizar",), None, "never"),
    Verb("signin", "Sign in", "", ("entrar",), None, "never"),
    Verb("signout", "Sign out", "", ("salir",), None, "never"),
    Verb("help", "Help", "?", ("ayuda",), None, "never", "words"),
    Verb("quit", "Leave the console", "", ("exit", "terminar"), None, "never"),
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


_SCOPES: Mapping[str, str] = {
    "a": "all", "all": "all", "todo": "all",
    "p": "part", "part": "part", "parte": "part",
    "f": "flicker", "flicker": "flicker", "parpadeo": "flicker",
}  # fmt: skip
_HAZARDS: Mapping[str, str] = {
    "n": "none", "no": "none", "none": "none", "nada": "none",
    "w": "wire_down", "wire": "wire_down", "cable": "wire_down",
    "p": "pole_down", "pole": "pole_down", "poste": "pole_down",
    "s": "sparks", "sparks": "sparks", "chispas": "sparks",
    "g": "gas", "gas": "gas",
    "c": "carbon_monoxide", "co": "carbon_monoxide",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutageArgs:
    """The words after `out`: what is said of scope and hazard (None when not), and the rest as a remark."""

    scope: Scope | None
    hazard: Hazard | None
    remark: str


def outage_args(args: tuple[str, ...]) -> OutageArgs:
    """`a n` is all and none; `p` first is part, second a pole; a hazard may stand alone (`w`)."""
    from csr_console.domain.outages.kinds import Hazard, Scope

    rest = list(args)
    scope = _SCOPES.get(fold(rest[0])) if rest else None
    if scope:
        rest.pop(0)
    hazard = _HAZARDS.get(fold(rest[0])) if rest else None
    if hazard:
        rest.pop(0)
    return OutageArgs(Scope(scope) if scope else None, Hazard(hazard) if hazard else None, " ".join(rest))


def is_outage_word(word: str) -> bool:
    """Whether a word after `out` says something about scope or hazard."""
    return fold(word) in _SCOPES or fold(word) in _HAZARDS
