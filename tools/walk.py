"""A page of the documentation, walked by an ordinary user of a clean Debian: what tools/walk-* have in common."""

import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
USER = "ann"


def fail(text):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {text}")


class Terminal:
    """A user's shell in the root directory, behind a terminal of its own."""

    MARK = rb"\x1b\]done:(\d+)\x07"

    def __init__(self, root):
        self.process, self.file = pty.fork()
        if self.process == 0:
            shell = ["su", "-", USER, "-c", "stty -echo cols 100; PS1= PS2= exec bash --norc --noprofile"]
            os.execv(ROOT / "tools/in-debian", ["in-debian", "run", root, *shell])
        self.seen = b""
        self.run("PS1= PS2= TERM=dumb; unset PROMPT_COMMAND", 60)

    def read_until(self, pattern, seconds):
        """What came up to `pattern`, and its match."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.seen)
            if found:
                before, self.seen = self.seen[: found.start()], self.seen[found.end() :]
                return before.decode(errors="replace").replace("\r", ""), found
            left = end - time.monotonic()
            if left <= 0:
                fail(f"nothing like {pattern!r} in {seconds} s; the last of it:\n{self.seen[-2000:].decode(errors='replace')}")
            if select.select([self.file], [], [], left)[0]:
                try:
                    self.seen += os.read(self.file, 65536)
                except OSError:
                    fail(f"the shell ended:\n{self.seen[-2000:].decode(errors='replace')}")

    def type(self, text):
        os.write(self.file, text.encode())

    def start(self, command):
        """Types a command, whose end `MARK` tells."""
        self.type(command + "; printf '\\033]done:%d\\a' $?\n")

    def run(self, command, seconds):
        """What a command writes, and its exit status; apt's question is answered with yes."""
        self.start(command)
        if command.startswith("sudo apt install "):
            self.read_until(rb"\[Y/n\] ", seconds)
            self.type("y\n")
        output, found = self.read_until(self.MARK, seconds)
        return output, int(found[1])

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.file)


def commands(page):
    """The commands of a page: what its block is besides `console` (such as `second`), and each line."""
    for kind, block in re.findall(r"(?ms)^```console *(\w*)\n(.*?)^```$", (ROOT / page).read_text()):
        for line in block.splitlines():
            if not line.startswith("$ "):
                fail(f"a line of {page} is not a command: {line}")
            yield kind, line[2:]


def make_root(deb, suite, root, *packages):
    """A clean Debian with these packages and a user, who may use sudo and has the package at home."""
    subprocess.run([ROOT / "tools/in-debian", "make", root, suite, "passwd", "sudo", *packages], check=True)
    subprocess.run(
        [
            ROOT / "tools/in-debian", "run", root, "sh", "-euc",
            f"apt-get -qq update; useradd -m -s /bin/bash {USER}; echo '{USER} ALL=NOPASSWD: ALL' >/etc/sudoers.d/{USER}",
        ], check=True, stdout=subprocess.DEVNULL)
    home = pathlib.Path(root) / "home" / USER
    shutil.copy(deb, home / pathlib.Path(deb).name)
    return home


def check(line, output, status, wanted=0):
    if status != wanted:
        fail(f"{line}: exit status {status}\n{output[-4000:]}")


def type_all(terminal, steps, transcript):
    """Types commands that have to succeed: each with a text that its output has to have, and one that it must not."""
    for line, wanted, unwanted in steps:
        print(f"$ {line}", flush=True)
        start = time.monotonic()
        output, status = terminal.run(line, 1800)
        check(line, output, status)
        if wanted not in output or unwanted and unwanted in output:
            fail(f"{line}: the output is not what was expected:\n{output[-4000:]}")
        transcript.add(line, time.monotonic() - start, output)


def install(deb):
    """The command that installs the package at home, as ci/github/action.yml does."""
    return f"sudo apt-get install -qq -y --no-install-recommends ~/{pathlib.Path(deb).name} uidmap"


class Transcript:
    """The commands of a walk, with the time and the output of each."""

    def __init__(self):
        self.entries = []
        self.begin = time.monotonic()

    def add(self, line, seconds, output, where=""):
        self.entries.append((line, seconds, shortened(output), where))

    def end(self, name):
        """Prints how long it took, which is the last line that a walk prints, and returns the seconds."""
        total = time.monotonic() - self.begin
        print(f"{name} took {total / 60:.1f} minutes", flush=True)
        return total

    def write(self, path, head):
        lines = list(head)
        for line, seconds, output, where in self.entries:
            # Output that is Markdown has fences of its own.
            fence = "````" if any("```" in text for text in output) else "```"
            lines += ["", f"{seconds:.1f} s{where}:", "", f"{fence}text", f"$ {line}", *output, fence]
        pathlib.Path(path).write_text("\n".join(lines) + "\n")


def shortened(output):
    """What is worth printing: of long output the last lines, without what terminals alone understand."""
    lines = re.sub(r"\x1b(\[[0-9;?!]*[A-Za-z]|\][^\x07]*\x07)", "", output).strip("\n").splitlines()
    lines = [line.rstrip() for line in lines]
    return lines if len(lines) <= 12 else ["…"] + lines[-11:]
