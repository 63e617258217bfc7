"""``python -m helmont`` is the ``helmont`` command."""

from helmont.cli import main

main(prog_name="helmont")
