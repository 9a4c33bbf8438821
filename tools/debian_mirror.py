"""The addresses of Debian's archive: PARTICLE_MIRROR, else those that this host's apt uses."""

import os
import subprocess


def addresses():
    """The archive and its security updates, without a slash at the end."""
    said = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"], check=True, capture_output=True, text=True)
    known = [line.rstrip("/") for line in said.stdout.splitlines()]
    archive = os.environ.get("PARTICLE_MIRROR", "").rstrip("/") or next(
        (address for address in known if address.endswith("/debian")), None)
    if archive is None:
        raise SystemExit("error: this host's apt has no archive of Debian\n  help: set PARTICLE_MIRROR to its address")
    security = next(
        (address for address in known if address.endswith("/debian-security")), archive.removesuffix("/debian") + "/debian-security")
    return archive, security
