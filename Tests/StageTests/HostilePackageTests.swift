import Files
import Model
import Processes
import TestSupport
import Testing

/// Debian packages that somebody made, and layers that are small until they are decompressed.
@Suite(.needsRoot) struct HostilePackageTests {
  /// Writes packages with Python: `deb(name, members)`, each a name, bytes, and perhaps another size.
  private static let writer = """
    import gzip, io, lzma, struct, sys, tarfile
    def ar(members):
        out = b'!<arch>\\n'
        for name, data, *size in members:
            n = size[0] if size else len(data)
            out += b'%-16s%-12d%-6d%-6d%-8s%-10s`\\n' % (name, 0, 0, 0, b'100644', str(n).encode())
            out += data + b'\\n' * (len(data) % 2)
        return out
    def tar(name, kind=tarfile.REGTYPE, link='', size=0):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode='w', format=tarfile.PAX_FORMAT) as archive:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, link, size
            archive.addfile(info, io.BytesIO(b'x' * size))
        return out.getvalue()
    head = [(b'debian-binary', b'2.0\\n'), (b'control.tar.gz', gzip.compress(tar('control')))]
    def deb(name, data, suffix=b'.gz'):
        open(name, 'wb').write(ar(head + [(b'data.tar' + suffix, data)]))
    """

  @Test(arguments: [
    ("deb('x', gzip.compress(tar('../../evil')))", "it leads out of the tree"),
    (
      "deb('x', gzip.compress(tar('h', tarfile.LNKTYPE, '../../etc/passwd')))",
      "it leads out of the tree"
    ),
    ("open('x', 'wb').write(ar(head + [(b'data.tar.gz', b'x', 10**9)]))", "it is truncated"),
    (
      "open('x', 'wb').write(ar([(b'debian-binary', b'2.0\\n'), (b'a', b'', -60)]))",
      "it is truncated"
    ),
    ("open('x', 'wb').write(ar(head))", "it contains no data.tar"),
    ("deb('x', b'BZh9', b'.bz2')", "has an unknown compression"),
    ("deb('x', b'', b'.xz/../x')", "has an unknown compression"),
    ("open('x', 'wb').write(b'!<arch>\\n' + b'x' * 200)", "the archive is damaged"),
    ("open('x', 'wb').write(b'')", "it is not a Debian package"),
    ("deb('x', gzip.compress(tar('a'))[:-20])", "the gzip data ends too early"),
    ("deb('x', lzma.compress(b'\\0' * ((1 << 28) + 512), preset=0), b'.xz')", "times that size"),
    ("import os; os.mkfifo('x')", "it is a named pipe, not a regular file"),
    ("import os; os.symlink('/dev/zero', 'x')", "it is a device, not a regular file"),
  ])
  func `a package is refused with the reason`(program: String, cause: String) throws {
    try withTemporaryDirectory { packages in
      try tool(["env", "-C", packages, "python3", "-c", Self.writer + "\n" + program])
      try withTemporaryDirectory { tree in
        let result = try run(
          "debian.packages", #"{"extract": ["x"], "steps": [], "installed": []}"#, on: tree,
          inputs: ["packages": packages])
        #expect(result.status == .exit(1), "\(result.log)")
        #expect(result.log.contains(cause), "\(result.log)")
      }
    }
  }

  @Test(arguments: ["../../etc/passwd", "..", "a/b"])
  func `a package is a file of the input`(name: String) throws {
    try withTemporaryDirectory { tree in
      let result = try run(
        "debian.packages", "{\"extract\": [\"\(name)\"], \"steps\": [], \"installed\": []}",
        on: tree,
        inputs: ["packages": tree])
      #expect(result.status == .exit(1))
      #expect(result.log.contains("it is not the name of a file in the input"), "\(result.log)")
    }
  }

  @Test(arguments: ["gzip -1 -n", "zstd -q"])
  func `a layer of zeros is refused before it fills the disk`(program: String) throws {
    try withTemporaryDirectory { folder in
      try tool([
        "sh", "-euc",
        "cd \(folder) && truncate -s 300M f && tar -c f | \(program) >l && rm f && mkdir tree",
      ])
      let result = try run(
        "container.root", #"{"layers": ["l"]}"#, on: folder + "/tree", inputs: ["layers": folder])
      #expect(result.status == .exit(1))
      #expect(result.log.contains("expand to more than 200 times that size"), "\(result.log)")
    }
  }
}
