import Boot
import Files
import Glibc
import JSON
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// Every format, built in two places that have nothing in common but the downloads.
  @Suite(.serialized, .besideAnother, .removing("formats")) struct Formats {
    private static let pair = Result { () throws(Failure) in try Pair(in: "formats") }
    private static let built = Result { () throws(Failure) in
      try pair.get().build(recipe: "formats")
    }

    private let folders: [String]
    private var out: String { folders[0] }

    init() throws { folders = try Self.built.get() }

    @Test func `A build elsewhere gives the same bytes in every format`() throws {
      let sums = try folders.map { folder in try Files.readText(folder + "/SHA256SUMS") }
      try #require(sums[0] == sums[1], "\(lineDifference(from: sums[0], to: sums[1]))")
      let names = sums[0].split(separator: "\n").map { $0.split(separator: " ").last ?? "" }
      try #require(names.count == 21)
      for folder in folders {
        try tool(
          ["env", "-C", folder, "sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],
          from: "coreutils")
      }
      for name in names.map(String.init) where name.hasPrefix("disk.") || name.hasPrefix("root.") {
        try prove(name.dropFirst("disk.".count), "built twice, the same bytes")
      }
      for name in ["xfs", "btrfs"] {
        try FullTest.prove("file-systems", [name, "built twice, the same bytes"], key: 2)
      }
    }

    /// Keeps a record of what was shown of a format.
    private func prove(_ format: some StringProtocol, _ shown: String) throws(Failure) {
      let name = String(format).replacing(".listing", with: "")
      try FullTest.prove("formats", [name, shown], key: 2)
    }

    @Test(arguments: [
      ("disk", "qcow2"), ("disk", "vmdk"), ("disk", "vdi"), ("disk", "vhdx"), ("disk", "vhd"),
      ("packed", "qcow2"), ("packed", "vmdk"),
    ])
    func `A disk is sound in each format`(name: String, format: String) throws {
      let path = "\(out)/\(name).\(format)"
      let driver = format == "vhd" ? "vpc" : format
      if format != "vhd" {
        let check = try tool(["qemu-img", "check", "-f", driver, path], from: "qemu-utils")
        try #require(check.contains("No errors were found"))
        try prove(
          name == "packed" ? "\(format), compressed" : format, "`qemu-img check`")
      }
      guard name == "disk" else { return }
      try tool(
        ["qemu-img", "compare", "-f", "raw", "-F", driver, out + "/disk.raw", path],
        from: "qemu-utils")
      try prove(format, "`qemu-img compare` with the raw disk")
    }

    @Test func `The machine's disk in an OVA is the disk`() throws {
      let place = try Self.pair.get().folder + "/ova"
      try Files.makeDirectories(place)
      try tool(["tar", "-C", place, "-xf", out + "/disk.ova"], from: "tar")
      try tool(
        [
          "qemu-img", "compare", "-f", "raw", "-F", "vmdk", out + "/disk.raw", place + "/disk.vmdk",
        ],
        from: "qemu-utils")
      try prove("ova", "unpacked by `tar`; `qemu-img compare` of its disk with the raw one")
    }

    @Test(arguments: ["disk", "layout"])
    func `What Google Compute Engine imports is the disk`(name: String) throws {
      let place = try Self.pair.get().folder + "/gce-\(name)"
      try Files.makeDirectories(place)
      let archive = "\(out)/\(name).gce.tar.gz"
      let listing = try tool(["tar", "--numeric-owner", "-tvf", archive], from: "tar")
      // Alone, by this name and of this size, in the format that was before POSIX had one.
      let size = try Files.information("\(out)/\(name).raw").st_size
      let words = listing.split(whereSeparator: \.isWhitespace).map(String.init)
      try #require(words.count == 6 && words.last == "disk.raw", "\(listing)")
      try #require(words[..<3] == ["-rw-r--r--", "0/0", "\(size)"] && size % (1 << 30) == 0)
      let start = try tool(
        ["sh", "-c", "gzip -dc \(archive) | head -c 265 | tail -c 8 | od -An -c"], from: "gzip")
      try #require(start.split(separator: " ").joined() == "ustar\\0\n", "\(start)")
      try tool(["tar", "-C", place, "-xf", archive], from: "tar")
      try tool(["cmp", place + "/disk.raw", "\(out)/\(name).raw"], from: "diffutils")
      try prove("gce", "unpacked by `tar`: the raw disk, alone, of whole GiB")
    }

    @Test func `Every format of files holds the same tree`() throws {
      let place = try Self.pair.get().folder + "/trees"
      try Files.removeTree(place)
      try Files.makeDirectories(place + "/cpio")
      try tool(
        [
          "unsquashfs", "-quiet", "-no-progress", "-d", place + "/squashfs", out + "/root.squashfs",
        ],
        from: "squashfs-tools")
      try tool(
        ["sh", "-c", "cd \(place)/cpio && cpio -idm --quiet <\(out)/root.cpio"], from: "cpio")
      let layout = out + "/root.oci:latest"
      try tool(["umoci", "unpack", "--image", layout, place + "/oci"], from: "umoci")
      let wanted = try summary(of: out + "/root.directory")
      try #require(wanted.contains("usr/bin/su f 4755 0:0"))
      let tools = [
        ("squashfs", "squashfs", "unsquashfs"), ("cpio", "cpio", "cpio"),
        ("oci", "oci/rootfs", "umoci unpack"),
      ]
      // The root itself, which the summaries are of.
      let root = try Files.information(out + "/root.directory")
      let inSquashfs = try Files.information(place + "/squashfs")
      #expect(root.st_mode == inSquashfs.st_mode && root.st_uid == inSquashfs.st_uid)
      #expect(root.st_mtim.tv_sec == inSquashfs.st_mtim.tv_sec)
      for (format, folder, program) in tools {
        let seen = try summary(of: "\(place)/\(folder)")
        try #require(seen == wanted, "\(folder): \(lineDifference(from: wanted, to: seen))")
        try prove(format, "unpacked by `\(program)`: the same files as in the folder")
      }
      for (format, program) in [("gz", "gzip"), ("zst", "zstd")] {
        try tool(
          ["sh", "-c", "\(program) -dc <\(out)/root.tar.\(format) | cmp - \(out)/root.tar"],
          from: program)
        try prove("tar.\(format)", "`\(program) -dc` gives the tar")
      }
      try tool(
        ["tar", "--compare", "-C", out + "/root.directory", "-f", out + "/root.tar"], from: "tar")
      try prove("tar", "`tar --compare` with the folder")
      try tool(["fsck.erofs", out + "/root.erofs"], from: "erofs-utils")
      try prove("erofs", "`fsck.erofs`")
    }

    /// What a folder has, but for the times of folders and links, which not every tool sets.
    private func summary(of folder: String) throws -> String {
      try tool(
        [
          "sh", "-c",
          """
          cd "$1"
          find . -mindepth 1 -type d -printf '%P %y %m %U:%G\\n' \
            -o -type f -printf '%P %y %m %U:%G %n %T@\\n' \
            -o -printf '%P %y %U:%G %l\\n' | LC_ALL=C sort
          find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
          """, "sh", folder,
        ], from: "findutils")
    }

    @Test func `An archive of a container is its layout`() throws {
      let seen = try tool(
        ["skopeo", "inspect", "oci-archive:\(out)/root.oci-archive"], from: "skopeo")
      let image = try JSON.parse(Array(seen.utf8), file: "skopeo inspect")
      try #require(image["Labels"]?["org.opencontainers.image.version"]?.text == "1.0")
      try #require((image["Layers"]?.items.count ?? 0) > 10)
      try prove("oci-archive", "`skopeo inspect`")
    }

    @Test func `An image is pushed as it is`() throws {
      try withTemporaryDirectory { folder in
        try Registry.with(in: folder) { registry in
          let name = "docker://\(registry.address)/some/formats"
          let pushed = try succeeding([
            "particle", "push", out + "/root.oci-archive", name + ":1.0", "--tag", "latest",
          ])
          #expect(pushed.hasPrefix("\(name)@sha256:"), "\(pushed)")
          let reference = String(pushed.dropLast())
          #expect(try succeeding(["particle", "push", out + "/root.oci", name]) == pushed)
          for tag in ["1.0", "latest"] {
            let seen = try succeeding(["particle", "container", "inspect", "\(name):\(tag)"])
            #expect(seen.contains(" \(reference)\n"), "\(seen)")
          }
          let refused = try particle(["particle", "push", out + "/root.tar.gz", name])
          #expect(refused.ending == .exit(2), "\(refused.said)")
          let gone = try particle(["particle", "push", out + "/root.oci", "docker://127.0.0.1:9/x"])
          #expect(gone.ending == .exit(1), "\(gone.said)")
        }
      }
    }
  }
}
