"""Helmont: one system in which trial data flows from protocol to publication."""

__version__ = "0.1.0"
