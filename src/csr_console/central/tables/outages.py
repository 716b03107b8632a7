"""Outage reports, hazards, planned outages and promised callbacks."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from csr_console.central.tables.base import CentralTable, table_of


class Report(CentralTable, table=True):
    """An outage report. `place` and `name` are as they were when it was taken; `location_key` is the
    location case-folded; `remarks` and `counted`, the last commands that counted a call, are JSON lists;
    `priority` orders the work list."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("office", "number"),
        Index("report_premise", "office", "premise", "state"),
        Index("report_location", "office", "location_key", "state"),
        Index("report_work_list", "office", "state", "priority", "opened_at", "report_id"),
    )

    office: str = Field(primary_key=True)
    report_id: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    state: str = "open"
    account: str | None = None
    premise: str | None = None
    location: str | None = None
    location_key: str | None = None
    place: str
    name: str
    caller: str = ""
    scope: str
    hazard: str
    critical: str = ""
    priority: int
    device: str | None = None
    callback: str = ""
    calls: int = 1
    counted: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    remarks: str = "[]"
    opened_at: str
    opened_by: str
    station: str
    last_call_at: str
    version: int = Field(default=0, sa_type=BigInteger)


class HazardRow(CentralTable, table=True):
    """A danger to life: its own record, never part of a report, open until verified as controlled."""

    __tablename__ = "hazard"
    __table_args__ = (Index("hazard_state", "office", "state", "opened_at"),)

    office: str = Field(primary_key=True)
    hazard_id: str = Field(primary_key=True)
    hazard: str
    state: str = "open"
    account: str | None = None
    premise: str | None = None
    location: str | None = None
    place: str = ""
    phone: str = ""
    strongest: str = ""
    people_inside: str = ""
    access: str = ""
    remarks: str = "[]"
    dispatcher: str = ""
    expected_at: str | None = None
    acknowledged_at: str | None = None
    opened_at: str
    opened_by: str
    station: str
    verified_by: str = ""
    closed_at: str | None = None
    version: int = Field(default=0, sa_type=BigInteger)


class Planned(CentralTable, table=True):
    """A planned outage; `devices` is the JSON list of the transformers below `device`."""

    __tablename__ = "planned"
    __table_args__ = (Index("planned_ends_at", "office", "ends_at"),)

    office: str = Field(primary_key=True)
    planned_id: str = Field(primary_key=True)
    device: str
    devices: str
    starts_at: str
    ends_at: str
    reason: str
    version: int = Field(default=0, sa_type=BigInteger)


class PlannedDevice(CentralTable, table=True):
    """Every device at or below a planned outage's device, so that one look-up answers a caller."""

    __tablename__ = "planned_device"
    __table_args__ = (
        ForeignKeyConstraint(["office", "planned_id"], ["planned.office", "planned.planned_id"]),
    )

    office: str = Field(primary_key=True)
    device: str = Field(primary_key=True)
    planned_id: str = Field(primary_key=True)


class Callback(CentralTable, table=True):
    """A promise to call back; `due` is restored, soon or at (then `due_at`)."""

    __tablename__ = "callback"
    __table_args__ = (Index("callback_account", "office", "account"),)

    office: str = Field(primary_key=True)
    callback_id: str = Field(primary_key=True)
    account: str | None = None
    report_id: str | None = None
    phone: str
    due: str
    due_at: str | None = None
    about: str = ""
    requested_at: str
    requested_by: str


report = table_of(Report)
hazard = table_of(HazardRow)
planned = table_of(Planned)
planned_device = table_of(PlannedDevice)
callback = table_of(Callback)
