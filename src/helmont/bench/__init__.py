"""Measuring Helmont on this machine, against the figures it promises: ``python -m helmont.bench``."""
