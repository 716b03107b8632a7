"""The tables of the two files: text and integers only, times in microseconds since 1970 UTC (`_us`)."""

from datetime import UTC, datetime, timedelta

WAITING = "state IN ('queued', 'sending', 'unconfirmed')"
STOPPED = "state IN ('conflict', 'expired', 'refused') AND replaced_by = ''"
SUSPECT = "faults > 0"
HELD = "state = 'held'"
DISCARDED = "state = 'discarded'"
"""What the partial indexes of the queue hold: a query uses one when it says the same words."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """An aware moment as microseconds since 1970 UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(value_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value_us)


# A command in the queue. `body` is the submission byte for byte as it is sent, for ever. Order is `seq`,
# never an id or a time: a clock steps backwards. `closing` numbers the closed rows in the order they were
# closed; `fault` and `faults` count equal faults in a row; `parked` is 1 after five.
_COMMAND = """CREATE TABLE IF NOT EXISTS command (
    seq INTEGER NOT NULL PRIMARY KEY, command_id TEXT NOT NULL UNIQUE, station TEXT NOT NULL,
    counter INTEGER NOT NULL, actor TEXT NOT NULL, shift TEXT NOT NULL, session TEXT NOT NULL,
    lane TEXT NOT NULL, about TEXT NOT NULL, urgent INTEGER NOT NULL, kind TEXT NOT NULL,
    digest TEXT NOT NULL, body BLOB NOT NULL, entered_us INTEGER NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL, next_us INTEGER NOT NULL, fault TEXT NOT NULL, faults INTEGER NOT NULL,
    parked INTEGER NOT NULL, problem TEXT NOT NULL, outcome TEXT NOT NULL, witness_office TEXT NOT NULL,
    witness_seq INTEGER, witness_hash TEXT NOT NULL, closing INTEGER, replaced_by TEXT NOT NULL,
    discard_id TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL)"""

# Each index that a new row goes into is one more page to encrypt and to sync before the row is saved: what is
# asked of rows that wait is found among these, in the one index of them.
_FORMER = ("command_waiting", "command_lane", "command_subject", "command_closing")

OUTBOX_TABLES = (
    _COMMAND,
    """CREATE INDEX IF NOT EXISTS command_open
        ON command (urgent DESC, seq, state, faults, parked, about, lane) WHERE """
    + WAITING,
    "CREATE INDEX IF NOT EXISTS command_stopped ON command (lane, seq) WHERE " + STOPPED,
    "CREATE INDEX IF NOT EXISTS command_suspect ON command (lane, seq) WHERE " + SUSPECT,
    "CREATE INDEX IF NOT EXISTS command_held ON command (seq) WHERE " + HELD,
    "CREATE INDEX IF NOT EXISTS command_discarded ON command (lane, seq) WHERE " + DISCARDED,
    """CREATE INDEX IF NOT EXISTS command_closed ON command (closing, state, about, lane)
        WHERE closing IS NOT NULL""",
    """CREATE INDEX IF NOT EXISTS command_witness ON command (witness_office, witness_seq)
        WHERE witness_seq IS NOT NULL""",
    "CREATE INDEX IF NOT EXISTS command_discard ON command (discard_id) WHERE discard_id <> ''",
    # Facts about the installation: its id, the head of the queue, the lease of the drainer.
    "CREATE TABLE IF NOT EXISTS station (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
    # A sign-in session: its seal key, and the refresh token until it is signed out.
    """CREATE TABLE IF NOT EXISTS session (
        session TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
        office TEXT NOT NULL, shift TEXT NOT NULL, seal_key TEXT NOT NULL, refresh_token TEXT NOT NULL,
        signed_in_us INTEGER NOT NULL, active INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS ix_session_login ON session (login)",
    # The PIN of a member of staff as an Argon2id hash, and the wrong tries since the last right one.
    """CREATE TABLE IF NOT EXISTS pin (
        login TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL, wrong INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS draft (
        draft_id TEXT NOT NULL PRIMARY KEY, form TEXT NOT NULL, title TEXT NOT NULL, account TEXT NOT NULL,
        fields TEXT NOT NULL, saved_us INTEGER NOT NULL)""",
    # Whose a draft is; a table of its own, since files made before it have drafts without an owner.
    "CREATE TABLE IF NOT EXISTS draft_owner (draft_id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL)",
    *("DROP INDEX IF EXISTS " + name for name in _FORMER),
)
"""Of `outbox.db`: nothing but a person's explicit act removes unsent work."""

CACHE_TABLES = (
    # Where this file stands in the feed, and how far its snapshot has come.
    "CREATE TABLE IF NOT EXISTS position (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
    # An account view as central gave it. `mark` is the outbox's closing number when it was asked for: what
    # closed later is not in it. `newest` is the newest version the feed has told of; `reader` is the login
    # whose verification of the caller it shows.
    """CREATE TABLE IF NOT EXISTS account_view (
        account TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL, etag TEXT NOT NULL, reader TEXT NOT NULL,
        as_of_us INTEGER NOT NULL, mark INTEGER NOT NULL, version INTEGER NOT NULL,
        newest INTEGER NOT NULL)""",
    # An account's money as central gave it, and bills that were opened. `version` is the account's newest
    # version that was known then.
    """CREATE TABLE IF NOT EXISTS billing_view (
        account TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL, etag TEXT NOT NULL, as_of_us INTEGER NOT NULL,
        version INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS bill_view (
        account TEXT NOT NULL, bill TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (account, bill))""",
    # What the bill runs found, as central listed it.
    """CREATE TABLE IF NOT EXISTS exception_list (
        office TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL, etag TEXT NOT NULL,
        as_of_us INTEGER NOT NULL)""",
    # A report, a hazard or a planned outage as the feed gave it.
    """CREATE TABLE IF NOT EXISTS outage (
        entity TEXT NOT NULL, key TEXT NOT NULL, account TEXT NOT NULL, premise TEXT NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY (entity, key))""",
    "CREATE INDEX IF NOT EXISTS outage_account ON outage (account)",
    "CREATE INDEX IF NOT EXISTS outage_place ON outage (premise)",
)
"""Of `cache-<n>.db` beside those of the roster: everything there can be fetched again."""
