internal import Files
internal import Glibc
internal import Model
package import StageContracts
package import StageKit

@main extension FileCopies: StageBody {
  package func run(in job: borrowing Job) throws {
    let users = try NameTable("/etc/passwd", in: job.tree)
    let groups = try NameTable("/etc/group", in: job.tree)
    for pattern in remove {
      let paths = try paths(matching: pattern, in: job.tree)
      guard !paths.isEmpty else {
        throw Failure(
          "remove", pattern, cause: "the tree has no such file",
          remedy: "check the path, or take it out of 'remove'")
      }
      if let path = paths.first(where: { ["/dev", "/proc", "/sys"].contains($0) }) {
        throw Failure(
          "remove", pattern, cause: "\(path) is not part of the tree during a build",
          remedy: "leave out /dev, /proc and /sys")
      }
      for path in paths { try job.tree.remove(path) }
    }
    for directory in directories { try make(directory, users, groups, in: job.tree) }
    let folder = files.isEmpty ? "" : try job.input("files")
    for file in files {
      let owner = try number(of: file.owner, in: users, what: "user", for: file.destination)
      let group = try number(of: file.group, in: groups, what: "group", for: file.destination)
      guard !job.tree.exists(file.destination) || !isFolder(file.destination, in: job.tree) else {
        throw Failure(
          "write", file.destination, cause: "a directory has this name",
          remedy: "give the whole path, including the file name")
      }
      // What a link leads to may be another package's file, or not be in the tree at all.
      try job.tree.remove(file.destination)
      try makeParents(of: file.destination, owner, in: job.tree)
      try job.tree.write(
        file.destination, Files.read("\(folder)/\(file.source)"), mode: file.mode.bits,
        owner: owner, group: group)
      for (name, value) in file.attributes.sorted(by: { $0.key.precedes($1.key) }) {
        try job.tree.setAttribute(file.destination, name, bytes(of: value))
      }
    }
    for link in hardLinks { try job.tree.hardLink(link.path, to: link.target) }
    for link in links {
      guard !isFolder(link.path, in: job.tree) else {
        throw Failure(
          "create the link", link.path, cause: "a directory has this name",
          remedy: "add it to 'remove'")
      }
      try job.tree.link(link.path, to: link.target)
    }
  }

  /// What is in the tree of a path, in which `*` and `?` stand for any characters of a name, as in a shell (glob(7)).
  private func paths(matching pattern: String, in tree: borrowing Tree) throws(Failure) -> [String]
  {
    var found = [""]
    for part in pattern.parts(at: "/") {
      guard part.has("*") || part.has("?") else {
        found = found.map { $0 + "/" + part }
        continue
      }
      var next: [String] = []
      for folder in found where folder.isEmpty || tree.isDirectory(folder) {
        for name in try tree.names(in: folder.isEmpty ? "/" : folder)
        where fnmatch(part, name, FNM_PERIOD | FNM_NOESCAPE) == 0 {
          next.append(folder + "/" + name)
        }
      }
      found = next
    }
    return found.filter { tree.exists($0) }
  }

  private func make(
    _ directory: Directory, _ users: NameTable, _ groups: NameTable, in tree: borrowing Tree
  ) throws(Failure) {
    let path = directory.path
    if directory.isKept, tree.isDirectory(path) { return }
    guard tree.isDirectory(path) || !tree.exists(path) else {
      throw Failure(
        "create the directory", path, cause: "a file has this name",
        remedy: "add it to 'remove', or choose another directory")
    }
    let owner = try number(of: directory.owner, in: users, what: "user", for: path)
    let group = try number(of: directory.group, in: groups, what: "group", for: path)
    try makeParents(of: path, owner, in: tree)
    try tree.makeDirectories(path)
    try tree.setOwner(path, owner, group)
    try tree.setMode(path, mode_t(directory.mode.bits))
  }

  /// Makes the directories above a file.
  ///
  /// Beneath one of the file's owner, such as a home, they are theirs, too: root's could not be written to.
  private func makeParents(of path: String, _ owner: uid_t, in tree: borrowing Tree) throws(Failure)
  {
    guard owner != 0 else { return }
    var missing: [String] = []
    var folder = Files.directory(of: path)
    while folder != "/", !tree.exists(folder) {
      missing.append(folder)
      folder = Files.directory(of: folder)
    }
    let above = try tree.information(folder)
    guard above.st_uid == owner, tree.isDirectory(folder) else { return }
    for folder in missing.reversed() {
      try tree.makeDirectories(folder, owner: owner, group: above.st_gid)
    }
  }

  /// The value of an attribute.
  private func bytes(of value: String) -> [UInt8] {
    guard value.begins(with: "0x") else { return Array(value.utf8) }
    let digits = Array(value.utf8.dropFirst(2))
    return stride(from: 0, to: digits.count, by: 2).compactMap { index in
      UInt8(
        String(decoding: digits[index..<min(index + 2, digits.count)], as: UTF8.self), radix: 16)
    }
  }

  private func isFolder(_ path: String, in tree: borrowing Tree) -> Bool {
    (try? tree.information(path)).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
  }

  private func number(of name: String, in table: NameTable, what: String, for path: String)
    throws(Failure) -> UInt32
  {
    if let number = UInt32(name) { return number }
    // Root is root in any tree, even in one that has no list of users.
    if name == "root" { return 0 }
    if let number = table.number(of: name), let id = UInt32(exactly: number) { return id }
    let near = suggestion(for: name, among: table.names).map { "did you mean '\($0)'?" }
    throw Failure(
      "write", path, cause: "the tree has no \(what) '\(name)'",
      remedy: (near
        ?? "create it in a module before this one, {type: users}, or install its package;")
        + " a number works too")
  }
}
