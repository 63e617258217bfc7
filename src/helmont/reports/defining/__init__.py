"""The definitions of a study's data sets as Define-XML documents: one for tabulation (SDTM), one for analysis (ADaM).

``document``   the document as a whole
``items``      variables: types, lengths and decimals as the data have them
``origins``    where a variable comes from, read from the steps that make it
``methods``    how a variable is derived: its own words, or the steps, as text and as the declaration itself
``codelists``  the terms that steps and forms allow
``values``     what holds for one test or parameter
``displays``   the declared tables and figures as Analysis Results Metadata
"""

from helmont.reports.defining.document import Defined, Packaging, define_of

__all__ = ["Defined", "Packaging", "define_of"]
