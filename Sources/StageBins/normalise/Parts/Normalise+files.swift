internal import Glibc
internal import Model
internal import StageContracts
internal import StageKit

extension Normalise {
  func removeFiles(in tree: borrowing Tree) throws(Failure) {
    for residue in residues {
      var files = residue.files
      for (folder, ending) in residue.endings {
        files += try tree.names(in: folder).filter { $0.hasSuffix(ending) }.map {
          "\(folder)/\($0)"
        }
      }
      for file in files where tree.exists(file) && !keep.has(file) {
        try tree.remove(file)
        Log.note("removed \(file): \(residue.reason)")
      }
      for folder in residue.folders where try !tree.names(in: folder).isEmpty {
        try empty(folder, in: tree)
        Log.note("emptied \(folder): \(residue.reason)")
      }
    }
  }

  /// Removes what is in a folder, but for what is to be kept.
  private func empty(_ folder: String, in tree: borrowing Tree) throws(Failure) {
    guard keep.contains(where: { $0.begins(with: folder + "/") }) else {
      return try tree.empty(folder)
    }
    for name in try tree.entries(in: folder) {
      let path = ByteString(folder).appending(name)
      if let text = path.text {
        if keep.has(text) { continue }
        if try tree.information(text).st_mode & S_IFMT == S_IFDIR {
          try empty(text, in: tree)
          if try !tree.entries(in: text).isEmpty { continue }
        }
      }
      try tree.remove(path.bytes)
    }
  }

  /// The records of logins must be there for programs to write to, but not with what is in them.
  func emptyFiles(in tree: borrowing Tree) throws(Failure) {
    for path in Self.loginRecords where tree.exists(path) && !keep.has(path) {
      let info = try tree.information(path)
      guard info.st_size > 0 else { continue }
      try tree.write(
        path, [UInt8](), mode: info.st_mode & 0o7777, owner: info.st_uid, group: info.st_gid)
    }
  }

  /// Files of these names may be anywhere below /usr.
  func removeScattered(in tree: borrowing Tree) throws(Failure) {
    let endings = Self.scattered.map { ByteString($0) }
    guard tree.isDirectory("/usr") else { return }
    for entry in try Walk(tree.outside("/usr")).entries {
      let path = "/usr/" + ByteString(entry.path)
      guard endings.contains(where: path.hasSuffix) else { continue }
      if let text = path.text, keep.contains(where: { $0 == text || $0.begins(with: text + "/") }) {
        try empty(text, in: tree)
      } else {
        try tree.remove(path.bytes)
      }
    }
  }

  /// A day on which a password was set later than the epoch is the day of the build.
  func clampPasswordDays(in tree: borrowing Tree, to epoch: Timestamp) throws(Failure) {
    var table = try NameTable("/etc/shadow", in: tree)
    let today = epoch.seconds / 86_400
    var isChanged = false
    for index in table.records.indices where table.records[index].count == 9 {
      guard let day = Int(table.records[index][2]), day > today else { continue }
      table.records[index][2] = "\(today)"
      isChanged = true
    }
    guard isChanged else { return }
    let info = try tree.information(table.path)
    try tree.write(
      table.path, table.text, mode: info.st_mode & 0o7777, owner: info.st_uid, group: info.st_gid)
  }
}
