import Compiler
import Files
import TestSupport
import Testing

/// Which mirror an apt uses, of what it prints of itself.
@Suite struct MirrorTests {
  /// What `apt-get update --print-uris` prints, by apt 2.6.
  private static let printed = """
    'http://apt.example/linux/debian/dists/bookworm/InRelease' apt.example_linux_debian_dists_bookworm_InRelease 0 
    'http://flat.example/debian/InRelease' flat.example_debian_InRelease 0 
    'http://mirror.example/d/dists/bookworm/InRelease' mirror.example_d_dists_bookworm_InRelease 0 
    'http://mirror.example/s/dists/bookworm-security/InRelease' mirror.example_s_dists_bookworm-security_InRelease 0 
    'http://mirror.example/d/dists/bookworm/main/binary-amd64/Packages.xz' mirror.example_d_dists_bookworm_main_binary-amd64_Packages 0 

    """

  private func write(_ origin: String, _ label: String, to path: String) throws {
    let text = """
      -----BEGIN PGP SIGNED MESSAGE-----
      Hash: SHA256

      Origin: \(origin)
      Label: \(label)

      """
    try Files.write(Array(text.utf8), to: path)
  }

  @Test func `what was fetched says whose it is`() throws {
    try withTemporaryDirectory { folder in
      try write(
        "Example", "Example", to: "\(folder)/apt.example_linux_debian_dists_bookworm_InRelease")
      // That of a release with a signature beside it.
      try write("Debian", "Debian", to: "\(folder)/mirror.example_d_dists_bookworm_Release")
      try write(
        "Debian", "Debian-Security",
        to: "\(folder)/mirror.example_s_dists_bookworm-security_InRelease")
      let mirrors = Mirrors(fetched: Self.printed, into: folder)
      #expect(mirrors?.main == "http://mirror.example/d")
      #expect(mirrors?.security == "http://mirror.example/s")
    }
  }

  @Test func `before anything was fetched the addresses say it`() throws {
    try withTemporaryDirectory { folder in
      #expect(
        Mirrors(fetched: Self.printed, into: folder)?.main == "http://apt.example/linux/debian")
      #expect(Mirrors(fetched: Self.printed, into: nil)?.main == "http://apt.example/linux/debian")
      #expect(Mirrors(fetched: "", into: folder) == nil)
      let other = "'http://x.example/debian-security/dists/trixie-security/Release' a 0"
      #expect(Mirrors(fetched: other, into: folder) == nil)
    }
  }

  @Test func `what is known to be another's is not taken for Debian's`() throws {
    try withTemporaryDirectory { folder in
      for name in [
        "apt.example_linux_debian_dists_bookworm_InRelease",
        "mirror.example_d_dists_bookworm_InRelease",
      ] { try write("Example", "Debian", to: "\(folder)/\(name)") }
      #expect(Mirrors(fetched: Self.printed, into: folder) == nil)
    }
  }
}
