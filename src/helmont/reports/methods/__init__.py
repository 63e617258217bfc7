"""The methods that analyses name, each with the statistics it gives."""

from helmont.reports.methods import describing, modelling, surviving, testing
from helmont.reports.methods.base import METHODS, Cell, Found, Method, Operation

__all__ = ["METHODS", "Cell", "Found", "Method", "Operation", "describing", "modelling", "surviving", "testing"]
