"""Conditions and calculations of form builders (REDCap logic, XPath of XLSForm) as CEL.

A dialect's parser gives one kind of tree (``tree``), and ``cel`` writes it as CEL. What has no equal meaning is refused
with its column, never approximated in silence.
"""
