internal import Files
internal import Glibc
internal import Model
internal import Trees

/// Who can get to what is placed.
extension OutputDirectory {
  /// Sees to it that nobody else can run programs which give their user another one's rights.
  ///
  /// - Parameters:
  ///   - name: The output, a whole tree.
  ///   - listing: What is in it.
  ///   - isNew: Whether this run has made the directory: it is for its owner alone then.
  /// - Throws: When there are such programs, and others can reach the directory.
  func keepToOwner(_ name: String, _ listing: Listing, isNew: Bool) throws(Failure) {
    guard !isForced, let entry = listing.entries.first(where: \.isPrivileged) else { return }
    if isNew {
      guard chmod(path, 0o700 & ~Files.userMask) == 0 else {
        throw .system("set the mode of", path)
      }
    }
    if isClosed { return }
    throw Failure(
      "export", shown(name),
      cause: "/\(entry.path) would give its rights to other users of this machine, who can reach "
        + shown(path),
      remedy: "choose a directory of your own, or close it: chmod 700 \(shellWord(path)); "
        + "--force exports it anyway")
  }

  /// Whether only this user can get to what is in the directory: it or one above it is their own, and closed.
  private var isClosed: Bool {
    var place = "/"
    for name in [""] + resolved(path).map({ $0.text ?? "" }) {
      if !name.isEmpty { place += (place.utf8.count > 1 ? "/" : "") + name }
      guard let info = try? Files.information(place) else { return false }
      // The bits of the group are also the most that an access control list gives to others, and a group may have members.
      if info.st_uid == geteuid(), info.st_mode & 0o011 == 0 { return true }
    }
    return false
  }
}

extension Listing.Entry {
  /// Whether who runs or opens it has rights that are not their own.
  fileprivate var isPrivileged: Bool {
    switch kind {
    case .file: mode & 0o6000 != 0 || attributes.contains { $0.name == "security.capability" }
    case .device: true
    default: false
    }
  }
}
