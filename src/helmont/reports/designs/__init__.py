"""The appendix of a protocol: a trial design, what it decides and does, and how every number of it is found again."""

from helmont.reports.designs.attachment import Difference, rederive
from helmont.reports.designs.writing import appendix, pages_differ, read

__all__ = ["Difference", "appendix", "pages_differ", "read", "rederive"]
