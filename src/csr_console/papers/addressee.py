"""Who a paper is for, and who it is from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from csr_console.contracts.views.accounts import AccountView
from csr_console.papers.words import Language, language_of


@dataclass(frozen=True, slots=True)
class Addressee:
    """A customer as a paper names them. `mailing` are the lines below the name: the mailing address, or the
    service address where there is none."""

    account: str
    name: str
    service_address: str
    mailing: tuple[str, ...]
    language: Language

    @classmethod
    def of(cls, view: AccountView) -> Self:
        entry, contact = view.entry, view.contact
        if contact.mailing_street:
            place = f"{contact.mailing_city}, {contact.mailing_state} {contact.mailing_zip}".strip(" ,")
            mailing: Sequence[str] = (contact.mailing_street, place)
        else:
            mailing = (entry.service_address, entry.zip)
        return cls(
            entry.account,
            entry.name,
            entry.service_address,
            tuple(line for line in mailing if line),
            language_of(contact.language or entry.language),
        )


Letterhead = Sequence[str]
"""Who the paper is from: the name, then address, telephone, web and where payments are taken, a line each."""
