import Files
import Glibc
import Processes
import StageKit
import TestSupport
import Testing

@Suite(.needsRoot) struct ExtractionTests {
  private let longName = String(repeating: "l", count: 140)

  /// Builds a package of what `fill` puts into a folder.
  private func makePackage(
    _ name: String, compression: String = "xz", in folder: String, _ fill: (String) throws -> Void
  ) throws {
    try withTemporaryDirectory { root in
      #expect(chmod(root, 0o755) == 0)
      try fill(root)
      try StageTests.fill(
        root,
        [
          "/DEBIAN/control": """
          Package: \(name)
          Version: 1
          Architecture: all
          Maintainer: Nobody <nobody@example.org>
          Description: a package of a test

          """
        ])
      _ = try Command(["dpkg-deb", "-Z\(compression)", "-b", root, "\(folder)/\(name).deb"])
        .runChecked()
    }
  }

  @Test(arguments: ["none", "gzip", "xz", "zstd"])
  func unpacks(_ compression: String) throws {
    try withTemporaryDirectory { packages in
      try makePackage("base", compression: compression, in: packages) { root in
        try fill(root, ["/usr/bin/su": "su\n", "/usr/share/\(longName)": "long\n"])
        let tree = try Tree(root: root)
        try tree.link("/bin", to: "usr/bin")
        try tree.setMode("/usr/bin/su", 0o4755)
        try tree.setOwner("/usr/share", 7, 8)
        #expect(link("\(root)/usr/bin/su", "\(root)/usr/bin/su2") == 0)
      }
      try makePackage("other", compression: compression, in: packages) { root in
        try fill(root, ["/bin/ls": "ls\n", "/usr/share/\(longName)": "newer\n"])
      }
      try withTemporaryDirectory { tree in
        let result = try run(
          "debian.packages",
          #"{"extract": ["base.deb", "other.deb"], "steps": [], "installed": []}"#, on: tree,
          inputs: ["packages": packages])
        #expect(result.status == .exit(0), "\(result.log)")
        let database = ["alternatives", "info", "parts", "triggers", "updates"]
          .map { "/var/lib/dpkg/\($0) d0755 0:0" }
        #expect(
          try Set(listing(of: tree))
            == Set(
              [
                "/bin l0777 0:0 -> usr/bin", "/usr d0755 0:0", "/usr/bin d0755 0:0",
                "/usr/bin/ls -0644 0:0 'ls\\n'", "/usr/bin/su -4755 0:0 'su\\n'",
                "/usr/bin/su2 -4755 0:0 'su\\n'", "/usr/share d0755 7:8",
                "/usr/share/\(longName) -0644 0:0 'newer\\n'", "/var d0755 0:0",
                "/var/lib d0755 0:0", "/var/lib/dpkg d0755 0:0",
                "/var/lib/dpkg/available -0644 0:0 ''", "/var/lib/dpkg/status -0644 0:0 ''",
              ] + database))
        #expect(try Files.information("\(tree)/usr/bin/su2").st_nlink == 2)
      }
    }
  }

  @Test func aDamagedPackageIsNamed() throws {
    try withTemporaryDirectory { packages in
      try makePackage("a", in: packages) { try fill($0, ["/a": "a"]) }
      let whole = try Files.read("\(packages)/a.deb")
      try Files.write(Array(whole.dropLast(60)), to: "\(packages)/a.deb")
      try withTemporaryDirectory { tree in
        let result = try run(
          "debian.packages", #"{"extract": ["a.deb"], "steps": [], "installed": []}"#, on: tree,
          inputs: ["packages": packages])
        #expect(result.status == .exit(1))
        #expect(
          result.log == """
            debian.packages: cannot unpack a.deb: it is truncated
              help: remove it from the store and fetch it again

            """)
      }
    }
  }
}
