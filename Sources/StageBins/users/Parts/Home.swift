internal import Glibc
internal import Model
internal import StageContracts
internal import StageKit

/// A user's home folder, and whose it is.
struct Home {
  var path: String
  var uid: uid_t
  var gid: gid_t
}

extension Users {
  /// Makes a home that is not there yet, from /etc/skel, and puts the user's keys in it.
  func furnish(_ home: Home, of user: User, in tree: borrowing Tree) throws(Failure) {
    // A user without a number was there before, with a home or on purpose without one.
    if user.uid != nil, user.makesHome, !tree.exists(home.path) {
      try tree.makeDirectories(
        home.path, mode: try homeMode(in: tree), owner: home.uid, group: home.gid)
      try copy("/etc/skel", to: home.path, of: home, in: tree)
    }
    guard !user.sshKeys.isEmpty else { return }
    let folder = home.path + "/.ssh"
    try tree.makeDirectories(folder, mode: 0o700, owner: home.uid, group: home.gid)
    try tree.write(
      folder + "/authorized_keys", user.sshKeys.map { $0 + "\n" }.joined(), mode: 0o600,
      owner: home.uid, group: home.gid)
  }

  /// The mode that the tree gives new homes (login.defs(5)).
  private func homeMode(in tree: borrowing Tree) throws(Failure) -> mode_t {
    let path = "/etc/login.defs"
    guard tree.exists(path) else { return 0o700 }
    for line in try tree.readText(path).parts(at: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      if words.count >= 2, words[0] == "HOME_MODE", let mode = mode_t(words[1], radix: 8) {
        return mode
      }
    }
    return 0o700
  }

  private func copy(_ source: String, to target: String, of home: Home, in tree: borrowing Tree)
    throws(Failure)
  {
    for entry in try tree.entries(in: source) {
      guard let name = entry.text else {
        throw Failure(
          "copy", "\(source)/\(entry.shown) to the home of a user", cause: "its name is not UTF-8",
          remedy: "remove or rename it in a script module that comes first")
      }
      let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
      let info = try tree.information(from)
      switch info.st_mode & S_IFMT {
      case S_IFDIR:
        try tree.makeDirectories(
          to, mode: info.st_mode & 0o7777, owner: home.uid, group: home.gid)
        try copy(from, to: to, of: home, in: tree)
      case S_IFLNK:
        try tree.link(to, to: try tree.linkTarget(from))
        try tree.setOwner(to, home.uid, home.gid)
      case S_IFREG:
        try tree.write(
          to, try tree.read(from), mode: info.st_mode & 0o7777, owner: home.uid, group: home.gid)
      default: break
      }
    }
  }
}
