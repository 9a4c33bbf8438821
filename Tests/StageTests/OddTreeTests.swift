import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// What a format cannot store is refused with the file's name, and not lost.
@Suite struct OddTreeTests {
  /// One tree, the stage that is to store it, and what it says.
  struct Case: Sendable, CustomTestStringConvertible {
    var stage: String
    var options: String
    var make: @Sendable (_ root: String) throws -> Void
    var message: String

    var testDescription: String { message }
  }

  private static func attribute(_ name: ByteString, _ value: [UInt8], of file: String)
    -> @Sendable (String) throws -> Void
  {
    { root in
      if file.isEmpty || file.hasSuffix("/") {
        try Files.makeDirectories(root + file)
      } else {
        try Files.write([], to: root + file)
      }
      try Files.setAttribute(ExtendedAttribute(name: name, value: value), of: root + file)
    }
  }

  /// An access control list with a named user (Linux: include/uapi/linux/posix_acl_xattr.h).
  private static let list: [UInt8] =
    [2, 0, 0, 0]
    + [(1, 6, nil), (2, 4, 1000), (4, 4, nil), (16, 4, nil), (32, 4, nil)].flatMap {
      (tag: UInt8, permissions: UInt8, user: UInt32?) -> [UInt8] in
      let id = user ?? .max
      return [tag, 0, permissions, 0] + (0..<4).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) }
    }

  private static let xfs = #"""
    {"file": "/x.xfs", "uuid": "00000000-0000-4000-8000-000000000003", "label": "x", "mount-point": "/"}
    """#
  private static let oci = #"{"tag": "t"}"#
  private static let commit = #"{"ref": "r", "subject": "s"}"#
  private static let esp = #"""
    {"file": "/disk.raw", "id": "00000000-0000-4000-8000-000000000001",
     "partitions": [{"id": "00000000-0000-4000-8000-000000000002", "type": "esp", "label": "esp",
       "size": "40MiB", "filesystem": {"type": "vfat", "uuid": "1234-ABCD", "label": "ESP", "mount-point": "/"}}]}
    """#

  static let cases: [Case] = [
    Case(
      stage: "xfs", options: xfs, make: attribute("user.a", [1], of: "/d/"),
      message:
        "xfs: cannot write the attribute user.a of /d: mkfs.xfs writes no attributes of directories"
    ),
    Case(
      stage: "xfs", options: xfs, make: attribute("user.a", [1], of: ""),
      message:
        "xfs: cannot write the attribute user.a of /: mkfs.xfs writes no attributes of directories"),
    Case(
      stage: "xfs", options: xfs, make: attribute("user.a", [], of: "/f"),
      message: "xfs: cannot write the attribute user.a of /f: mkfs.xfs writes no empty attributes"),
    Case(
      stage: "xfs", options: xfs, make: attribute("system.posix_acl_access", list, of: "/f"),
      message:
        "xfs: cannot write the attribute system.posix_acl_access of /f: mkfs.xfs cannot write access"
    ),
    Case(
      stage: "xfs", options: xfs,
      make: { #expect(symlink(String(repeating: "a", count: 1024), $0 + "/l") == 0) },
      message: "its target is longer than 1023 bytes"),
    Case(
      stage: "squashfs", options: #"{"file": "/x", "compression": "zstd"}"#,
      make: attribute("system.posix_acl_access", list, of: "/f"),
      message: "squashfs: cannot write the attribute system.posix_acl_access of /f: SquashFS cannot"
    ),
    Case(
      stage: "ostree.commit", options: commit, make: attribute("user.a", [], of: "/f"),
      message:
        "ostree.commit: cannot write the attribute user.a of /f: ostree keeps no empty attributes"),
    Case(
      stage: "tar", options: #"{"file": "/x"}"#, make: attribute("user.a=b", [1], of: "/f"),
      message: "tar: cannot write the attribute user.a=b of /f: tar has no attributes with '='"),
    Case(
      stage: "oci", options: oci, make: attribute("user.a=b", [1], of: "/f"),
      message: "oci: cannot write the attribute user.a=b of /f: tar has no attributes with '='"),
    Case(
      stage: "oci", options: oci, make: attribute("user.a", [1], of: "/d/.wh.passwd/"),
      message: "oci: cannot write /d/.wh.passwd: in a container image, a name that begins with .wh."
    ),
    Case(
      stage: "disk", options: esp, make: attribute("user.a", [1], of: "/d/con.txt/"),
      message: "disk: cannot copy //d/con.txt: FAT reserves the name of a device"),
    Case(
      stage: "disk", options: esp, make: attribute("user.a", [1], of: "/a. /"),
      message: "disk: cannot copy //a. : FAT has no names that end with a dot or a space"),
    Case(
      stage: "disk", options: esp, make: attribute("user.a", [1], of: #"/a\b/"#),
      message: #"disk: cannot copy //a\b: FAT has no names with '\'"#),
    Case(
      stage: "disk", options: esp,
      make: {
        try attribute("user.a", [1], of: "/A/x")($0)
        try attribute("user.a", [1], of: "/a/")($0)
      },
      message: "disk: cannot copy //a: FAT does not distinguish capital letters"),
  ]

  @Test func `what systemd gives back at every boot may be lost`() throws {
    try withTemporaryDirectory { folder in
      let (root, tree) = (folder + "/root", folder + "/tree")
      for path in [root + "/var/log", tree] { try Files.makeDirectories(path) }
      for name: ByteString in ["system.posix_acl_access", "system.posix_acl_default"] {
        try Self.attribute(name, Self.list, of: "/var/log/journal/")(root)
      }
      let options = #"{"file": "/x", "compression": "zstd"}"#
      let result = try run("squashfs", options, on: tree, inputs: ["tree": root])
      #expect(result.status == .exit(0), "\(result.log)")
    }
  }

  /// Its owner and time too, by the program of the build tree; that of Debian 12 (squashfs-tools 4.5) knows the mode alone.
  @Test func `the root of a SquashFS has the mode of the tree's`() throws {
    try withTemporaryDirectory { folder in
      let (root, tree) = (folder + "/root", folder + "/tree")
      for path in [root, tree] { try Files.makeDirectories(path) }
      #expect(chmod(root, 0o1750) == 0)
      let options = #"{"file": "/x", "compression": "zstd"}"#
      let result = try run("squashfs", options, on: tree, inputs: ["tree": root])
      #expect(result.status == .exit(0), "\(result.log)")
      #expect(try tool(["unsquashfs", "-lln", tree + "/x"]).contains("drwxr-x--T "))
    }
  }

  @Test(arguments: cases) func `what a format cannot store is refused by name`(_ one: Case) throws {
    try withTemporaryDirectory { folder in
      let (root, tree) = (folder + "/root", folder + "/tree")
      for path in [root + "/A", tree] { try Files.makeDirectories(path) }
      try one.make(root)
      let result = try run(one.stage, one.options, on: tree, inputs: ["tree": root])
      #expect(result.status == .exit(1))
      #expect(
        result.log.contains(one.message) && result.log.contains("\n  help: "), "\(result.log)")
    }
  }
}
