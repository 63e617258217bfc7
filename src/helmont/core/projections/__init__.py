"""Readers that follow the ledger and keep a derived view."""
