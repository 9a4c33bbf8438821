"""Runs a command on a terminal that answers what terminals are asked, leaves by Ctrl-], and says how it left the terminal."""

import os, pty, select, sys, termios, time

ours, theirs = pty.openpty()
before = termios.tcgetattr(theirs)
process = os.fork()
if process == 0:
    os.setsid()
    for number in range(3):
        os.dup2(theirs, number)
    os.execv(sys.argv[1], sys.argv[1:])

# The size of a terminal by its cursor (CPR), what it is (DA), and whether it is well (DSR).
ANSWERS = {b"\x1b[6n": b"\x1b[24;80R", b"\x1b[c": b"\x1b[?62c", b"\x1b[5n": b"\x1b[0n"}
heard, left, status = b"", False, None
begin = time.time()
while status is None:
    ended, code = os.waitpid(process, os.WNOHANG)
    if ended:
        status = os.waitstatus_to_exitcode(code)
    if select.select([ours], [], [], 0.2)[0]:
        heard += os.read(ours, 4096)
    for question, answer in ANSWERS.items():
        while question in heard:
            heard = heard.replace(question, b"", 1)
            os.write(ours, answer)
    if not left and b"No bootable device" in heard:
        # What a machine asks just before it is left.
        os.write(ours, b"\x1b[24;80R\x1d")
        left = True
    if time.time() - begin > 120:
        sys.exit(f"it does not end: {heard!r}")

after = termios.tcgetattr(theirs)
# What a shell would read now; in raw mode, as half a line would wait for its end.
attributes = termios.tcgetattr(theirs)
attributes[3] &= ~termios.ICANON
termios.tcsetattr(theirs, termios.TCSANOW, attributes)
rest = os.read(theirs, 4096) if select.select([theirs], [], [], 0.5)[0] else b""
print(f"status {status}, terminal {'as it was' if before == after else 'changed'}, left to read: {rest!r}")
