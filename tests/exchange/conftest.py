"""Each module says itself which study it works with."""
