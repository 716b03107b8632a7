"""The ledger: double entry in signed integer cents, append-only; a balance is the sum of its postings."""
