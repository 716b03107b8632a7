"""The schema of version 0.1.

A column is written `name`, `name:int` or `name:big`, with `?` when it may be empty; the first `key` columns
are the primary key. `~` in an index asks PostgreSQL for an index of patterns, which looks up prefixes.
"""

from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class _Table(NamedTuple):
    name: str
    columns: str
    key: int
    unique: tuple[str, ...] = ()
    refers: tuple[tuple[str, str], ...] = ()
    indexes: tuple[tuple[str, str], ...] = ()


_TABLES = (
    _Table(
        "callback",
        "office callback_id account? report_id? phone due due_at? about requested_at requested_by",
        key=2,
        indexes=(("callback_account", "office account"),),
    ),
    _Table(
        "command_key",
        "command_id office seq:big? held:int",
        key=1,
        indexes=(("command_key_held", "office held"),),
    ),
    _Table(
        "command_log",
        "office seq:big command_id kind actor station counter:big session issued_at applied_at "
        "digest body state outcome prev_hash hash",
        key=2,
        indexes=(("command_log_id", "command_id"),),
    ),
    _Table(
        "device",
        "office idx:int id kind parent_idx:int edge? node phases source rating_va:big? "
        "first_cust:int last_cust:int n_cust:int depth:int section_micro_miles:big",
        key=2,
        unique=("office id",),
        indexes=(
            ("device_node", "office node"),
            ("device_parent", "office parent_idx"),
        ),
    ),
    _Table(
        "feed_row",
        "office seq:big entity key op body?",
        key=2,
    ),
    _Table(
        "hazard",
        "office hazard_id hazard state account? premise? location? place phone strongest "
        "people_inside access remarks dispatcher expected_at? acknowledged_at? opened_at opened_by "
        "station verified_by closed_at? version:big",
        key=2,
        indexes=(("hazard_state", "office state opened_at"),),
    ),
    _Table(
        "journal",
        "office id at actor station act subject detail",
        key=2,
        indexes=(("journal_act", "office act id"),),
    ),
    _Table(
        "mark",
        "name value",
        key=1,
    ),
    _Table(
        "network_edge",
        "office edge from_node to_node kind normal phases length_milli_ft:big rating_va:big? device?",
        key=2,
        indexes=(("network_edge_to", "office to_node"),),
    ),
    _Table(
        "network_node",
        "office node x_micro:big y_micro:big line_volts:int phases xy_source",
        key=2,
        indexes=(("network_node_place", "office x_micro y_micro"),),
    ),
    _Table(
        "office_head",
        "office chain_seq:big chain_hash feed_seq:big feed_floor:big next_report_number:big",
        key=1,
    ),
    _Table(
        "person",
        "office person name name_key kind",
        key=2,
        indexes=(("person_name_key", "office name_key~"),),
    ),
    _Table(
        "planned",
        "office planned_id device devices starts_at ends_at reason version:big",
        key=2,
        indexes=(("planned_ends_at", "office ends_at"),),
    ),
    _Table(
        "premise",
        "office premise street unit city zip supply_point?",
        key=2,
        indexes=(("premise_supply_point", "office supply_point"),),
    ),
    _Table(
        "report",
        "office report_id number:big state account? premise? location? location_key? place name "
        "caller scope hazard critical priority:int device? callback calls:int remarks opened_at "
        "opened_by station last_call_at version:big",
        key=2,
        unique=("office number",),
        indexes=(
            ("report_location", "office location_key state"),
            ("report_premise", "office premise state"),
            ("report_work_list", "office state priority opened_at report_id"),
        ),
    ),
    _Table(
        "resource_version",
        "office resource version:big fields",
        key=2,
    ),
    _Table(
        "sign_in_failure",
        "login failures:int last_at locked_until?",
        key=1,
        indexes=(("sign_in_failure_last_at", "last_at"),),
    ),
    _Table(
        "staff",
        "login name role office password_hash disabled:int",
        key=1,
        indexes=(("staff_office", "office"),),
    ),
    _Table(
        "station",
        "station installation last_sign_in_at",
        key=1,
    ),
    _Table(
        "station_counter",
        "office station last_counter:big previous_counter:big",
        key=2,
    ),
    _Table(
        "supply_point",
        "office cust:int id node device_idx:int phases load_watts:big critical load",
        key=2,
        unique=("office id",),
        indexes=(("supply_point_node", "office node"),),
    ),
    _Table(
        "account",
        "office account person premise status since_on? version:big",
        key=2,
        refers=(
            ("office person", "person.office person.person"),
            ("office premise", "premise.office premise.premise"),
        ),
        indexes=(
            ("account_number", "account"),
            ("account_person", "office person"),
            ("account_premise", "office premise"),
        ),
    ),
    _Table(
        "planned_device",
        "office device planned_id",
        key=3,
        refers=(("office planned_id", "planned.office planned.planned_id"),),
    ),
    _Table(
        "session",
        "session login station started_at ends_at revoked_at?",
        key=1,
        refers=(("login", "staff.login"),),
    ),
    _Table(
        "account_alert",
        "office account code expires_on?",
        key=3,
        refers=(("office account", "account.office account.account"),),
    ),
    _Table(
        "balance",
        "office account balance_cents:big balance_on age_0_30_cents:big age_31_60_cents:big "
        "age_61_90_cents:big age_over_90_cents:big due_on? cut_on? last_payment_cents:big? "
        "last_payment_on?",
        key=2,
        refers=(("office account", "account.office account.account"),),
    ),
    _Table(
        "caller_verification",
        "office command_id account actor level:int at",
        key=2,
        refers=(("office account", "account.office account.account"),),
        indexes=(("caller_verification_clerk", "office account actor at"),),
    ),
    _Table(
        "contact",
        "office account phone_1 phone_2 email mailing_street mailing_city mailing_state mailing_zip language",
        key=2,
        refers=(("office account", "account.office account.account"),),
        indexes=(
            ("contact_phone_1", "office phone_1"),
            ("contact_phone_2", "office phone_2"),
        ),
    ),
    _Table(
        "import_mark",
        "office account digest contact",
        key=2,
        refers=(("office account", "account.office account.account"),),
    ),
    _Table(
        "refresh_token",
        "digest session issued_at used_at?",
        key=1,
        refers=(("session", "session.session"),),
        indexes=(("refresh_token_issued_at", "issued_at"),),
    ),
    _Table(
        "service",
        "office account position:int service meter state",
        key=3,
        refers=(("office account", "account.office account.account"),),
        indexes=(("service_meter", "office meter"),),
    ),
    _Table(
        "timeline",
        "office entry_id account? kind at actor text",
        key=2,
        refers=(("office account", "account.office account.account"),),
        indexes=(("timeline_newest", "office account at"),),
    ),
    _Table(
        "verifier",
        "office account factor digest",
        key=3,
        refers=(("office account", "account.office account.account"),),
    ),
    _Table(
        "wrong_answers",
        "office account wrong:int since",
        key=2,
        refers=(("office account", "account.office account.account"),),
    ),
)
_APPEND_ONLY = ("command_log", "journal")
_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {"": sa.String, "int": sa.Integer, "big": sa.BigInteger}


def upgrade() -> None:
    for table in _TABLES:
        _create(table)
    for name in _APPEND_ONLY:
        _refuse_changes(name)


def _create(table: _Table) -> None:
    columns = [_column(text) for text in table.columns.split()]
    op.create_table(
        table.name,
        *columns,
        sa.PrimaryKeyConstraint(*(column.name for column in columns[: table.key])),
        *(sa.UniqueConstraint(*names.split()) for names in table.unique),
        *(sa.ForeignKeyConstraint(here.split(), there.split()) for here, there in table.refers),
    )
    for name, text in table.indexes:
        patterns = {part[:-1]: "text_pattern_ops" for part in text.split() if part.endswith("~")}
        names = [part.removesuffix("~") for part in text.split()]
        op.create_index(name, table.name, names, postgresql_ops=patterns)


def _column(text: str) -> sa.Column[Any]:
    name, _, kind = text.removesuffix("?").partition(":")
    return sa.Column(name, _TYPES[kind](), nullable=text.endswith("?"))


def _refuse_changes(table: str) -> None:
    """Triggers that refuse every UPDATE, DELETE and TRUNCATE of a log, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'this table is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION 'this table is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
