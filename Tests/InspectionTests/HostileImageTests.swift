import DiskFormats
import ExtRecord
import Files
import Glibc
import Inspection
import Model
import Processes
import TestSupport
import Testing

/// Images that somebody made to crash, stop or fill `particle diff` and `particle boot`, or to have files of the host shown.
@Suite struct HostileImageTests {
  private func with<Result>(_ body: (ImagePair) throws -> Result) throws -> Result {
    try withTemporaryDirectory(in: Places.repository + "/.build") { folder in
      try body(ImagePair(folder: folder))
    }
  }

  private func refusal(_ fixture: ImagePair, _ one: String, _ other: String) -> Failure? {
    #expect(throws: Failure.self) {
      _ = try fixture.compare("\(fixture.folder)/\(one)", "\(fixture.folder)/\(other)")
    }
  }

  /// Keeps a row of docs/security.md of an image that was refused, or compared like any other.
  private func record(_ name: String, _ tries: String, _ failure: Failure?, in fixture: ImagePair)
    throws
  {
    let seen = failure.map { "refused: " + $0.cause.replacing(fixture.folder + "/", with: "") }
    try Attack.record(
      "image-" + name, tries: tries, expected: "the image is refused or compared",
      seen: seen ?? "compared")
  }

  /// What python writes before each of its programs: cpio archives with any field.
  private static let cpio = """
    def c(name, data=b'', mode=0o100644, fields={}):
        words = [1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        words = [fields.get(i, b'%08x' % w) for i, w in enumerate(words)]
        head = b'070701' + b''.join(words) + name + b'\\0'
        return head + b'\\0' * (-len(head) % 4) + data + b'\\0' * (-len(data) % 4)
    end = c(b'TRAILER!!!')
    open('ok', 'wb').write(c(b'a', b'x') + end)

    """

  @Test(arguments: [
    ("owner", "c(b'a', fields={2: b'-0000001'}) + end", "a number that is not hexadecimal"),
    ("mode", "c(b'a', fields={1: b'-0000001'}) + end", "a number that is not hexadecimal"),
    ("device", "c(b'a', fields={9: b'-0000001'}) + end", "a number that is not hexadecimal"),
    // Its next header would be itself.
    ("loop", "c(b'aaa', fields={6: b'-0000074'}) + end", "a number that is not hexadecimal"),
    ("letters", "c(b'a', fields={6: b'zzzzzzzz'}) + end", "a number that is not hexadecimal"),
    ("name", "c(b'a', fields={11: b'7fffffff'}) + end", "it has a name of 2147483647 bytes"),
    ("no-name", "c(b'a', fields={11: b'00000000'}) + end", "it has a name of 0 bytes"),
    ("no-end", "c(b'a')", "it has no cpio header"),
    (
      "link-cut", "c(b'l', mode=0o120777, fields={6: b'7fffffff'}) + end",
      "it ends in the middle of a file"
    ),
    ("link-long", "c(b'l', b'x' * 5000, mode=0o120777) + end", "has a target of 5000 bytes"),
    (
      "many", "(c(b'a') + end + b'\\0' * 512) * 20",
      "more archives in a row than the limit of 16"
    ),
  ])
  func `a cpio archive is refused with the reason`(name: String, bytes: String, cause: String)
    throws
  {
    try with { fixture in
      let program = Self.cpio + "open('bad', 'wb').write(\(bytes))"
      try Files.write(Array(program.utf8), to: fixture.folder + "/make.py")
      try fixture.shell("python3 make.py")
      let failure = refusal(fixture, "ok", "bad")
      try #require(failure?.cause.contains(cause) == true, "\(failure?.cause ?? "none")")
      try record("cpio-" + name, "a cpio archive with a wrong field: \(name)", failure, in: fixture)
    }
  }

  private static let layout = """
    import io, json, os, tarfile
    def layout(name, config, extra=''):
        manifest = json.dumps({'config': {'digest': 'sha256:' + 'c' * 64}, 'layers': []})
        index = json.dumps({'manifests': [{'digest': 'sha256:' + 'd' * 64}]})
        with tarfile.open(name, 'w') as tar:
            def add(path, data, kind=tarfile.REGTYPE, link=''):
                info = tarfile.TarInfo(path)
                info.type, info.linkname, info.size = kind, link, len(data)
                tar.addfile(info, io.BytesIO(data.encode()))
            add('oci-layout', '{}')
            add('index.json', index)
            add('blobs/sha256/' + 'd' * 64, manifest)
            if config[0] == '{': add('blobs/sha256/' + 'c' * 64, config)
            else: add('blobs/sha256/' + 'c' * 64, '', tarfile.SYMTYPE, config)
    layout('ok.tar', '{}')

    """

  @Test(arguments: ["/dev/zero", "SECRET", "pipe"])
  func `a part of a container image is a file in it`(target: String) throws {
    try with { fixture in
      let place = target.hasPrefix("/") ? target : "\(fixture.folder)/\(target)"
      let program = Self.layout + "layout('bad.tar', '\(place)')"
      try Files.write(Array(program.utf8), to: fixture.folder + "/make.py")
      try fixture.shell(
        """
        echo '{"auths": {"registry.example": {"auth": "hunter2"}}}' >SECRET
        mkfifo pipe
        python3 make.py
        for name in ok bad; do mkdir $name; tar -xf $name.tar -C $name; done
        """)
      for ending in ["", ".tar"] {
        let failure = refusal(fixture, "ok" + ending, "bad" + ending)
        let cause = failure?.cause ?? "none"
        try #require(
          cause.contains("a regular file in real directories")
            || cause.contains("does not contain it as a regular file"),
          "\(cause)")
        try #require(!cause.contains("hunter2"))
        try record(
          "container-\(target)\(ending)",
          "a container image's part is a link to "
            + (target == "/dev/zero"
              ? target : "a \(target == "pipe" ? "pipe" : "file") of the host"),
          failure, in: fixture)
      }
    }
  }

  @Test func `an index that names itself has an end`() throws {
    try with { fixture in
      let program = """
        import json, os
        for name in ('one', 'two'):
            os.makedirs(name + '/blobs/sha256')
            open(name + '/oci-layout', 'w').write('{}')
            index = {'name': name, 'manifests': [{'digest': 'sha256:' + 'd' * 64}] * 600}
            open(name + '/index.json', 'w').write(json.dumps(index))
            open(name + '/blobs/sha256/' + 'd' * 64, 'w').write(json.dumps(index))
        """
      try Files.write(Array(program.utf8), to: fixture.folder + "/make.py")
      try fixture.shell("python3 make.py")
      let failure = refusal(fixture, "one", "two")
      try #require(failure?.cause.contains("more than 1000 manifests and indexes") == true)
      try record("container-loop", "an index that names itself", failure, in: fixture)
    }
  }

  /// How each is made, and what is said of it.
  private static let disks = [
    (
      "backing-file", "qemu-img create -q -f qcow2 -b $PWD/secret -F raw bad",
      "it needs a backing file"
    ),
    (
      "backing-json",
      """
      qemu-img create -q -F raw -f qcow2 \
      -b 'json:{"driver":"raw","file":{"driver":"file","filename":"'$PWD'/secret"}}' bad
      """, "it needs a backing file"
    ),
    (
      "backing-http", "qemu-img create -q -u -f qcow2 -b http://127.0.0.1:9/x -F raw bad 65536",
      "it needs a backing file"
    ),
    (
      "backing-server", "qemu-img create -q -u -f qcow2 -b nbd://127.0.0.1:9/x -F raw bad 65536",
      "it needs a backing file"
    ),
    (
      "data-file",
      "qemu-img create -q -f qcow2 -o data_file=$PWD/data,data_file_raw=on bad 65536",
      "its data is in another file"
    ),
    (
      "parent",
      "qemu-img create -q -f vmdk base.vmdk 65536; qemu-img create -q -f vmdk -b $PWD/base.vmdk -F vmdk bad",
      "it contains only the differences from another disk"
    ),
  ]

  @Test(arguments: disks)
  func `a disk that is not whole is refused`(name: String, make: String, cause: String) throws {
    try with { fixture in
      try fixture.shell(
        "yes SECRET | head -c 65536 >secret; \(make); qemu-img create -q -f qcow2 ok 65536")
      let failure = refusal(fixture, "ok", "bad")
      try #require(failure?.cause.hasPrefix(cause) == true, "\(failure?.description ?? "none")")
      #expect(failure?.object.hasSuffix("/bad") == true)
      let file = try FileDescriptor.openRegular(fixture.folder + "/bad")
      let format = try #require(try DiskFormat(of: file))
      #expect(throws: Failure.self) { try format.refuseReferences(of: file, "bad") }
      try record(
        "disk-" + name, "a disk that has its content from elsewhere: \(name)", failure, in: fixture)
    }
  }

  /// QEMU reads the parent's name from a fixed place, and ignores where the header puts the descriptor.
  @Test(arguments: ["parentFileNameHint=", "# parentFileNameHint=", "x\\0parentFileNameHint="])
  func `a parent that QEMU would find is refused`(words: String) throws {
    try with { fixture in
      try fixture.shell(
        """
        truncate -s 1M raw; qemu-img convert -f raw -O vmdk raw ok; cp ok bad
        printf '\\000\\000\\000\\000\\000\\000\\000\\000' | dd of=bad bs=1 seek=28 conv=notrunc status=none
        printf 'CID=1\\n\(words)"secret"\\n' | dd of=bad bs=512 seek=1 conv=notrunc status=none
        """)
      let failure = refusal(fixture, "ok", "bad")
      try #require(
        failure?.cause.hasPrefix("it contains only the differences from another disk") == true,
        "\(failure?.description ?? "none")")
      let file = try FileDescriptor.openRegular(fixture.folder + "/bad")
      let format = try #require(try DiskFormat(of: file))
      #expect(throws: Failure.self) { try format.refuseReferences(of: file, "bad") }
      try record(
        "disk-hidden-parent", "a VMDK that hides its parent from a check", failure, in: fixture)
    }
  }

  @Test func `a list of extents is refused`() throws {
    try with { fixture in
      // A header of the version 1 with no size of its own, and a list at sector 1.
      let program = """
        import struct
        for name in ('one', 'two'):
            text = b'# Disk DescriptorFile\\ncreateType="monolithicFlat"\\nRW 128 FLAT "secret" 0\\n'
            head = struct.pack('<4sIIQQQQ', b'KDMV', 1, 3, 0, 128, 1, 1)
            open(name, 'wb').write(head.ljust(512, b'\\0') + text.ljust(512, b'\\0') + name.encode())
        """
      try Files.write(Array(program.utf8), to: fixture.folder + "/make.py")
      try fixture.shell("python3 make.py")
      let failure = refusal(fixture, "one", "two")
      try #require(failure?.cause.hasPrefix("its data is in other files") == true)
      try record("disk-extents", "a VMDK that lists files of the host", failure, in: fixture)
    }
  }

  @Test func `tables of partitions with any numbers have partitions that are on the disk`() throws {
    try with { fixture in
      let program = """
        import struct, uuid, zlib
        def gpt(name, ranges):
            size, disk = 4 << 20, bytearray(4 << 20)
            n = size // 512
            disk[450] = 0xee
            disk[454:458], disk[458:462] = (1).to_bytes(4, 'little'), (n - 1).to_bytes(4, 'little')
            disk[510:512] = b'\\x55\\xaa'
            table = bytearray(128 * 128)
            for i, (start, end) in enumerate(ranges):
                kind = uuid.UUID('0fc63daf-8483-4772-8e79-3d69d8477de4').bytes_le
                table[128 * i:128 * i + 48] = (kind + uuid.UUID(int=i + 1).bytes_le
                    + struct.pack('<QQ', start, end))
            def head(own, other, entries):
                b = bytearray(struct.pack('<8sIIIIQQQQ16sQII', b'EFI PART', 0x10000, 92, 0, 0, own, other,
                    34, n - 34, b'A' * 16, entries, 128, 128) + struct.pack('<I', zlib.crc32(table)))
                b[16:20] = zlib.crc32(bytes(b)).to_bytes(4, 'little')
                return b
            disk[512:604], disk[1024:1024 + len(table)] = head(1, n - 1, 2), table
            disk[size - 512:size - 420] = head(n - 1, 1, n - 33)
            disk[size - 33 * 512:size - 33 * 512 + len(table)] = table
            open(name, 'wb').write(disk)
        gpt('ok', [(2048, 4095)])
        bad = [[(2048, 2**62)], [(2**62, 2**63 - 1)], [(2**55, 2**55 + 8)], [(100, 50)], [(0, 2**64 - 1)]]
        for i, ranges in enumerate(bad): gpt('bad%d' % i, ranges)
        gpt('over', [(34, 8000)] * 128)
        mbr = bytearray(1 << 20)
        mbr[450], mbr[454:462], mbr[510:512] = 0x83, b'\\xff' * 8, b'\\x55\\xaa'
        open('mbr', 'wb').write(mbr)
        """
      try Files.write(Array(program.utf8), to: fixture.folder + "/make.py")
      try fixture.shell("python3 make.py")
      for name in (0..<5).map({ "bad\($0)" }) + ["mbr"] {
        var failure: Failure?
        do {
          let difference = try fixture.compare(fixture.folder + "/ok", "\(fixture.folder)/\(name)")
          try #require(!difference.isEmpty)
        } catch let caught as Failure { failure = caught }
        try record(
          "table-" + name, "a partition table with impossible numbers", failure, in: fixture)
      }
      do {
        _ = try fixture.compare(fixture.folder + "/ok", fixture.folder + "/over")
      } catch let failure as Failure {
        try #require(failure.cause.contains("partitions overlap"), "\(failure)")
        try record("table-over", "128 partitions that overlap", failure, in: fixture)
      }
    }
  }

  @Test func `compressions around each other have an end`() throws {
    try with { fixture in
      try fixture.shell(
        """
        for name in one two; do
          echo $name >$name
          for i in $(seq 20); do gzip -n <$name >next; mv next $name; done
        done
        """)
      let failure = refusal(fixture, "one", "two")
      try #require(failure?.cause == "it is compressed more often than the limit of 16 times")
      try record("compressed", "gzip in gzip, 20 times", failure, in: fixture)
    }
  }

  @Test(arguments: ["gzip -1 -n", "zstd -q", "xz -0"])
  func `zeros are refused before they fill the disk`(program: String) throws {
    try with { fixture in
      try fixture.shell(
        "for name in one two; do (truncate -s 300M z; cat z; echo $name) | \(program) >$name; done; rm z"
      )
      let failure = refusal(fixture, "one", "two")
      let cause = failure?.cause
      try #require(
        cause?.contains("expand to more than 200 times that size") == true, "\(cause ?? "none")")
      let name = String(program.prefix { $0 != " " })
      try record("zeros-" + name, "300 MiB of zeros in \(name)", failure, in: fixture)
    }
  }

  @Test func `folders in folders of an ext file system have an end`() throws {
    try with { fixture in
      // debugfs makes them without the kernel; each is a block.
      try fixture.shell(
        """
        truncate -s 64M one; mke2fs -q -t ext4 -N 8000 -b 1024 -O ^has_journal one; cp one two
        (for i in $(seq 2500); do echo "mkdir d"; echo "cd d"; done) >commands
        debugfs -w -f commands two >log 2>&1
        """)
      let failure = refusal(fixture, "one", "two")
      let cause = failure?.cause
      try #require(
        cause?.contains("has more bytes than Linux allows (4095)") == true, "\(cause ?? "none")")
      try record("ext-deep", "2 500 directories in one another in ext4", failure, in: fixture)
    }
  }

  @Test func `names in an image need not be UTF-8`() throws {
    var file = ExtFile()
    file.path = ByteString([0x61, 0xff, 0x0a])
    file.target = "x y"
    file.seconds = -3
    file.attributes = [("user.a b", [0, 0x0a, 1]), ("user.c", [])]
    file.digest = Digest(bytes: [UInt8](repeating: 7, count: 32))
    var bytes = (file.bytes + file.bytes)[...]
    #expect(ExtFile(from: &bytes) == file)
    #expect(ExtFile(from: &bytes) == file)
    #expect(bytes.isEmpty)
    var wrong = Array("1 2 3\n".utf8)[...]
    #expect(ExtFile(from: &wrong) == nil)
  }

  @Test(arguments: [
    "hsqs", "XFSB", "QFI\u{fb}", "KDMV", "vhdxfile", "070701", "erofs", "btrfs", "iso", "vdi",
    "ext",
    "conectix",
  ])
  func `garbage with a mark is refused or compared`(mark: String) throws {
    try with { fixture in
      let places = [
        "erofs": (1024, "\\342\\341\\365\\340"), "btrfs": (0x10040, "_BHRfS_M"),
        "iso": (0x8001, "CD001"), "vdi": (0x40, "\\177\\020\\332\\276"),
        "ext": (0x438, "\\123\\357"),
        "QFI\u{fb}": (0, "QFI\\373"),
      ]
      let (place, bytes) = places[mark] ?? (0, mark)
      try fixture.shell(
        """
        for name in one two; do
          (head -c 1024 /dev/zero; head -c 140000 /dev/urandom) >$name
          printf '\(bytes)' | dd of=$name bs=1 seek=\(place) conv=notrunc status=none
        done
        """)
      var failure: Failure?
      do {
        let difference = try fixture.compare(fixture.folder + "/one", fixture.folder + "/two")
        try #require(!difference.isEmpty)
      } catch let caught as Failure { failure = caught }
      let name = mark.unicodeScalars.filter { $0.isASCII }.map(String.init).joined()
      try record("garbage-" + name, "random bytes with the mark of \(name)", failure, in: fixture)
    }
  }

  @Test func `a program that reads an image sees nothing but it`() throws {
    try with { fixture in
      // A disk whose other half qemu-img would open is made after it was looked at: the program still has no such file.
      try fixture.shell(
        """
        yes SECRET | head -c 65536 >secret
        qemu-img create -q -f qcow2 -b $PWD/secret -F raw bad
        """)
      let scratch = try Scratch(in: fixture.folder, ownerless: nil)
      defer { scratch.remove() }
      let seen = try scratch.inSandbox(
        [
          "sh", "-c",
          "cat \(fixture.folder)/secret; ls /; id -u; cat /proc/net/dev; echo x >/usr/x",
        ],
        image: fixture.folder + "/bad")
      #expect(!seen.text.contains("SECRET"))
      #expect(seen.text.split(separator: "\n").contains("65534"), "\(seen.text)")
      #expect(!seen.text.contains("etc") && !seen.text.contains("eth"), "\(seen.text)")
      #expect(seen.errorText.contains("/usr/x"))
    }
  }
}
