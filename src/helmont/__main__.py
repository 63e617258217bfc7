"""``python -m helmont`` is the ``helmont`` command."""

from helmont.cli import main

if __name__ == "__main__":
    main(prog_name="helmont")
