"""Data sets in rows, at any moment, and the way from a row back to what was entered and forward to every figure."""
