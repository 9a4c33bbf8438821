import Compiler
import Model
import Testing

@Suite struct InstallRoundsTests {
  /// A set of packages in their first version, `name` or `name:architecture`, with what they say of others.
  private func set(
    _ relations: [String: [String: String]], essential: Set<String> = [],
    versions: [String: String] = [:], base: [String: String]? = nil
  ) -> PackageSet {
    let names = relations.keys.sorted()
    var set = PackageSet(
      packages: names.map { name in
        let parts = name.split(separator: ":").map(String.init)
        var package = LoweringTests.package(parts[0], version: versions[name] ?? "1.0-1")
        if parts.count > 1 { package.architecture = parts[1] }
        return package
      }, configureOrder: names.reversed(), essential: essential, requested: [],
      relations: relations)
    set.base = base.map { versions in
      InstalledPackages(
        packages: versions.map { name, version in
          InstalledPackages.Installed(
            name: InstalledPackages.Name(name: name, architecture: "amd64"), version: version)
        }, automatic: [])
    }
    return set
  }

  /// The rounds as text, a forced one with `!`.
  private func rounds(_ set: PackageSet) -> [String] {
    InstallRounds.of(set, on: .amd64).map {
      ($0.isForced ? "! " : "") + $0.names.sorted().joined(separator: " ")
    }
  }

  @Test func `essential packages come first, and all others in one round`() {
    let set = set(
      [
        "libc6": [:], "dpkg": ["Pre-Depends": "libc6"], "awk": [:],
        "nginx": ["Pre-Depends": "dpkg (>= 1), libc6", "Depends": "common"], "common": [:],
      ], essential: ["libc6", "dpkg"])
    #expect(rounds(set) == ["! dpkg libc6", "awk common nginx"])
  }

  @Test func `what the first packages need in this set is among them`() {
    let set = set(
      ["dpkg": ["Depends": "liblzma5"], "liblzma5": [:], "vim": [:]], essential: ["dpkg"])
    #expect(rounds(set) == ["! dpkg liblzma5", "vim"])
  }

  @Test func `a pre-dependency is configured before, with all that it depends on`() {
    let set = set(
      [
        "libc6": [:], "mariadb-server": ["Pre-Depends": "adduser (>= 0.40), mariadb-common"],
        "adduser": ["Depends": "passwd"], "passwd": ["Depends": "libpam", "Pre-Depends": "login"],
        "libpam": [:], "login": ["Depends": "libcrypt"], "libcrypt": [:], "mariadb-common": [:],
        "nano": [:],
      ], essential: ["libc6"])
    #expect(
      rounds(set) == [
        "! libc6", "libcrypt login", "adduser libpam mariadb-common passwd", "mariadb-server nano",
      ])
  }

  @Test func `virtual packages, alternatives and versions are understood`() {
    let set = set(
      [
        "libc6": [:], "a": ["Pre-Depends": "none | mta"], "postfix": ["Provides": "mta"],
        "b": ["Pre-Depends": "lib (>= 2.0) | libold"], "lib": [:], "libold": [:],
        "c": ["Pre-Depends": "api(>=2)"], "one": ["Provides": "api (= 1)"],
        "two": ["Provides": "api (= 2)"], "d": ["Pre-Depends": "plain (>= 1)"],
        "unversioned": ["Provides": "plain"], "plain": [:],
      ], essential: ["libc6"])
    #expect(
      rounds(set) == ["! libc6", "libold plain postfix two", "a b c d lib one unversioned"])
  }

  @Test func `dependencies in a circle are configured together`() {
    let set = set(
      [
        "libc6": [:], "a": ["Pre-Depends": "b"], "b": ["Depends": "c"], "c": ["Depends": "b"],
      ], essential: ["libc6"])
    #expect(rounds(set) == ["! libc6", "b c", "a"])
  }

  @Test func `a package that is needed for its own pre-dependency is forced, and no other`() {
    let set = set(
      [
        "libc6": [:], "a": ["Pre-Depends": "b"], "b": ["Depends": "a"], "z": ["Pre-Depends": "a"],
      ], essential: ["libc6"])
    #expect(rounds(set) == ["! libc6", "! a b", "z"])
  }

  @Test func `a version that is there already serves, an older one is replaced first`() {
    let relations = [
      "server": ["Pre-Depends": "adduser (>= 2)"], "adduser": ["Depends": "passwd"], "passwd": [:],
    ]
    let versions = ["adduser": "3-1", "passwd": "3-1"]
    let (new, old) = (["adduser": "2.5", "passwd": "1"], ["adduser": "1", "passwd": "1"])
    #expect(rounds(set(relations, versions: versions, base: new)) == ["adduser passwd server"])
    #expect(rounds(set(relations, versions: versions, base: old)) == ["adduser", "passwd server"])
    #expect(rounds(set(["server": relations["server"] ?? [:]], base: new)) == ["server"])
  }

  @Test func `what an early package breaks comes with it`() {
    let set = set(
      [
        "server": ["Pre-Depends": "libfoo (>= 2)"], "libfoo": ["Breaks": "tool (<< 2)"],
        "tool": [:], "other": [:],
      ], versions: ["libfoo": "2-1", "tool": "2-1"],
      base: ["libfoo": "1-1", "tool": "1-1", "other": "0-1"])
    #expect(rounds(set) == ["libfoo tool", "other server"])
  }

  @Test func `a package of another architecture has its own pre-dependencies`() {
    let set = set([
      "wine:i386": ["Pre-Depends": "libc:any, lib, helper"], "lib:i386": ["Depends": "libz"],
      "lib": [:], "libz:i386": [:], "libz": [:], "libc": [:], "helper": ["Multi-Arch": "foreign"],
    ])
    #expect(rounds(set) == ["helper lib:i386 libc libz:i386", "lib libz wine:i386"])
  }
}
