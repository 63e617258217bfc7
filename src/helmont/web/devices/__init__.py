"""Devices of a study: who wears which, what has come of them, and what was corrected."""
