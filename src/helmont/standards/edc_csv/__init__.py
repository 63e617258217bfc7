"""Comma-separated data of an EDC, read with a mapping file that says which column answers which question."""
