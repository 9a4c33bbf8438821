"""Scripts that run in a Debian tree and mean harm; the tree is the first stage of a manifest that was compiled."""

from manifest import Manifest


def script(text, interpreter="/bin/sh"):
    return {"type": "script", "options": {"script": text, "interpreter": [interpreter, "-u"], "environment": {}}}


def debian(reference):
    """A manifest with the Debian system of another one, as the pipeline `debian`."""
    manifest = Manifest(reference["epoch"])
    system = next(pipeline for pipeline in reference["pipelines"] if pipeline["name"] == "os")
    first = {key: value for key, value in system["stages"][0].items() if key != "id"}
    for given in first["inputs"].values():
        for source in given.get("sources", []):
            manifest.value["sources"][source] = reference["sources"][source]
    return manifest.pipeline("debian", first)


HOSTNAME = {"type": "hostname", "options": {"name": "evil"}}

FIRST_PROCESS = """
{
  for pid in /proc/[0-9]*; do
    chmod 4777 $pid/exe; chown 1234:1234 $pid/exe; touch -d 2001-01-01 $pid/exe
    (echo x >>$pid/exe)
    perl -e 'syscall(188, "$ARGV[0]/exe", "user.note", "1", 1, 0)' $pid
  done
} 2>/dev/null
"""

# The stage's own program has its tree, its options in memory and the sandbox's /dev/null open.
DESCRIPTORS = """
for pid in /proc/[0-9]*; do
  for file in $pid/fd/*; do
    number=${file##*/}
    target=$(readlink $file) || continue
    case "$number $target" in
      [012]\\ *|*\\ /|*\\ /dev/null|*memfd:particle*) ;;
      *) [ $pid = /proc/$$ ] || echo "$pid $number $target" ;;
    esac
  done
done >/out
"""

# The word that is looked for is never whole but in the process that looks.
SECRETS = r"""
cat >/look.pl <<'END'
my $word = "canary-" . "variable";
for my $pid (grep { $_ != $$ } map { m{(\d+)$} } glob "/proc/[0-9]*") {
  for my $file ("environ", "cmdline", "auxv") {
    open my $f, "<", "/proc/$pid/$file" or next; local $/;
    print "$pid $file\n" if (<$f> // "") =~ /$word/;
  }
  open my $mem, "<", "/proc/$pid/mem" or next;
  open my $maps, "<", "/proc/$pid/maps" or next;
  while (<$maps>) {
    /^(\w+)-(\w+) r/ or next;
    my ($from, $size) = (hex $1, hex($2) - hex($1));
    sysseek $mem, $from, 0;
    sysread $mem, my $bytes, $size > 1 << 26 ? 1 << 26 : $size;
    print "$pid memory\n" if ($bytes // "") =~ /$word/;
  }
}
END
perl /look.pl >/out
"""

DEEP = "perl -e 'my $n = \"%s\"; for (1..%d) { mkdir $n or die $!; chdir $n or die $! } open F, \">f\"; print F \"x\"'; echo done >/out"


def attacks(reference, victim):
    """Gives (name, what is tried, exit status, the manifest's bytes, what the output must be or None).

    `victim` is a directory of the host that nothing may reach; an exit status of None is any but a crash.
    """
    def one(name, tries, status, stages, expected=None, path="/out"):
        manifest = debian(reference)
        manifest.pipeline("t", *stages, base="debian").export("out", "t", path)
        return name, tries, status, manifest.text, expected

    def sh(name, tries, text, expected=None, status=0, more=(), path="/out"):
        return one(name, tries, status, [script(text), *more], expected, path)

    yield sh("process-exe", "changes mode, owner, time and content of what its processes run",
             FIRST_PROCESS + "echo done >/out", "done\n")
    yield sh("process-files", "looks for open files of the runner", DESCRIPTORS, "")
    yield sh("process-secrets", "looks for the caller's variables, options and memory", SECRETS, "")
    yield sh("process-signals", "kills and stops the first process of the sandbox",
             "(kill -KILL 1; kill -STOP 1; kill -TERM 1) 2>/dev/null; echo alive >/out", "alive\n")
    yield sh("process-late", "leaves a process that goes on writing",
             '(setsid sh -c "while :; do date >>/late; sleep .01; done" >/dev/null 2>&1 &); sleep .3; echo done >/out',
             "done\n")

    yield sh("deep-50", "50 directories with names of 200 bytes", DEEP % ("d" * 200, 50), status=1)
    yield sh("deep-3000", "3 000 directories with names of 200 bytes", DEEP % ("d" * 200, 3000), status=1)
    yield sh("deep-20000", "20 000 directories in one another", DEEP % ("d", 20_000), status=1)
    yield sh("names-utf8", "a name that is not UTF-8", r"""touch "/srv/$(printf 'a\377b')"; echo done >/out""", "done\n")
    yield sh("names-replacement", "a name with the character that stands for what is not UTF-8",
             r"""touch "/srv/$(printf 'a\357\277\275b')"; echo done >/out""", "done\n")
    yield sh("names-control", "names with newlines and escape sequences",
             r"""touch "/srv/$(printf 'a\nb')" "/srv/$(printf '\001\033[31m')"; echo done >/out""", "done\n")
    spellings = [script(r"""mkdir /srv/n
printf composed >"/srv/n/$(printf '\303\251')"; printf decomposed >"/srv/n/$(printf 'e\314\201')" """)]
    many = [script(f"echo {number} >/srv/{number}") for number in range(20)]
    yield one("names-spellings", "two spellings of one letter, under 20 further layers", 0,
              spellings + many + [script("cat /srv/n/* >/out")], "decomposedcomposed")
    yield sh("names-removals", "names that stand for removals in container layers",
             'touch /srv/.wh.foo /srv/.wh..wh..opq; echo done >/out', "done\n")

    yield sh("link-etc", "/etc is a link to a directory of the host", f"rm -rf /etc; ln -s {victim} /etc; echo done >/out",
             status=1, more=[HOSTNAME])
    yield sh("link-hostname", "/etc/hostname is a link to a file of the host",
             f"ln -sf ../../../../../..{victim}/file /etc/hostname; echo done >/out", status=None, more=[HOSTNAME])
    yield sh("pipe-hostname", "/etc/hostname is a pipe that nobody writes to",
             "rm /etc/hostname; mkfifo /etc/hostname; echo done >/out", status=None, more=[HOSTNAME])
    yield sh("endless-passwd", "/etc/passwd is a link to /dev/zero", "ln -sf /dev/zero /etc/passwd; echo done >/out",
             status=1, more=[{"type": "users", "options": {"groups": [], "users": []}}])
    for name, tries, lines in [
        ("link", "/etc/fstab is a link to a file of the host", f"ln -sf ../../../../../..{victim}/file /etc/fstab"),
        ("pipe", "/etc/fstab is a pipe", "rm -f /etc/fstab; mkfifo /etc/fstab"),
        ("directory", "/etc/fstab is a directory", "rm -f /etc/fstab; mkdir /etc/fstab"),
    ]:
        yield sh("fstab-" + name, tries, lines + "; echo done >/out", status=None,
                 more=[{"type": "fstab", "options": {"mounts": []}}])

    yield sh("files-sparse", "files of 8 EiB and 4 PiB that are holes",
             "(truncate -s 8E /srv/x; truncate -s 4P /srv/y; truncate -s 4T /srv/z) 2>/dev/null; echo done >/out",
             status=None)
    yield sh("files-names", "one file with 68 000 names",
             "cd /srv; touch a; perl -e 'for (1..68000) { link \"a\", \"l$_\" or last }'; echo done >/out", status=None)
    yield sh("files-many", "50 000 files", "mkdir /srv/m; perl -e 'for (1..50000) { open F, \">/srv/m/$_\" }'; echo done >/out",
             "done\n")
    yield sh("files-times", "files of 1901 and 2300",
             "touch -d 1901-12-14 /srv/a; touch -d 2300-01-01 /srv/b; echo done >/out", "done\n")
    yield sh("files-owners", "owners of 2^32-2",
             "chown 4294967294:4294967294 /srv 2>/dev/null; echo done >/out", "done\n")
    yield sh("files-attributes", "attributes of the host's policy",
             """perl -e 'for my $n ("security.selinux", "security.ima", "trusted.x") {
               syscall(188, "/etc/hostname", $n, "x", 1, 0) }'; echo done >/out""", "done\n")
    yield sh("files-closed", "directories that nobody may enter",
             "mkdir -p /srv/c/d; touch /srv/c/d/e; chmod 0 /srv/c/d /srv/c; echo done >/out", "done\n")
    yield sh("log", "a log of 80 MiB", "yes | head -c 83886080; echo done >/out", "done\n")
