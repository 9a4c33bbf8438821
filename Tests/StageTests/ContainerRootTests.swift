import Files
import Glibc
import Processes
import TestSupport
import Testing

/// Trees of container images, compared with what umoci makes of the same images.
@Suite(.needsRoot) struct ContainerRootTests {
  /// Writes layers with Python's tarfile: each a list of files, as JSON-like Python.
  private static let writer = """
    import io, sys, tarfile
    T = dict(f=tarfile.REGTYPE, d=tarfile.DIRTYPE, l=tarfile.SYMTYPE, h=tarfile.LNKTYPE,
             c=tarfile.CHRTYPE, b=tarfile.BLKTYPE, p=tarfile.FIFOTYPE)
    def layer(path, files):
        with tarfile.open(path, 'w', format=tarfile.PAX_FORMAT) as tar:
            for name, kind, more in files:
                info = tarfile.TarInfo(name)
                info.type = T[kind]
                info.mode = more.get('mode', 0o755 if kind == 'd' else 0o644)
                info.uid, info.gid = more.get('owner', (0, 0))
                info.mtime = more.get('time', 1000000000)
                info.linkname = more.get('to', '')
                info.devmajor, info.devminor = more.get('device', (0, 0))
                info.pax_headers = {'SCHILY.xattr.' + k: v.decode('utf-8', 'surrogateescape')
                                    for k, v in more.get('xattrs', {}).items()}
                data = more.get('data', b'')
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    """

  /// Everything about a folder that a tree has, a line for each file.
  private static let reader = """
    import hashlib, os, stat, sys
    root = os.fsencode(sys.argv[1])
    for folder, dirs, names in os.walk(root):
        for name in sorted(dirs + names):
            path = os.path.join(folder, name)
            info = os.lstat(path)
            kind = stat.S_IFMT(info.st_mode)
            line = [os.path.relpath(path, root), oct(info.st_mode), info.st_uid, info.st_gid]
            line.append(info.st_mtime_ns // 10**9)
            line.append({k: os.getxattr(path, k, follow_symlinks=False)
                         for k in sorted(os.listxattr(path, follow_symlinks=False))})
            if kind != stat.S_IFDIR: line += [info.st_nlink]
            if kind == stat.S_IFLNK: line.append(os.readlink(path))
            elif kind in (stat.S_IFCHR, stat.S_IFBLK): line.append(info.st_rdev)
            elif kind == stat.S_IFREG:
                line += [info.st_size, hashlib.sha256(open(path, 'rb').read()).hexdigest()]
            print(*line)
    """

  static func summary(of folder: String) throws -> String {
    let lines = try tool(["python3", "-c", reader, folder]).split(separator: "\n").sorted()
    return lines.joined(separator: "\n") + "\n"
  }

  /// Writes the layers of `program`, which calls `layer(path, files)` on paths in `out`.
  static func write(_ program: String, to folder: String) throws {
    try tool(["python3", "-c", "\(writer)\nout = '\(folder)/'\n\(program)"])
  }

  private static let image = #"""
    long = 'n' * 120
    cap = b'\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
    layer(out + '1.tar', [
        ('./', 'd', {'mode': 0o751}),
        ('a/', 'd', {'mode': 0o1777, 'owner': (7, 8), 'xattrs': {'user.gone': b'1'}}),
        ('a/gone', 'f', {'data': b'gone'}), ('a/keep', 'f', {'data': b'keep'}),
        ('a/sub', 'd', {}), ('a/sub/x', 'f', {}), ('a/sub/deep', 'd', {}),
        ('a/sub/deep/y', 'f', {}),
        ('opaque', 'd', {}), ('opaque/old', 'f', {}), ('opaque/folder', 'd', {}),
        ('opaque/folder/old', 'f', {}), ('opaque/both', 'd', {'mode': 0o700}),
        ('opaque/both/old', 'f', {}),
        ('becomes-file', 'd', {}), ('becomes-file/x', 'f', {}),
        ('becomes-folder', 'f', {'data': b'x'}),
        ('usr', 'd', {}), ('usr/lib', 'd', {'time': 1100000000}), ('lib', 'l', {'to': 'usr/lib'}),
        ('absolute', 'l', {'to': '/usr/lib'}),
        ('usr/lib/old', 'f', {'data': b'old', 'mode': 0o4755, 'owner': (1000, 3000000)}),
        ('hard', 'h', {'to': 'usr/lib/old', 'mode': 0o4755, 'owner': (1000, 3000000)}),
        ('ping', 'f', {'data': b'p', 'xattrs': {'security.capability': cap, 'user.x': b'\x00\n='}}),
        ('null', 'c', {'device': (1, 3), 'mode': 0o666}), ('disk', 'b', {'device': (259, 70000)}),
        ('pipe', 'p', {'mode': 0o600}),
        (long, 'd', {}), (long + '/' + long, 'd', {}), (long + '/' + long + '/f', 'f', {}),
        ('early', 'f', {'time': -1.5}), ('late', 'f', {'time': 1700000000.75}),
        ('umlaut-\u00e4', 'f', {}),
    ])
    layer(out + '2.tar', [
        ('a', 'd', {'mode': 0o750, 'owner': (1, 2), 'time': 1200000000, 'xattrs': {'user.new': b'2'}}),
        # The folders come last because umoci's whiteouts change their times.
        ('a/.wh.gone', 'f', {}), ('a/sub/new', 'f', {'data': b'n'}),
        ('a/.wh.sub', 'f', {}), ('a/.wh.never-there', 'f', {}), ('a/sub', 'd', {}),
        ('opaque/before', 'f', {}), ('opaque/both/new', 'f', {}),
        ('opaque/.wh..wh..opq', 'f', {}), ('opaque/after', 'f', {}), ('opaque/both', 'd', {}),
        ('opaque', 'd', {}),
        ('becomes-file', 'f', {'data': b'y'}),
        ('becomes-folder', 'd', {}), ('becomes-folder/x', 'f', {}),
        ('lib/new', 'f', {'data': b'through a link'}), ('absolute/more', 'f', {}),
        ('usr/lib', 'd', {'time': 1300000000}),
        ('of-a-lower-one', 'h', {'to': 'a/keep'}), ('usr/lib/again', 'h', {'to': 'lib/new'}),
    ])
    layer(out + '3.tar', [
        ('.wh.hard', 'f', {}), ('.wh.lib', 'f', {}), ('lib', 'd', {'mode': 0o700}),
        ('lib/x', 'f', {}), ('null', 'f', {'data': b'no device'}),
        ('usr/lib/.wh.new', 'f', {}), ('usr', 'd', {}), ('usr/lib', 'd', {}),
        (long + '/.wh.' + long, 'f', {}), (long, 'd', {}),
    ])
    """#

  /// A file with holes by GNU tar, in each form that it has.
  private func writeSparse(to folder: String) throws {
    let script = """
      cd '\(folder)'; mkdir sparse; cd sparse
      truncate -s 5M end; printf begin | dd of=end conv=notrunc status=none
      truncate -s 3M middle; printf x | dd of=middle bs=1 seek=1500000 conv=notrunc status=none
      truncate -s 9M many
      for i in $(seq 1 40); do
        printf "data $i" | dd of=many bs=1 seek=$((i * 200000)) conv=notrunc status=none
      done
      truncate -s 1M hole
      touch -d @1000000000 *
      for way in gnu:0 pax:0.0 pax:0.1 pax:1.0; do
        tar -cSf ../sparse-$way.tar --format=${way%%:*} \\
          $(test $way = gnu:0 || echo --sparse-version=${way##*:}) *
      done
      """
    try tool(["bash", "-euc", script])
  }

  private func root(_ layers: [String], in folder: String, at tree: String) throws -> StageResult {
    let names = layers.map { "\"\($0)\"" }.joined(separator: ", ")
    return try run(
      "container.root", "{\"layers\": [\(names)]}", on: tree, inputs: ["layers": folder])
  }

  @Test func `a tree is what umoci makes of the image`() throws {
    try withTemporaryDirectory { place in
      let layers = "\(place)/layers"
      try Files.makeDirectories(layers)
      try Self.write(Self.image, to: layers)
      try writeSparse(to: layers)
      let names = ["1.tar", "2.tar", "3.tar", "sparse-pax:1.0.tar"]
      let layout = "\(place)/image"
      try tool(["umoci", "init", "--layout", layout])
      try tool(["umoci", "new", "--image", "\(layout):x"])
      for name in names {
        try tool(["umoci", "raw", "add-layer", "--image", "\(layout):x", "\(layers)/\(name)"])
      }
      try tool(["umoci", "unpack", "--image", "\(layout):x", "\(place)/bundle"])
      let wanted = try Self.summary(of: "\(place)/bundle/rootfs")
      #expect(wanted.contains("user.new") && wanted.contains("security.capability"))

      let tree = "\(place)/tree"
      try Files.makeDirectories(tree)
      let result = try root(names, in: layers, at: tree)
      #expect(result.status == .exit(0), "\(result.log)")
      let seen = try Self.summary(of: tree)
      #expect(seen == wanted, "\(lineDifference(from: wanted, to: seen))")
      // Of the root itself, what the first layer says.
      #expect(try Files.information(tree).st_mode & 0o7777 == 0o751)
      // Holes stay holes.
      #expect(try Files.information("\(tree)/end").st_blocks < 100)

      // Compressed in either way, and in a chain of several streams, it is the same.
      for (ending, compress) in [
        ("gz", "gzip -c <$1 >$2"), ("zst", "zstd -q -c <$1 >$2"),
        ("parts", "(head -c 20000 $1 | gzip -c; tail -c +20001 $1 | gzip -c) >$2"),
        ("frames", "(head -c 20000 $1 | zstd -q -c; tail -c +20001 $1 | zstd -q -c) >$2"),
      ] {
        for name in names {
          try tool([
            "sh", "-euc", compress, "sh", "\(layers)/\(name)", "\(layers)/\(name).\(ending)",
          ])
        }
        try withTemporaryDirectory { tree in
          let result = try root(names.map { "\($0).\(ending)" }, in: layers, at: tree)
          #expect(result.status == .exit(0), "\(result.log)")
          #expect(try Self.summary(of: tree) == wanted)
        }
      }
    }
  }

  @Test(arguments: ["gnu:0", "pax:0.0", "pax:0.1", "pax:1.0"])
  func `files with holes come back in each form that tar has`(_ way: String) throws {
    try withTemporaryDirectory { place in
      try writeSparse(to: place)
      let tree = "\(place)/tree"
      try Files.makeDirectories(tree)
      let result = try root(["sparse-\(way).tar"], in: place, at: tree)
      #expect(result.status == .exit(0), "\(result.log)")
      for name in ["end", "middle", "many", "hole"] {
        try tool(["cmp", "\(tree)/\(name)", "\(place)/sparse/\(name)"])
        #expect(try Files.information("\(tree)/\(name)").st_blocks < 800)
      }
    }
  }

  /// Layers that are wrong, and what is said of them.
  @Test(arguments: [
    ("('../out', 'f', {})", "it leads out of the tree"),
    ("('a/../../out', 'f', {})", "it leads out of the tree"),
    ("('x', 'h', {'to': '../../etc/passwd'})", "it leads out of the tree"),
    ("('x', 'h', {'to': 'etc/passwd'})", "No such file or directory"),
    ("('out', 'l', {'to': '/..'}), ('out/.wh...', 'f', {})", "it is not a whiteout"),
    ("('.wh.', 'f', {})", "it is not a whiteout"),
    ("('.wh..wh.plnk', 'f', {})", "it is not a whiteout"),
    ("('w', 'c', {'device': (0, 0)})", "0:0 is not a valid device number"),
    ("('f', 'f', {'owner': (-1, 0)})", "-1:0 is not a valid owner"),
    ("('f', 'f', {'owner': (2**33, 0)})", "8589934592:0 is not a valid owner"),
    ("('f', 'f', {'xattrs': {'user.' + 'x' * 300: b''}})", "cannot set the attribute"),
    ("('f', 'f', {}), ('f/x', 'f', {})", "cannot create the directory /f: File exists"),
  ])
  func `what lies outside of the tree or cannot be is refused`(files: String, cause: String) throws
  {
    try withTemporaryDirectory { place in
      try Self.write("layer(out + 'l.tar', [\(files)])", to: place)
      let tree = "\(place)/inner/tree"
      try Files.makeDirectories(tree)
      let result = try root(["l.tar"], in: place, at: tree)
      #expect(result.status == .exit(1))
      #expect(result.log.contains(cause), "\(result.log)")
      #expect(result.log.contains("layer 1 of 1 (l.tar)"), "\(result.log)")
      #expect(try Files.names(in: "\(place)/inner") == ["tree"])
    }
  }

  @Test func `a link that leads out leads to the tree's root`() throws {
    try withTemporaryDirectory { place in
      try Self.write(
        """
        layer(out + 'l.tar', [('up', 'l', {'to': '../../../..'}), ('up/inside', 'f', {}),
                              ('abs', 'l', {'to': '/'}), ('abs/also', 'f', {}), ('abs/.wh.up', 'f', {})])
        layer(out + 'm.tar', [('up/.wh.also', 'f', {})])
        """, to: place)
      let tree = "\(place)/tree"
      try Files.makeDirectories(tree)
      let result = try root(["l.tar", "m.tar"], in: place, at: tree)
      #expect(result.status == .exit(0), "\(result.log)")
      #expect(try Files.names(in: tree) == ["abs", "inside", "up"])
      #expect(try Files.names(in: place) == ["l.tar", "m.tar", "tree"])
    }
  }

  @Test(arguments: [
    ("head -c 2500 l.tar >x", "it ends in the middle"),
    (
      "gzip -c l.tar | head -c 60 >x",
      "too"
        + " early"
    ),
    ("zstd -qc l.tar | head -c 60 >x", "ends too early"),
    // Behind the end of the archive itself, which is short enough to be read in one piece.
    ("(gzip -c l.tar; printf garbage) >x", "cannot decompress"),
    ("(gzip -c l.tar; head -c 200000 /dev/zero | tr '\\0' g) >x", "cannot decompress"),
    ("gzip -c l.tar | head -c -6 >x", "too early"),
    ("(zstd -qc l.tar; printf garbage) >x", "cannot decompress"),
    ("(gzip -c l.tar | head -c 40; head -c 200 /dev/zero; gzip -c l.tar) >x", "damaged"),
    ("xz -c l.tar >x", "its compression is neither gzip nor zstd"),
    ("(head -c 700 l.tar; head -c 3000 /dev/urandom) >x", "a header"),
    ("yes | head -c 4096 >x", "a header"),
  ])
  func `a damaged layer is named`(damage: String, cause: String) throws {
    try withTemporaryDirectory { place in
      try Self.write(
        "layer(out + 'l.tar', [('f%d' % i, 'f', {'data': b'x' * 900}) for i in range(9)])",
        to: place)
      try tool(["sh", "-c", "cd \(place); \(damage)"])
      let tree = "\(place)/tree"
      try Files.makeDirectories(tree)
      let result = try root(["x"], in: place, at: tree)
      #expect(result.status == .exit(1))
      #expect(result.log.contains("layer 1 of 1 (x)"), "\(result.log)")
      #expect(result.log.contains(cause), "\(result.log)")
    }
  }
}
