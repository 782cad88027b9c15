"""What the comparing and measuring scripts share: our binary, the captures, running a program."""

import concurrent.futures
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def sabueso():
    """The binary under test: $SABUESO, else the newest that cargo built here."""
    if chosen := os.environ.get("SABUESO"):
        return chosen
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [path for path in (target / "release/sabueso", target / "debug/sabueso") if path.exists()]
    if not built:
        sys.exit("no sabueso binary: `cargo build --release`, or set SABUESO")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def captures(paths):
    """The capture files among `paths` and in the folders among them; the project's own when there is none."""
    found = []
    for path in map(Path, paths or [ROOT / "captures"]):
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [file for file in inside if file.suffix in (".pcap", ".pcapng", ".cap")]
    if not found:
        sys.exit("no captures there")
    return found


def run(*command):
    """Exit code and standard output, as text whatever its bytes, in UTC; and standard error."""
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, "TZ": "UTC"})
    return done.returncode, *(text.decode(errors="backslashreplace") for text in (done.stdout, done.stderr))


def each(function, items):
    """The function's results, in order, with as many running as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))
