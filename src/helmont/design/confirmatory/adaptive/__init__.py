"""Trials that may be changed at an interim analysis: combination tests, new sample sizes, closed tests over the stages."""
