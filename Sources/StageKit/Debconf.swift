package import Model
internal import Processes

/// The answers that packages of a Debian tree keep, so that a later `dpkg-reconfigure` or upgrade
/// finds what a stage has set, instead of setting it back.
package enum Debconf {
  /// Sets answers; nothing where the tree has no debconf.
  ///
  /// - Parameters:
  ///   - answers: Lines as debconf-set-selections(1) reads them.
  ///   - tree: The tree this process stands in.
  /// - Throws: When debconf refuses a line.
  package static func set(_ answers: [String], in tree: borrowing Tree) throws(Failure) {
    guard tree.exists("/usr/bin/debconf-set-selections") else { return }
    let text = answers.map { $0 + "\n" }.joined()
    try Command(["debconf-set-selections"], input: Array(text.utf8)).runLogged()
  }
}
