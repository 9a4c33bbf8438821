"""What the benchmarks have in common: running programs, timing them, and saying on what machine."""

import datetime
import os
import pathlib
import platform
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
BIN = REPOSITORY / ".build/release"


def run(*command, **settings):
    """Runs a command; what it says is shown only when it fails."""
    done = subprocess.run(
        [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, **settings)
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))}: exit status {done.returncode}\n"
                 f"{done.stdout}{done.stderr}")
    return done.stdout


def timed(*command, **settings):
    """The seconds a command takes, beginning with nothing left to be written to the disk."""
    os.sync()
    begin = time.monotonic()
    run(*command, **settings)
    return time.monotonic() - begin


def machine(work, versions):
    """What was measured on, for people; `versions` has those of programs by name."""
    def field(path, name):
        for line in pathlib.Path(path).read_text().splitlines():
            if line.startswith(name):
                return line.split(":", 1)[1].strip()
        return "?"

    memory = int(field("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    versions = {**versions, "Linux": platform.release()}
    return [
        f"- Date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}",
        f"- Machine: {os.cpu_count()} × {field('/proc/cpuinfo', 'model name')}, "
        f"{memory:.0f} GiB of memory, "
        f"{run('findmnt', '--noheadings', '--output', 'FSTYPE', '--target', work).strip()}",
        "- Host: Debian " + pathlib.Path("/etc/debian_version").read_text().strip(),
        "- Versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()),
    ]
