"""Amendments: what differs between versions, what it means for each participant, the run, and values without a place."""
