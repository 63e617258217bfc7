"""Statistics on arrays: the methods that the tables of a clinical study report are made with.

Everything is a pure function of its arguments, which are numpy arrays. Rows with a missing value are the caller's to leave out:
a function that meets one refuses it, so that what an analysis left out is always decided and counted above this floor.
"""
