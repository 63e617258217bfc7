"""Parts of work in several processes, and what a process loads when it starts."""

import os
import subprocess
import sys
from operator import floordiv

import pytest

from helmont.cli.setup import on_cores
from helmont.sharing import ask, in_parts
from helmont.study.faults import Fault, StudyFaults


@pytest.mark.parametrize("number", [1, 2])
def test_parts_come_in_their_order_from_however_many_processes(number: int) -> None:
    with on_cores(number):
        assert list(in_parts(divmod, ((each, 7) for each in range(40)))) == [divmod(each, 7) for each in range(40)]
        assert ask(os.getpid).result() != os.getpid() or number == 1
        with pytest.raises(ZeroDivisionError):
            ask(floordiv, 1, 0).result()
        with pytest.raises(StudyFaults, match="no such thing"):
            ask(refuse).result()


def refuse() -> None:
    raise StudyFaults([Fault("study.yaml", 1, "", "no such thing", "another")])


def test_the_command_line_starts_without_statistics() -> None:
    program = (
        "import sys, helmont.cli\nimport os, django\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'helmont.settings')\ndjango.setup()\nimport helmont.urls\n"
        "print([name for name in ('scipy', 'docx') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
