"""Borrowing from history: priors from the arms of earlier trials, how much they are worth, and how a trial behaves that uses
them."""
