"""Hostile archives: container layers as tar, and packages as ar and tar."""

import gzip
import lzma
import random

from manifest import Manifest, tar, tree

END = b"\0" * 1024
HUGE = b"\x80" + b"\0" * 3 + (2**63 - 1).to_bytes(8, "big")
NEGATIVE = b"\xff" * 4 + ((-512) & (2**64 - 1)).to_bytes(8, "big")


def padded(data):
    return data + b"\0" * (-len(data) % 512)


def header(name, size=0, kind=b"0", mode=0o644, link=b"", raw=None, device=(0, 0)):
    """A ustar header; `raw` replaces fields as they are: {offset: bytes}."""
    block = bytearray(512)
    block[0:min(len(name), 100)] = name[:100]

    def octal(value, at, width):
        block[at:at + width - 1] = b"%0*o" % (width - 1, value)

    for value, at, width in [(mode, 100, 8), (0, 108, 8), (0, 116, 8), (size, 124, 12), (0, 136, 12)]:
        octal(value, at, width)
    for at, data in (raw or {}).items():
        block[at:at + len(data)] = data
    block[156:157] = kind
    block[157:157 + len(link)] = link
    block[257:265] = b"ustar\x0000"
    octal(device[0], 329, 8)
    octal(device[1], 337, 8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pax(*records):
    """A pax header of (key, value), or of bytes as they are."""
    data = b""
    for record in records:
        if isinstance(record, bytes):
            data += record
            continue
        key, value = (part.encode() if isinstance(part, str) else part for part in record)
        length = len(key) + len(value) + 3
        length += len(str(length + len(str(length))))
        data += b"%d %s=%s\n" % (length, key, value)
    return header(b"PaxHeaders/x", len(data), b"x") + padded(data)


def file(name, data=b"x", **rest):
    return header(name, len(data), **rest) + padded(data)


def layers():
    """Gives (name, what is tried, exit status, the layer)."""
    size, time, owner = 124, 136, 108
    yield "size-most", "a file of 2^63-1 bytes", 1, header(b"a", raw={size: HUGE}) + padded(b"data") + END
    yield "size-negative", "a file of a negative size", 1, header(b"a", raw={size: NEGATIVE}) + END
    yield "size-global", "a global header of 2^63-1 bytes", 1, header(b"g", kind=b"g", raw={size: HUGE}) + END
    yield "size-name", "a long name of 2^63-1 bytes", 1, header(b"g", kind=b"L", raw={size: HUGE}) + END
    yield "size-pax", "a pax size of 2^63-1", 1, pax(("size", "9223372036854775807")) + file(b"a") + END
    yield "size-pax-negative", "a negative pax size", 1, pax(("size", "-5")) + file(b"a") + END
    yield "pax-empty", "a pax record without a value", 1, pax(b"4 a=") + file(b"a") + END
    yield "pax-length", "a pax record of 2^63-1 bytes", 1, pax(b"9223372036854775807 path=a\n") + file(b"a") + END
    yield "pax-length-negative", "a pax record of a negative length", 1, pax(b"-5 path=a\n") + file(b"a") + END
    yield "time-most", "a file of the year 292 277 026 596", 1, pax(("mtime", "9223372036854775807")) + file(b"a") + END
    yield "time-least", "a file of as long ago", 1, pax(("mtime", "-9223372036854775808.5")) + file(b"a") + END
    yield "time-header", "the same in the header", 1, header(b"a", raw={time: HUGE}) + END
    yield "time-before", "a file of 1969", 0, header(b"a", raw={time: b"\xff" * 12}) + END
    yield "owner", "an owner of 2^32-1", 1, pax(("uid", "4294967295"), ("gid", "-1")) + file(b"a") + END
    yield "owner-negative", "a negative owner", 1, header(b"a", raw={owner: b"\xff" * 8}) + END

    def sparse(*records):
        return pax(*[("GNU.sparse." + key, value) for key, value in records])

    yield "sparse-negative", "a sparse file of a negative size", 1, sparse(
        ("major", "0"), ("minor", "1"), ("size", "-9223372036854775808"), ("numblocks", "1"), ("map", "1,0")
    ) + file(b"a", b"") + END
    yield "sparse-sum", "a sparse map whose sum is more than a number holds", 1, sparse(
        ("size", "9223372036854775807"), ("numblocks", "2"),
        ("map", "0,9223372036854775806,9223372036854775806,1")) + file(b"a", b"") + END
    yield "sparse-exbibytes", "a sparse file of 8 EiB", 1, sparse(
        ("size", "9223372036854775807"), ("numblocks", "1"), ("map", "0,1")) + file(b"a", b"x") + END
    yield "sparse-count", "a sparse map of 2^61 entries", 1, sparse(
        ("major", "1"), ("minor", "0"), ("realsize", "10"), ("name", "a")
    ) + file(b"a", b"2305843009213693951\n" + b"\0" * 493) + END

    yield "up", "a file above the tree", 1, file(b"../../evil") + END
    yield "up-inner", "`..` in the middle of a name", 1, file(b"a/../../../evil") + END
    yield "absolute", "a file with an absolute name", 0, file(b"/abs/evil") + END
    yield "up-mark", "`..` and a slash with a combining mark", 1, pax(("path", "../\u0301evil")) + file(b"a") + END
    yield "link-mark", "a file behind a link, its slash with a combining mark", 1, header(
        b"lnk", kind=b"2", link=b"/run/particle") + pax(("path", "lnk/\u0301evil")) + file(b"a") + END
    yield "link-absolute", "a file behind a link to /tmp", 1, header(
        b"lnk", kind=b"2", link=b"/tmp") + file(b"lnk/evil") + END
    yield "link-relative", "a file behind a link with many `..`", 1, header(
        b"lnk", kind=b"2", link=b"../../../../../../tmp") + file(b"lnk/evil") + END
    yield "link-later", "a directory that becomes a link before its next file", 1, header(
        b"d", kind=b"5", mode=0o755) + file(b"d/a") + header(b"d", kind=b"2", link=b"/run") + file(b"d/evil") + END
    yield "name-of-stage", "a hard link to the stage's program", 1, header(
        b"h", kind=b"1", link=b"../../../run/particle/stage") + END
    yield "name-absolute", "a hard link to /etc/shadow", 1, header(b"h", kind=b"1", link=b"/etc/shadow") + END
    yield "name-of-link", "a hard link to a link out of the tree", 0, header(
        b"l", kind=b"2", link=b"/run/particle/stage") + header(b"h", kind=b"1", link=b"l") + END
    yield "name-self", "a hard link to itself", 1, header(b"h", kind=b"1", link=b"h") + END
    yield "name-directory", "a hard link to a directory", 1, header(
        b"d", kind=b"5") + header(b"h", kind=b"1", link=b"d") + END
    yield "root-file", "the root as a file", 1, file(b"./") + END
    yield "root-link", "the root as a link", 1, file(b"keep") + header(b"./", kind=b"2", link=b"/") + END
    yield "name-empty", "a file without a name", 1, file(b"") + END
    yield "device", "a device node of the first disk", None, header(
        b"sda", kind=b"4", device=(8, 0), mode=0o666) + END
    yield "device-whiteout", "a device node that overlays take for a removal", 1, header(b"w", kind=b"3") + END
    for name, tries, path in [
        ("up", "a removal of the directory above", b".wh..."), ("self", "a removal of the directory itself", b".wh.."),
        ("empty", "a removal of nothing", b".wh."),
    ]:
        yield "removal-" + name, tries, 1, header(path) + END
    yield "removal-mark", "a removal of a name that begins with a combining mark", 0, pax(
        ("path", "\u0301x")) + file(b"") + pax(("path", "b/.wh.\u0301x")) + file(b"") + END
    yield "removal-link", "a removal behind a link", 0, header(
        b"lnk", kind=b"2", link=b"/etc") + header(b"lnk/.wh.passwd") + END
    yield "kind", "an entry of an unknown kind", 1, header(b"a", kind=b"Z") + END
    yield "name-300", "a name of 300 bytes", 1, pax(("path", "x" * 300)) + file(b"a") + END
    yield "path-deep", "a path of 30 000 directories", 1, pax(("path", "/".join(["d"] * 30_000))) + file(b"a") + END
    yield "path-70k", "a path of 70 000 bytes", 1, pax(("path", "x" * 70_000)) + file(b"a") + END
    yield "utf8", "a name that is not UTF-8", 0, file(b"a\xff") + END
    yield "spellings", "two spellings of one letter", 0, pax(("path", "\u00e9")) + file(b"a", b"1") + pax(
        ("path", "e\u0301")) + file(b"a", b"2") + END
    yield "nul", "a NUL in a name", 1, pax((b"path", b"a\0b")) + file(b"a") + END
    yield "nul-link", "a NUL in a link's target", 1, pax((b"linkpath", b"a\0b")) + header(b"l", kind=b"2") + END
    yield "attributes-overlay", "attributes by which overlays keep their state", 0, pax(
        ("SCHILY.xattr.trusted.overlay.opaque", "y"), ("SCHILY.xattr.user.overlay.redirect", "/etc")) + file(b"a") + END
    yield "attributes-long", "an attribute of 70 000 bytes", 1, pax(
        ("SCHILY.xattr.user.x", b"v" * 70_000)) + file(b"a") + END
    yield "set-user-id", "a program that runs as root for everybody", 0, file(b"su", b"#!/bin/sh\n", mode=0o6755) + END
    yield "cut", "an archive that ends in a file", 1, file(b"a", b"y" * 5000)[:1024]
    yield "cut-header", "an archive that ends in a header", 1, header(b"a", 100)[:300]
    yield "noise", "random bytes", 1, random.Random(1).randbytes(4096)
    yield "checksum", "a wrong checksum", 1, header(b"a")[:100] + b"9" * 412 + END
    yield "nothing", "an empty file", 0, b""
    yield "many", "50 000 files", 0, b"".join(header(b"f%d" % number) for number in range(50_000)) + END
    yield "twice", "one name as a file, a directory and a link", 0, file(b"a", b"1") + header(
        b"a", kind=b"5") + file(b"a/b", b"3") + header(b"a", kind=b"2", link=b"x") + END
    bomb = header(b"a", raw={size: b"\x80" + b"\0" * 3 + (1 << 50).to_bytes(8, "big")})
    yield "bomb", "a petabyte of zeros", 1, gzip.compress(bomb, 9) + gzip.compress(b"\0" * (1 << 26), 9) * 4
    whole = gzip.compress(file(b"su"), mtime=0)
    yield "gzip-cut", "a gzip that is cut short", 1, whole[:-8]
    yield "gzip-more", "bytes after the end of a gzip", 1, whole + b"garbage"


CONTROL = gzip.compress(tar((
    "./control", "f", "Package: evil\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n")), mtime=0)


def ar(*members):
    data = b"!<arch>\n"
    for name, content, *size in members:
        data += b"%-16s%-12d%-6d%-6d%-8s%-10s`\n" % (
            name.encode(), 0, 0, 0, b"100644", str(size[0] if size else len(content)).encode())
        data += content + (b"\n" if len(content) % 2 else b"")
    return data


def package(data, suffix=".gz"):
    return ar(("debian-binary", b"2.0\n"), ("control.tar.gz", CONTROL), ("data.tar" + suffix, data))


def packages():
    """Gives (name, what is tried, exit status, the package)."""
    def packed(raw):
        return package(gzip.compress(raw, mtime=0))

    yield "up", "a file above the tree", 1, packed(file(b"../../evil") + END)
    yield "link", "a file behind a link to /tmp", 0, packed(
        header(b"./lnk", kind=b"2", link=b"/tmp") + file(b"./lnk/evil") + END)
    yield "name", "a hard link to /etc/passwd above the tree", 1, packed(
        header(b"./h", kind=b"1", link=b"../../../etc/passwd") + END)
    yield "device", "a device node of the first disk", 1, packed(header(b"./sda", kind=b"4", device=(8, 0)) + END)
    yield "pax", "a pax record without a value", 1, packed(pax(b"4 a=") + file(b"a") + END)
    yield "bomb", "a petabyte of zeros", 1, package(lzma.compress(
        header(b"a", raw={124: b"\x80" + b"\0" * 3 + (1 << 50).to_bytes(8, "big")}) + b"\0" * (1 << 26)), ".xz")
    yield "ar-long", "a member longer than the file", 1, ar(
        ("debian-binary", b"2.0\n"), ("control.tar.gz", CONTROL), ("data.tar.gz", b"x", 10**9))
    yield "ar-negative", "a member of a negative length", 1, ar(
        ("debian-binary", b"2.0\n"), ("control.tar.gz", CONTROL, -60))
    yield "ar-twice", "two archives of files", 0, ar(
        ("debian-binary", b"2.0\n"), ("data.tar.gz", gzip.compress(file(b"a") + END, mtime=0)),
        ("data.tar.gz", gzip.compress(file(b"b") + END, mtime=0)))
    yield "ar-noise", "random bytes after the mark", 1, b"!<arch>\n" + b"x" * 200
    yield "empty", "an empty file", 1, b""
    yield "bzip2", "a damaged bzip2", 1, package(b"BZh9", ".bz2")


def attacks():
    """Gives (name, what is tried, exit status, the manifest's bytes)."""
    for name, tries, status, layer in layers():
        manifest = Manifest()
        manifest.pipeline("p", tree(manifest, tar(("keep", "f", "k")), layer)).export("o", "p", "/")
        yield "layer-" + name, tries, status, manifest.text
    for name, tries, status, data in packages():
        manifest = Manifest()
        source = manifest.inline(data, "e.deb")
        manifest.pipeline("p", {
            "type": "debian.packages", "options": {"extract": ["e.deb"], "steps": [], "installed": [], "automatic": []},
            "inputs": {"packages": {"sources": [source]}}}).export("o", "p", "/")
        yield "package-" + name, tries, status, manifest.text
    for name, tries, path in [("up", "a package taken from the host", "../../../etc/passwd"),
                              ("process", "a package taken from a process", "../../../../proc/1/environ")]:
        manifest = Manifest()
        source = manifest.inline(packed_file(), "e.deb")
        manifest.pipeline("p", {
            "type": "debian.packages", "options": {"extract": [path], "steps": [], "installed": [], "automatic": []},
            "inputs": {"packages": {"sources": [source]}}}).export("o", "p", "/")
        yield "package-path-" + name, tries, 1, manifest.text


def packed_file():
    return package(gzip.compress(file(b"./a") + END, mtime=0))
