"""The tables of the roster inside a cache file. All but the first two are B-trees that hold nothing but keys.

A row of `roster_entry` whose id is above the fact `keyed` has no keys yet: a snapshot is appended page by
page and its keys are laid down in sorted batches, since keys inserted one by one would read, decrypt, encrypt
and write a page each.
"""

ROSTER_TABLES = (
    """CREATE TABLE IF NOT EXISTS roster_entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
        status TEXT NOT NULL, language TEXT NOT NULL, premise TEXT NOT NULL, service_address TEXT NOT NULL,
        zip TEXT NOT NULL, phones TEXT NOT NULL, meters TEXT NOT NULL, electric_state TEXT, supply_point TEXT,
        device TEXT, critical TEXT NOT NULL, flags TEXT NOT NULL, version INTEGER NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS roster_fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS roster_handle (
        kind TEXT NOT NULL, handle TEXT NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (kind, handle, id)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS roster_name (
        key TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (key, id)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS roster_token (
        token TEXT PRIMARY KEY, sound TEXT NOT NULL, uses INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS roster_token_sound ON roster_token (sound)",
    "CREATE TABLE IF NOT EXISTS roster_street (id INTEGER PRIMARY KEY, street TEXT NOT NULL UNIQUE)",
    """CREATE TABLE IF NOT EXISTS roster_street_word (
        word TEXT NOT NULL, street INTEGER NOT NULL, PRIMARY KEY (word, street)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS roster_house (
        number INTEGER NOT NULL, street INTEGER NOT NULL, unit TEXT NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (number, street, unit, id)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS roster_frontage (
        street INTEGER NOT NULL, number INTEGER NOT NULL, unit TEXT NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (street, number, unit, id)) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS roster_area (area TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID",
)
