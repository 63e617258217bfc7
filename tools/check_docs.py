"""Check that the documents tell the truth about the repository.

Every relative link leads to a file (and its ``#anchor`` to a heading), every ``make`` target and ``helmont`` command
and option that is quoted exists, and the change log has an Unreleased section. What is quoted is what stands between
backticks or in a code block.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from helmont.cli import main as helmont

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
MAKE = re.compile(r"^(?:\$ )?make ([a-z][a-z-]*)")
HELMONT = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?helmont ([a-z].*)")


def documents() -> list[Path]:
    """Every tracked Markdown file but the change log, which may speak of what is gone."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if name != "CHANGELOG.md"]


def anchors(text: str) -> set[str]:
    """The anchors that the headings of a document make: lower case, words joined by hyphens."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def link_faults(path: Path, text: str) -> Iterator[str]:
    """Yield the links of one document that lead nowhere."""
    for found in LINK.finditer(FENCE.sub("", text)):
        link = found[1] or found[2]
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists():
            yield f"link {link!r}: there is no {target.relative_to(ROOT) if target.is_relative_to(ROOT) else target}"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
            yield f"link {link!r}: {target.name} has no such heading"


def quoted(text: str) -> Iterator[str]:
    """Yield the lines of code blocks and the code within lines."""
    for fence in FENCE.findall(text):
        yield from (line.strip() for line in fence.splitlines()[1:-1])
    yield from QUOTED.findall(FENCE.sub("", text))


def make_targets() -> set[str]:
    """The targets that the Makefile declares."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def command_fault(words: list[str]) -> str | None:
    """What is wrong with a quoted ``helmont`` command, given the words after ``helmont``."""
    command: click.Command = helmont
    context = click.Context(command)
    path = ["helmont"]
    for word in words:
        if word.startswith("-"):
            option = word.partition("=")[0]
            known = {name for parameter in command.get_params(context) for name in parameter.opts}
            if option not in known:
                return f"{' '.join(path)} has no option {option}"
        elif isinstance(command, click.Group):
            following = command.get_command(context, word)
            if following is None:
                return f"{' '.join(path)} has no command {word!r}; it has {', '.join(command.list_commands(context))}"
            command, context = following, click.Context(following, parent=context)
            path.append(word)
    return None


def quote_faults(text: str) -> Iterator[str]:
    """Yield the quoted targets and commands of one document that do not exist."""
    targets = make_targets()
    for line in quoted(text):
        if (found := MAKE.match(line)) and found[1] not in targets:
            yield f"`{line}`: the Makefile has no target {found[1]}"
        if found := HELMONT.match(line):
            words = re.split(r"\s+(?:#|\||&&|>)", found[1])[0].split()
            if fault := command_fault(words):
                yield f"`{line}`: {fault}"


def main() -> int:
    """Print every fault; return 1 if there is any."""
    faults = []
    paths = documents()
    for path in paths:
        text = path.read_text()
        found = [*link_faults(path, text), *quote_faults(text)]
        faults += [f"{path.relative_to(ROOT)}: {fault}" for fault in found]
    if not re.search(r"^## \[?Unreleased\]?", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE):
        faults.append("CHANGELOG.md: there is no section '## [Unreleased]'")
    print("\n".join([*faults, f"docs: {len(paths)} files, {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
