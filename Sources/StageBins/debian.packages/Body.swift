internal import Glibc
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension DebianPackages: StageBody {
  package func run(in job: borrowing Job) throws {
    let packages = try job.input("packages")
    let expanded = try extractFirst(from: packages, to: job.tree)
    // For a tree that others are to go on with.
    guard extract.isEmpty || !steps.isEmpty else { return }
    for architecture in foreign {
      try Command(["dpkg", "--add-architecture", architecture]).runLogged()
    }
    let clusters = try DatabaseCluster.all(in: job.tree)
    let keys = try job.tree.privateKeys()
    if !answers.isEmpty { try answer(in: job.tree) }
    func path(_ file: String) -> String { expanded[file] ?? "\(packages)/\(file)" }
    try withoutInitramfsUpdates(in: job.tree) {
      for step in steps {
        switch step {
        case .unpack(let files): try dpkg(["--unpack"] + files.map(path))
        case .forceUnpack(let files): try dpkg(["--force-depends", "--unpack"] + files.map(path))
        case .configure(let names): try dpkg(["--configure"] + names)
        case .remove(let names): try dpkg(["--force-depends", "--purge"] + names)
        }
      }
      try dpkg(["--configure", "-a"])
    }
    for path in expanded.values { unlink(path) }
    try checkInstalled(for: job.architecture)
    try checkAnswers(in: job.tree)
    try hold()
    try removeOldKernelLinks(in: job.tree)
    try markAutomatic(in: job.tree, for: job.architecture)
    try removeTraces(in: job.tree, but: clusters)
    try settle(in: job.tree, at: job.epoch)
    try checkKeys(in: job.tree, but: keys)
  }

  /// Sets answers before the packages that ask are installed.
  private func answer(in tree: borrowing Tree) throws(Failure) {
    guard tree.exists("/usr/bin/debconf-set-selections") else {
      throw Failure(
        "answer", "packages' questions", cause: "the tree has no debconf-set-selections",
        remedy: "install the package debconf first")
    }
    try Debconf.set(answers, in: tree)
  }

  /// An answer that nobody asks for is a slip.
  private func checkAnswers(in tree: borrowing Tree) throws(Failure) {
    guard !answers.isEmpty else { return }
    let info = "/var/lib/dpkg/info"
    let (templates, lists) = (".templates", ".list")
    let names = try tree.names(in: info)
    // Those of another architecture are `zlib1g:i386.list`.
    let packages = names.filter { $0.hasSuffix(lists) }
      .compactMap { $0.dropLast(lists.utf8.count).split(separator: ":").first.map(String.init) }
    var texts: [String] = []
    for name in names where name.hasSuffix(templates) {
      texts.append(try tree.readText("\(info)/\(name)"))
    }
    var registered: [String] = []
    for name in ["config.dat", "passwords.dat"] where tree.exists("/var/cache/debconf/\(name)") {
      registered.append(try tree.readText("/var/cache/debconf/\(name)"))
    }
    try DebconfTemplates(texts, registered: registered, packages: Set(packages)).check(answers)
  }

  private func hold() throws(Failure) {
    guard !held.isEmpty else { return }
    let lines = held.map { "\($0) hold\n" }.joined()
    try Command(["dpkg", "--set-selections"], input: Array(lines.utf8)).runLogged()
  }

  /// A kernel's installation makes `/vmlinuz.old` too, for a predecessor that a new system lacks.
  private func removeOldKernelLinks(in tree: borrowing Tree) throws(Failure) {
    for name in ["/vmlinuz", "/initrd.img"] {
      let old = name + ".old"
      guard let target = try? tree.linkTarget(old), target == (try? tree.linkTarget(name)) else {
        continue
      }
      try tree.remove(old)
    }
  }

  /// Tells apt which packages may go when nothing needs them any more.
  private func markAutomatic(in tree: borrowing Tree, for architecture: Architecture)
    throws(Failure)
  {
    guard !automatic.isEmpty else { return }
    var stanzas = ""
    for name in automatic.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
      // apt counts a package for all architectures as one of the machine's own.
      let own = parts.count == 2 ? parts[1] : architecture.rawValue
      stanzas += "Package: \(parts[0])\nArchitecture: \(own)\nAuto-Installed: 1\n\n"
    }
    try tree.write("/var/lib/apt/extended_states", stanzas)
  }
}
