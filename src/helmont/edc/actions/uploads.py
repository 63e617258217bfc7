"""Storing an uploaded source copy before it is offered, and discarding it when it was refused."""

from helmont.edc.sources import remove_copy, store_copy

__all__ = ["discard", "store_copy"]


def discard(digest: str) -> None:
    """Remove the file of an upload that was refused, unless a copy that is offered has the same content."""
    remove_copy(digest, besides="")
