"""Check what is committed: no path of somebody's machine, no package index by address, nothing large by accident.

The lock pins packages by name, version and hash, so that it works with any index; an address in it would tie it to one.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 5 * 1024 * 1024
"""Bytes. Larger files belong in a release, not in the history."""
MACHINE_PATH = re.compile(rb"(?<![\w./:-])/(?:root|home/\w+|work|Users/\w+|tmp/\w+/bin)/[\w.]")
INDEX = re.compile(rb"(?:https?:)?//[\w.-]*(?:pypi|pythonhosted|npmjs|yarnpkg|deb\.debian)\.", re.IGNORECASE)
INDEX_OPTION = re.compile(rb"--(?:extra-)?index-url|--find-links|--trusted-host")


def tracked_files() -> list[Path]:
    """The files that git tracks and that are still there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def file_faults(path: Path) -> Iterator[str]:
    """Yield the faults of one file, each with its line where it has lines."""
    content = path.read_bytes()
    if len(content) > LARGEST:
        yield f"{len(content)} bytes; at most {LARGEST} are accepted"
    if b"\0" in content[:8192]:
        return
    for what, pattern in (("a path of one machine", MACHINE_PATH), ("the address of a package index", INDEX)):
        for found in pattern.finditer(content):
            line = content.count(b"\n", 0, found.start()) + 1
            yield f"line {line}: {what}: {found[0].decode(errors='replace')}"


def lock_faults(content: bytes) -> Iterator[str]:
    """Yield what makes the lock depend on an address, or a requirement in it that has no hash."""
    if b"://" in content or INDEX_OPTION.search(content):
        yield "requirements.lock: holds an address; compile it with: make lock"
    for requirement in re.split(rb"^(?=[A-Za-z0-9])", content, flags=re.MULTILINE):
        if requirement.strip() and b"--hash=sha256:" not in requirement:
            yield f"requirements.lock: {requirement.split(maxsplit=1)[0].decode()} has no hash"


def main() -> int:
    """Print every fault; return 1 if there is any."""
    paths = tracked_files()
    faults = [f"{path.relative_to(ROOT)}: {fault}" for path in paths for fault in file_faults(path)]
    faults += lock_faults((ROOT / "requirements.lock").read_bytes())
    print("\n".join([*faults, f"repository: {len(paths)} files, {len(faults)} faults"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
