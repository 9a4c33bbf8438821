import Files
import Glibc
import Inspection
import Model
import Processes
import Runner
import TestSupport
import Testing
import Trees

@Suite struct ImageComparisonTests {
  @Test(arguments: ImagePair.formats)
  func `names all that differs, in every format`(format: String) throws {
    try ImagePair.with { fixture in
      let difference = try fixture.compare(
        try fixture.image("old", format), try fixture.image("new", format))
      try golden("Golden/\(format).txt", difference.text)
      #expect(!difference.isEmpty)
    }
  }

  /// Formats that keep all that the folder's files have, which so have to read as the folder does.
  @Test(arguments: ["tar", "tar.zst", "ext4", "ext2", "squashfs", "qcow2"])
  func `what a format keeps reads as what went into it`(format: String) throws {
    try ImagePair.with { fixture in
      for name in ["old", "new"] {
        let difference = try fixture.compare(
          try fixture.image(name, format), try fixture.image(name, "folder"))
        #expect(difference.isEmpty, "\(difference.text)")
      }
    }
  }

  @Test(arguments: ["tar", "ext4", "squashfs", "erofs", "btrfs", "vfat", "iso", "qcow2"])
  func `other bytes around the same files are told as such`(format: String) throws {
    try ImagePair.with { fixture in
      let image = try fixture.image("old", format)
      try fixture.shell("cp \(image) other; printf more >>other")
      let difference = try fixture.compare(image, fixture.folder + "/other")
      let size = try Files.information(image).st_size
      #expect(
        difference.text == """
          the image
            the same contents, but different bytes around them
              first differing byte: \(size)
              sizes: \(size) and \(size + 4) bytes

          """)
      #expect(try fixture.compare(image, image).isEmpty)
    }
  }

  @Test func `a disk is its partitions, what is said of them, and what is between them`() throws {
    try ImagePair.with { fixture in
      let (old, new) = (try fixture.image("old", "disk"), try fixture.image("new", "disk"))
      try fixture.shell(
        """
        printf code | dd of=new.disk bs=1 seek=7 conv=notrunc status=none
        printf gap | dd of=new.disk bs=1 seek=2600000 conv=notrunc status=none
        printf data | dd of=new.disk bs=1 seek=1048676 conv=notrunc status=none
        """)
      try golden("Golden/disk.txt", try fixture.compare(old, new).text)
      try golden("Golden/disk.json", try fixture.compare(old, new).node.prettyText)
      try fixture.shell(
        "qemu-img convert -O qcow2 old.disk old.qcow2; sfdisk -q --delete new.disk 1")
      let text = try fixture.compare(fixture.folder + "/old.qcow2", new).text
      let gone = "partition table\n  partition 1 (a): removed bytes 1048576 to 2097151\n"
      #expect(text.hasPrefix(gone), "\(text)")
    }
  }

  @Test func `layers of a container image lie over each other`() throws {
    try ImagePair.with { fixture in
      try fixture.shell(
        """
        for image in one two; do
          umoci init --layout $image
          umoci new --image $image:tag
          umoci insert --image $image:tag old /
        done
        umoci insert --image two:tag --whiteout /etc/list
        umoci insert --image two:tag --opaque new/bin /etc
        umoci config --image two:tag --config.env A=b
        tar -C two -cf two.tar .
        """)
      let one = fixture.folder + "/one"
      let difference = try fixture.compare(one, fixture.folder + "/two")
      let again = try fixture.compare(one, fixture.folder + "/two.tar")
      #expect(difference.text == again.text)
      let files = difference.findings.compactMap { finding -> [String]? in
        guard case .files(let files) = finding.what else { return nil }
        return files.map(\.difference.path.shown)
      }
      let name = String(repeating: "n", count: 200)
      #expect(
        files == [
          [
            "etc/hostname", "etc/link", "etc/list", "etc/long-link", "etc/name with blanks",
            "etc/\(name)", "etc/tool", "etc/z-name",
          ].sorted()
        ])
      #expect(difference.findings.map(\.place) == [["manifest"], ["configuration"], []])
      #expect(try fixture.compare(one, one).isEmpty)
    }
  }

  @Test(arguments: [
    ("ext4", "cannot open the file system in"), ("tar", "cannot read"),
    ("qcow2", "cannot list the directory of inode "), ("squashfs", "cannot run unsquashfs"),
    ("tar.gz", "cannot decompress"), ("cpio", "cannot read"),
  ])
  func `what is damaged is refused by name`(format: String, start: String) throws {
    try ImagePair.with { fixture in
      let image = try fixture.image("old", format)
      let size = Int(try Files.information(image).st_size)
      try fixture.shell("head -c \(format == "ext4" ? 3000 : size / 2) \(image) >short")
      let failure = #expect(throws: Failure.self) {
        _ = try fixture.compare(image, fixture.folder + "/short")
      }
      #expect(failure?.description.hasPrefix(start) == true, "\(failure?.description ?? "none")")
      #expect(failure?.description.contains("short") == true)
      // What was taken out is gone.
      #expect(try !Files.names(in: fixture.folder).contains { $0.hasPrefix("particle-diff") })
    }
  }

  @Test func `a damaged file system ends in a failure or a result, never in a crash`() throws {
    try ImagePair.with { fixture in
      var chance = Chance()
      let image = try fixture.image("old", "ext4")
      for _ in 0..<30 {
        // Where the inodes, and the blocks of folders, are.
        let places = (0..<40).map { _ in Int.random(in: 1024..<1 << 20, using: &chance) }
        let bytes = places.map { "printf '\\\($0 % 8)77' | dd of=bad bs=1 seek=\($0) conv=notrunc" }
        try fixture.shell(
          "cp \(image) bad; { \(bytes.joined(separator: "\n")); } 2>dd.log")
        do {
          let difference = try fixture.compare(image, fixture.folder + "/bad")
          #expect(!difference.isEmpty, "seed \(chance.seed)")
        } catch is Failure {}
      }
    }
  }

  @Test func `what cannot be compared says what it is`() throws {
    try ImagePair.with { fixture in
      let disk = try fixture.image("old", "disk")
      let text = try fixture.compare(disk, try fixture.image("old", "tar")).text
      #expect(text == "the image\n  what it is: a disk with partitions → files\n")
      let failure = #expect(throws: Failure.self) {
        _ = try fixture.compare(disk, fixture.folder + "/old/dev/null")
      }
      #expect(failure?.cause == "it is neither a file nor a directory")
      try fixture.shell("mkfs.xfs -q -d name=xfs,size=320m,file=1; cp xfs other; printf x >>other")
      let bytes = try fixture.compare(fixture.folder + "/xfs", fixture.folder + "/other").text
      #expect(
        bytes.hasPrefix(
          "the image\n  different bytes, of an XFS file system, whose files cannot be read\n"))
    }
  }

  @Test func `a tool that is not there is named with its package`() throws {
    try ImagePair.with { fixture in
      let images = (try fixture.image("old", "squashfs"), try fixture.image("new", "squashfs"))
      let outcome = try Command(
        [try Places.program("particle"), "diff", images.0, images.1],
        environment: ["PATH": "/nonexistent"]
      ).run()
      #expect(outcome.ending == .exit(2))
      #expect(
        outcome.errorText == """
          error: cannot inspect \(images.0): unsquashfs is not installed
            help: apt install squashfs-tools

          """)
    }
  }
}
