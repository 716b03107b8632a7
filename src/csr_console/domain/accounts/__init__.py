"""Customer accounts: contact details, verification of a caller, notes, interactions and alerts."""
