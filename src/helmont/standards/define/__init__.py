"""CDISC Define-XML 2.1 with Analysis Results Metadata 1.0: what datasets a submission holds and how they came to be.

    ``model``       a document: ``Define`` and what it is made of. What is contained is nested; what is shared goes by OID.
    ``names``       OIDs in one habit: ``IG.VS``, ``IT.VS.VSTESTCD``, ``WC.VS.VSTESTCD.EQ.SYSBP``
    ``writing``     a document as XML, valid against the official schemas
    ``reading``     XML as a document, with findings
    ``checking``    what a reviewer would object to: broken references, missing methods, keys, origins and lengths
    ``rendering``   the document as a page for people, in our own layout
    ``tables``      a dataset of the document as a SAS transport file or as Dataset-JSON, under the same names and OIDs

Sources: CDISC Define-XML 2.1 (define2-1-0.xsd and the specification), ARM 1.0 for Define-XML 2.0 (arm1-0-0.xsd).
"""

from helmont.standards.define.checking import define_findings
from helmont.standards.define.model import Define
from helmont.standards.define.reading import read
from helmont.standards.define.rendering import render
from helmont.standards.define.writing import write

__all__ = ["Define", "define_findings", "read", "render", "write"]
