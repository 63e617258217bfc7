"""Files that devices and their makers' services write, read into recordings; the content tells which format it is."""

from helmont.signals.files.opening import read

__all__ = ["read"]
