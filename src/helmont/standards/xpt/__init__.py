"""SAS XPORT version 5: the transport files that regulators take datasets in, written and read.

    ``model``     a dataset as it goes into a file: ``Table``, ``Column``, and the ``Stamp`` of the file itself
    ``floats``    IEEE 754 doubles as IBM System/360 floating point, and back
    ``checking``  what a table holds that the format, or the agencies, do not take
    ``writing``   a table as a file, in pieces; the same table and stamp give the same bytes everywhere
    ``reading``   a file as a table

Sources: SAS Institute, "Record Layout of a SAS Version 5 or 6 Data Set in SAS Transport (XPORT) Format" (TS-140);
FDA Study Data Technical Conformance Guide, section 3.3.
"""

from helmont.standards.xpt.checking import table_findings
from helmont.standards.xpt.model import Column, Stamp, Table
from helmont.standards.xpt.reading import read
from helmont.standards.xpt.writing import write

__all__ = ["Column", "Stamp", "Table", "read", "table_findings", "write"]
