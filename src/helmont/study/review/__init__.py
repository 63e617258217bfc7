"""The review of a protocol: what it asks of participants, and where its parts do not fit each other.

``review(study)`` gives :class:`~helmont.study.review.reviewing.Review`: the burden in numbers and findings, each with its
rule, place, reason and severity. It judges what the package declares; what the package does not declare it says so.
"""

from helmont.study.review.reviewing import Review, review

__all__ = ["Review", "review"]
