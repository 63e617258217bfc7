"""Scripts of the repository, run as ``python -m tools.NAME`` from its root. None is part of the product."""
