"""Roles as data: who may do what, and where."""

from itertools import pairwise

import pytest

from csr_console.domain.permissions import GRANTS, Actor, Permission, Role, may, require
from csr_console.domain.refusals import Refusal


def actor(role: Role, *, disabled: bool = False) -> Actor:
    return Actor("m.reyes", "Marta Reyes", role, "tallahassee", disabled)


def test_each_step_up_the_desk_keeps_what_the_step_below_may_do() -> None:
    ladder = [GRANTS[role] for role in (Role.CLERK, Role.SPECIALIST, Role.LEAD, Role.SUPERVISOR)]
    assert all(lower < higher for lower, higher in pairwise(ladder))


def test_every_role_is_granted_something_and_every_permission_is_granted_to_someone() -> None:
    assert set(GRANTS) == set(Role)
    assert set().union(*GRANTS.values()) == set(Permission)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_those_who_watch_and_those_who_run_the_service_change_no_account(role: Role) -> None:
    changing = {permission for permission in GRANTS[Role.LEAD] if not permission.value.endswith(".read")}
    assert GRANTS[role].isdisjoint(changing)


def test_an_administrator_reads_no_customer() -> None:
    assert not may(actor(Role.ADMINISTRATOR), Permission.ACCOUNT_READ)


def test_a_role_without_the_permission_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        require(actor(Role.CLERK), Permission.CONTACT_UPDATE, "tallahassee")
    assert (refused.value.code, "contact.update" in refused.value.sentence) == ("not-permitted", True)


def test_another_office_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        require(actor(Role.LEAD), Permission.CONTACT_UPDATE, "quincy")
    assert refused.value.code == "other-office"


@pytest.mark.parametrize("role", Role)
def test_a_disabled_person_may_do_nothing(role: Role) -> None:
    assert not [permission for permission in Permission if may(actor(role, disabled=True), permission)]


def test_who_may_may() -> None:
    require(actor(Role.SPECIALIST), Permission.CONTACT_UPDATE, "tallahassee")
