"""The words of an outage: scope, hazard, criticality."""

from typing import Annotated

from csr_console.domain.fields import Choice, Entry


class Scope(Choice):
    """What is out at the premise."""

    ALL = "all"
    PART = "part"
    FLICKER = "flicker"


class Hazard(Choice):
    """The forced answer: is anything dangerous to see, hear or smell?"""

    NONE = "none"
    WIRE_DOWN = "wire_down"
    POLE_DOWN = "pole_down"
    SPARKS = "sparks"
    GAS = "gas"
    CARBON_MONOXIDE = "carbon_monoxide"


class Criticality(Choice):
    """How much harm an outage does at a premise; MED covers medically essential service (F.S. 366.15).

    The condition itself is health data and is never shown: the desk says "priority M".
    """

    ORDINARY = ""
    MED = "MED"
    CRIT = "CRIT"


ScopeField = Annotated[Scope, Entry("Out", "All of it, a part of it, or flickering.", "choice")]
HazardField = Annotated[
    Hazard,
    Entry("Hazard", "No; wire down, pole down, sparks, gas smell, CO alarm. Always ask.", "choice"),
]

HAZARD_SCRIPTS: dict[Hazard, str] = {
    Hazard.WIRE_DOWN: "Stay at least 35 feet away and keep others away. Do not touch anything the wire"
    " touches. If anyone is hurt or in a car under it: 911.",
    Hazard.POLE_DOWN: "Stay at least 35 feet away from the pole and its wires. If anyone is hurt: 911.",
    Hazard.SPARKS: "Stay away from it. If there is fire: leave and call 911.",
    Hazard.GAS: "Leave the building now, take everyone, leave the door open. Do not use switches, phones,"
    " lights or flames; do not start vehicles or the garage door. Go at least 300 feet upwind and"
    " call from there.",
    Hazard.CARBON_MONOXIDE: "Leave the building now, take everyone, leave the door open. Go into fresh"
    " air and call 911 from there if anyone feels ill.",
}
"""What the clerk says first (49 CFR 192.615(a), PHMSA PI-97-007): gas and CO before any address is asked."""
