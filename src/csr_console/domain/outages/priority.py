"""The order of the work list: make safe, critical places, medically essential customers, then age."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from csr_console.domain.outages.kinds import Criticality, Hazard

_LIFE = frozenset({Hazard.GAS, Hazard.CARBON_MONOXIDE})


def priority_of(hazard: Hazard, critical: Criticality) -> int:
    """1 gas or CO, 2 another hazard, 3 critical facility, 4 medically essential, 5 everyone else."""
    if hazard in _LIFE:
        return 1
    if hazard is not Hazard.NONE:
        return 2
    return {Criticality.CRIT: 3, Criticality.MED: 4, Criticality.ORDINARY: 5}[critical]


@dataclass(frozen=True, slots=True, order=True)
class WorkOrderKey:
    """Sorts a work list: priority, then the oldest first, then the id so that the order is total."""

    priority: int
    opened_at: datetime
    identifier: UUID
