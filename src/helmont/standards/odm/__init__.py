"""CDISC ODM 1.3.2 and 2.0: study definitions and clinical data, written and read.

    ``metadata``      a ``Study`` as ODM metadata
    ``definitions``   what single ODM definitions say, as the keys of a study package: read back, and what was not said
    ``reading``       an ODM file's metadata as a ``Study``, with findings
    ``records``       clinical data between the two: subjects, events, forms, item values, audit, remarks
    ``clinical``      records as a stream of ODM, in constant memory
    ``subjects``      the records of an ODM file, one subject at a time

Files are valid against the official schemas without an extension schema: what ODM has no place for stands in an ``Alias``
of the context ``helmont`` (definitions) or in the ``Flag`` of an ``Annotation`` (data), which every reader may pass over.
Sources: CDISC ODM 1.3.2 (ODM1-3-2-foundation.xsd) and ODM 2.0 (ODM.xsd).
"""
