import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// Packages of i386 beside those of amd64, in a real system.
  @Suite(
    .serialized, .besideAnother, .removing("foreign"),
    .enabled(if: Architecture.own == .amd64, "the programs of i386 are run by this machine itself"))
  struct ForeignArchitectures {
    private let place = scratch + "/foreign"

    private static let recipe = """
      version: 1
      name: foreign
      base: {debian: trixie, suites: [trixie], foreign-architectures: [i386]}
      modules:
        - type: packages
          install: ["libc6:i386", "zlib1g:i386", "hello:i386"]
          hold: [zlib1g, "zlib1g:i386"]
        - type: script
          run: hello >/etc/greeting
      images:
        - {name: root, formats: [tar]}
      """

    /// Runs a command in the finished system.
    private func inside(_ command: String) throws -> String {
      try tool(
        [
          "bwrap", "--bind", "\(place)/root", "/", "--dev", "/dev", "--proc", "/proc",
          "--clearenv", "--setenv", "PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "/bin/sh", "-c",
          command,
        ], from: "bubblewrap")
    }

    @Test func `a system of two architectures is whole, and always the same`() throws {
      let pair = try Pair(in: "foreign")
      try Files.write(Array(Self.recipe.utf8), to: "\(place)/recipe.yml")
      let manifest = "\(place)/manifest.json"
      _ = try succeeding(["particle-compile", "\(place)/recipe.yml", "-o", manifest])
      let folders = try pair.build(manifest, as: "root")
      try tool(["cmp"] + folders.map { $0 + "/root.tar" }, from: "diffutils")
      try Files.makeDirectories("\(place)/root")
      try tool(["tar", "-xpf", "\(folders[0])/root.tar", "-C", "\(place)/root"], from: "tar")

      // A program of i386, in the build and in the system.
      #expect(try Files.readText("\(place)/root/etc/greeting") == "Hello, world!\n")
      #expect(try inside("hello") == "Hello, world!\n")
      // ELFCLASS32.
      #expect(try Files.read("\(place)/root/usr/bin/hello")[4] == 1)
      #expect(
        try inside("dpkg --print-architecture; dpkg --print-foreign-architectures")
          == "amd64\ni386\n")
      #expect(try inside("dpkg --audit") == "")
      // What `normalise` takes of apt's, and nothing else.
      #expect(
        try inside("dpkg --verify || :") == """
          missing     /var/cache/apt/archives/partial
          missing     /var/lib/apt/lists/partial

          """)
      _ = try inside("apt-get check")
      #expect(
        try inside("dpkg-query -W -f '${binary:Package} ${Status}\n' libc6 zlib1g hello") == """
          hello:i386 install ok installed
          libc6:amd64 install ok installed
          libc6:i386 install ok installed
          zlib1g:amd64 hold ok installed
          zlib1g:i386 hold ok installed

          """)
      #expect(try inside("apt-mark showhold") == "zlib1g\nzlib1g:i386\n")
      let manual = try inside("apt-mark showmanual").split(separator: "\n")
      #expect(manual == ["apt", "hello:i386", "libc6:i386", "zlib1g:i386"])
      // A shared file has two owners, and stays until the last of them goes.
      let owners = try inside("dpkg-query -S /usr/share/doc/zlib1g/copyright")
      #expect(owners.contains("zlib1g:amd64") && owners.contains("zlib1g:i386"))
      #expect(
        try inside(
          "dpkg --purge --force-hold zlib1g:i386 >/dev/null && ls /usr/share/doc/zlib1g/copyright")
          == "/usr/share/doc/zlib1g/copyright\n")
    }
  }
}
