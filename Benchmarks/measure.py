"""What the benchmarks have in common: running programs, timing them, and saying on what machine."""

import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time
from urllib.parse import unquote

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


def compiled(recipe, manifest):
    """Compiles a recipe to a manifest, whose path is returned."""
    run(BIN / "particle-compile", recipe, "-o", manifest)
    return manifest


class Build:
    """Builds with a store of its own."""

    def __init__(self, work):
        self.work = work
        self.store = work / "store"
        self.out = work / "out"

    def run(self, manifest):
        """The seconds of a whole run; `report` has what the run said of itself."""
        os.sync()
        begin = time.monotonic()
        text = run(BIN / "particle-run", manifest, "--store", self.store, "-o", self.out, "--json")
        seconds = time.monotonic() - begin
        self.report = json.loads(text)
        return seconds

    def forget_all_but(self, pipeline):
        """Leaves in the store what was downloaded, and what one pipeline of the last run has made.

        Nothing is removed, only put aside: ext4 is slow at making files for a minute after it has
        removed many.
        """
        kept = {stage[key].removeprefix("sha256:") for stage in self.report["stages"]
                if stage["pipeline"] == pipeline for key in ("key", "output")}
        aside = pathlib.Path(tempfile.mkdtemp(prefix="aside-", dir=self.work))
        for folder in ("actions", "layers"):
            (aside / folder).mkdir()
            for path in (self.store / folder).iterdir():
                if path.name not in kept:
                    path.rename(aside / folder / path.name)
        self.out.rename(aside / "out")

    def mirrors(self, manifest):
        """The archives that the manifest's packages come from."""
        sources = json.loads(manifest.read_text())["sources"]
        urls = (url for source in sources.values() for url in source.get("urls", []))
        return sorted({unquote(url).split("/pool/")[0] for url in urls if "/pool/" in url})

    def packages(self, manifest, pipeline):
        """The packages that a pipeline installs."""
        stages = next(p["stages"] for p in json.loads(manifest.read_text())["pipelines"]
                      if p["name"] == pipeline)
        return [package["package"] for stage in stages if stage["type"] == "debian.packages"
                for package in stage["options"]["installed"]]


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
