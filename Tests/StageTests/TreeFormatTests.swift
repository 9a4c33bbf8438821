import Files
import Glibc
import JSON
import Model
import Processes
import StageKit
import TestSupport
import Testing

/// The formats that hold files, as the tools that read them see them.
///
/// The stages squashfs and erofs want tools as new as a build tree's; the end-to-end tests have them.
@Suite(.needsRoot) struct TreeFormatTests {
  private func makeTree(_ root: String) throws {
    var files = ["/etc/own": "of nobody\n", "/z": ""]
    // Packages in many parts, one of which knows its file by the name from before /usr was merged.
    for index in 0..<40 {
      files["/usr/share/p\(index)/file"] = "content of \(index)\n"
      files["/var/lib/dpkg/info/p\(index):amd64.list"] = "/.\n/usr\n/usr/share/p\(index)/file\n"
    }
    files["/usr/bin/old"] = "old"
    files["/var/lib/dpkg/info/old.list"] = "/bin\n/bin/old\n"
    try fill(root, files)
    let tree = try Tree(root: root)
    try tree.link("/bin", to: "usr/bin")
    try tree.setMode("/usr/bin/old", 0o4755)
    try tree.setOwner("/etc/own", 12, 34)
    try tree.makeDirectories("/empty", mode: 0o1777)
    #expect(Glibc.link("\(root)/usr/share/p1/file", "\(root)/usr/share/p2/hard") == 0)
    for entry in try Walk(root).entries {
      try tree.setTime(
        "/" + String(decoding: entry.path, as: UTF8.self), Timestamp(seconds: 1_700_000_000))
    }
    try tree.setTime("/", Timestamp(seconds: 1_700_000_000))
  }

  /// What a stage writes of the tree.
  private func output(
    _ stage: String, _ options: String, in folder: String, to name: String = "tree"
  ) throws -> String {
    let root = folder + "/root"
    if !Files.exists(root) {
      try Files.makeDirectories(root)
      try makeTree(root)
    }
    let tree = "\(folder)/\(name)"
    try Files.makeDirectories(tree)
    let result = try run(stage, options, on: tree, inputs: ["tree": root])
    #expect(result.status == .exit(0), "\(result.log)")
    return tree
  }

  @Test(arguments: ["gzip", "xz", "zstd"])
  func aCompressedArchiveHoldsThePlainOne(_ compression: String) throws {
    try withTemporaryDirectory { folder in
      func options(_ compression: String) -> String {
        #"{"file": "/t", "compression": "\#(compression)"}"#
      }
      let plain = try output("tar", options("none"), in: folder, to: "plain") + "/t"
      let packed = try output("tar", options(compression), in: folder, to: "packed") + "/t"
      let again = try output("tar", options(compression), in: folder, to: "again") + "/t"
      try tool(["cmp", packed, again])
      try tool(["sh", "-c", "\(compression) -dc <\(packed) | cmp - \(plain)"])
      // RFC 1952: neither a name nor a time.
      if compression == "gzip" { #expect(try Files.read(packed)[3..<8].allSatisfy { $0 == 0 }) }
    }
  }

  @Test func cpioUnpacksTheTree() throws {
    try withTemporaryDirectory { folder in
      let archive = try output("cpio", #"{"file": "/t"}"#, in: folder) + "/t"
      let again = try output("cpio", #"{"file": "/t"}"#, in: folder, to: "again") + "/t"
      try tool(["cmp", archive, again])
      let there = folder + "/there"
      try Files.makeDirectories(there)
      try tool(["sh", "-c", "cd \(there) && cpio -idm --quiet <\(archive)"])
      #expect(try listing(of: there) == listing(of: folder + "/root"))
      let info = try Files.information(there + "/usr/share/p1/file")
      #expect(info.st_nlink == 2)
    }
  }

  @Test func `cpio takes names, and what links say, as bytes`() throws {
    try withTemporaryDirectory { folder in
      let root = folder + "/root"
      try Files.makeDirectories(root)
      // U+FFFD is what a text has in place of a byte that is not UTF-8.
      let names = """
        cd "$1" && byte=$(printf '\\377') mark=$(printf '\\357\\277\\275')
        printf 1 >"$byte" && printf 2 >"$mark" && ln -s "/real$byte" "link$byte" && ln -s other "link$mark"
        """
      try tool(["sh", "-c", names, "sh", root])
      let archive = try output("cpio", #"{"file": "/t"}"#, in: folder) + "/t"
      let there = folder + "/there"
      try Files.makeDirectories(there)
      try tool(["sh", "-c", "cd \(there) && cpio -idm --quiet <\(archive)"])
      #expect(try listing(of: there) == listing(of: root))
    }
  }

  @Test func `an archive has the times before 1970`() throws {
    try withTemporaryDirectory { folder in
      let root = folder + "/root"
      try Files.makeDirectories(root)
      try tool(["touch", "-d", "1950-01-02 03:04:05Z", root + "/old"])
      let archive = try output("tar", #"{"file": "/t"}"#, in: folder) + "/t"
      let there = folder + "/there"
      try Files.makeDirectories(there)
      try tool(["tar", "-xf", archive, "-C", there])
      #expect(try Files.information(there + "/old").st_mtim.tv_sec == -631_054_555)
    }
  }

  @Test func `only regular files are dpkg's lists`() throws {
    try withTemporaryDirectory { folder in
      let root = folder + "/root"
      try Files.makeDirectories(root)
      try makeTree(root)
      #expect(mkfifo(root + "/var/lib/dpkg/info/evil.list", 0o644) == 0)
      #expect(symlink("/dev/zero", root + "/var/lib/dpkg/info/worse.list") == 0)
      _ = try output("oci", container, in: folder)
      // A system that is not Debian's may have anything there.
      try Files.removeTree(root + "/var/lib/dpkg/info")
      try Files.write([], to: root + "/var/lib/dpkg/info")
      _ = try output("oci", container, in: folder, to: "other")
    }
  }

  private let container = #"""
    {"tag": "latest", "entrypoint": ["/bin/old"], "command": ["a b"], "environment": {"A": "b"},
     "labels": {"l": "m"}, "user": "12:34", "working-directory": "/usr",
     "ports": ["53/udp", "80/tcp"], "volumes": ["/srv"], "stop-signal": "SIGQUIT"}
    """#

  @Test(arguments: [("web", "did you mean 'webs'"), ("webs:adm", "create it with a users module")])
  func `a container runs as nobody whom it does not know`(user: String, remedy: String) throws {
    try withTemporaryDirectory { folder in
      try Files.makeDirectories(folder + "/root/etc")
      try Files.write(
        Array("root:x:0:0::/:\nwebs:x:9:9::/:\n".utf8), to: folder + "/root/etc/passwd")
      try Files.write(Array("webs:x:9:\n".utf8), to: folder + "/root/etc/group")
      func said(_ user: String) throws -> String {
        let tree = "\(folder)/\(user)"
        try Files.makeDirectories(tree)
        let options = container.replacing("12:34", with: user)
        return try run("oci", options, on: tree, inputs: ["tree": folder + "/root"]).log
      }
      #expect(try said("webs") == "" && said("webs:webs") == "" && said("9:webs") == "")
      #expect(try said(user).contains(remedy))
    }
  }

  @Test func aContainerIsReadByOthers() throws {
    try withTemporaryDirectory { folder in
      let layout = try output("oci", container, in: folder)
      try tool(["diff", "-r", layout, try output("oci", container, in: folder, to: "again")])
      let seen = try tool(["skopeo", "inspect", "--config", "oci:\(layout):latest"])
      let config = try JSON.parse(Array(seen.utf8), file: "skopeo")
      #expect(config["created"]?.text == "2026-09-12T00:00:00Z")
      let process = try #require(config["config"])
      #expect(process["Entrypoint"]?.items?.compactMap(\.text) == ["/bin/old"])
      #expect(process["Cmd"]?.items?.compactMap(\.text) == ["a b"])
      #expect(process["Labels"]?["l"]?.text == "m")
      #expect(process["User"]?.text == "12:34")
      #expect(process["WorkingDir"]?.text == "/usr")
      #expect(
        process["ExposedPorts"] == .object([("53/udp", .object([])), ("80/tcp", .object([]))]))
      #expect(process["Volumes"] == .object([("/srv", .object([]))]))
      #expect(process["StopSignal"]?.text == "SIGQUIT")
      #expect(process["Env"]?.items?.compactMap(\.text).first == "A=b")
      try tool(["umoci", "unpack", "--image", layout + ":latest", folder + "/there"])
      #expect(try listing(of: folder + "/there/rootfs") == listing(of: folder + "/root"))
    }
  }

  @Test func anUpdateChangesFewLayers() throws {
    try withTemporaryDirectory { folder in
      let before = try layers(of: try output("oci", container, in: folder))
      #expect(before.count > 10)
      let tree = try Tree(root: folder + "/root")
      for path in ["/usr/share/p7/file", "/var/lib/dpkg/status"] {
        try tree.write(path, "new\n")
        try tree.setTime(path, Timestamp(seconds: 1_700_000_000))
      }
      for path in ["/usr/share/p7", "/var/lib/dpkg"] {
        try tree.setTime(path, Timestamp(seconds: 1_700_000_000))
      }
      let after = try layers(of: try output("oci", container, in: folder, to: "after"))
      // The package's, and the topmost one, which has what no package has.
      #expect(Set(after).subtracting(before).count == 2)
      #expect(after.last != before.last)
    }
  }

  private func layers(of layout: String) throws -> [String] {
    let seen = try tool(["skopeo", "inspect", "--raw", "oci:\(layout):latest"])
    let manifest = try JSON.parse(Array(seen.utf8), file: "skopeo")
    return try #require(manifest["layers"]?.items).compactMap { $0["digest"]?.text }
  }
}

extension Node {
  fileprivate var text: String? {
    if case .string(let text) = value { text } else { nil }
  }
  fileprivate var items: [Node]? {
    if case .list(let items) = value { items } else { nil }
  }
}
