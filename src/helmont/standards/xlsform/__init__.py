"""XLSForms (the spreadsheet forms of ODK, KoboToolbox and others) as study definitions of one form."""

from helmont.standards.xlsform.reading import read_xlsform

__all__ = ["read_xlsform"]
