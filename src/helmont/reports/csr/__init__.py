"""The clinical study report: the outline of ICH E3, filled from the protocol, the analyses and the words of the study package.

``outline``    the sections of ICH E3, who writes what cannot be made from data, and the sections of ICH M11 that serve
``templates``  ``report/*.md`` of a study package: words and bindings; a number typed by hand is a finding
``bindings``   what a binding stands for: a result of an analysis, or words of the study definition
``protocol``   tables made from the protocol: arms, estimands, schedule of activities, eligibility
``contents``   the report as blocks
``pdf``, ``word``   the blocks as PDF/A-2a with tags, and as a Word document
"""

from helmont.reports.csr.contents import Report, report_of
from helmont.reports.csr.templates import Template, read_templates

__all__ = ["Report", "Template", "read_templates", "report_of"]
