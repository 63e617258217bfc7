"""Data cuts: named points of the ledger, what they hold, and how two of them differ."""
