"""What full tests have seen: `docs/records`, a file for each table, with the day and the commit of each row.

A test leaves a row in `.build/full-test/TABLE/NAME` (FullTest in Tests/TestSupport), which takes the place of the row that
was there of the same name.
"""

import functools
import pathlib
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
SEEN = REPOSITORY / ".build/full-test"
RECORDS = REPOSITORY / "docs/records"
# What a table speaks of; a row from before the last change there is old.
CODE = {
    "templates": ["Sources", "recipes"], "templates-aged": ["Sources", "recipes"],
    "fuzzing": ["Sources", "Tests/Fuzzing"], "walks": ["Sources", "Containerfile", "ci"]}


def rows(table):
    """The rows of a table, sorted by name, each a list of its fields, with what `when` says last."""
    path = RECORDS / f"{table}.tsv"
    kept = {}
    for line in path.read_text().split("\n")[:-1] if path.exists() else []:
        name, *fields = line.split("\t")
        kept[name] = fields
    folder = SEEN / table
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        kept[file.name] = file.read_text().rstrip("\n").split("\t")
    if kept:
        path.write_text("".join("\t".join([name, *kept[name]]) + "\n" for name in sorted(kept)))
    code = tuple(CODE.get(table, ["Sources"]))
    return [[*fields[:-2], when(fields[-2], fields[-1], code)] for _, fields in sorted(kept.items())]


def when(day, commit, code):
    """The day of a row, and whether the code it speaks of has changed since."""
    return day + (", before a change" if has_changed(commit, code) else "")


@functools.cache
def has_changed(commit, code):
    """Whether something in these folders is not as it was at a commit; a commit that is not there is long ago."""
    words = ["git", "-C", str(REPOSITORY), "diff", "--quiet", commit.rstrip("+"), "--", *code]
    return subprocess.run(words, stderr=subprocess.DEVNULL).returncode != 0


LEGEND = [
    "The last column has the day of the test; `before a change` means that the code it covers has changed since. The commits",
    "are in `docs/records`.",
]


def table(head, lines):
    """The lines of a table in Markdown."""
    if not lines:
        return ["Nothing yet."]
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + [
        "| " + " | ".join(line) + " |" for line in lines]


def command(*words):
    """What a command says."""
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout


def field(path, name, separator):
    """What a line of a file that begins with a name says after a separator."""
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.split(separator, 1)[1].strip().strip('"')
    return "?"


def machine():
    """The lines that say on what the last of it was seen."""
    memory = round(int(field("/proc/meminfo", "MemTotal", ":").split()[0]) / 1048576)
    processors = command("nproc").strip()
    return [
        f"- Machine: {processors} × {field('/proc/cpuinfo', 'model name', ':')}, {memory} GiB of memory",
        f"- Host: {field('/etc/os-release', 'PRETTY_NAME', '=')}, Linux {command('uname', '-r').strip()}",
    ]
