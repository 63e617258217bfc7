"""CDISC Analysis Results Standard v1.0: what analyses a report holds, by which methods, and their results.

    ``model``    the classes of its logical data model, by their names (``outputs``, ``terms``)
    ``reading``  its JSON, with findings that name the line
    ``writing``  its JSON

Source: CDISC Analysis Results Standard v1.0, logical data model (``ars_ldm``).
"""

from helmont.standards.ars.model import ReportingEvent
from helmont.standards.ars.reading import read_ars
from helmont.standards.ars.writing import write_ars

__all__ = ["ReportingEvent", "read_ars", "write_ars"]
