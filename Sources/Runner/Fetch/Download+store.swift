internal import Fetch
internal import Files
internal import Glibc
internal import Model
internal import Transfer

extension Download {
  /// Gets the file, going on from what an earlier try has left.
  ///
  /// When this returns, the store has the file, verified. After each piece `received` is told how
  /// many bytes are here, and how many have just come; its false ends the download.
  ///
  /// - Throws: When no URL gives the file; the cause says of each why.
  func run(
    into store: Store, by transfer: borrowing Transfer, patience: Transfer.Patience,
    received: (_ has: Int, _ new: Int) -> Bool = { _, _ in true }
  ) throws(Failure) {
    let part = store.partPath(digest)
    // What is not a file of ours was not left by a download, and a lock would go to what it leads to.
    if let information = try? Files.information(part), information.st_mode & S_IFMT != S_IFREG {
      try Files.removeTree(part)
    }
    while true {
      // Another run may be at the same file: wait for it, and see what it did.
      let lock = try FileLock(part, .exclusive)
      if store.hasSource(digest, size: source.size) {
        if lock.isOn(part) { unlink(part) }
        return
      }
      guard lock.isOn(part) else { continue }
      do throws(Problem) {
        try get(part, by: transfer, patience: patience, received: received)
      } catch {
        throw error.failure(
          orElse: "if it no longer has the file, compile the recipe again, or copy the file to"
            + " \(store.sourcePath(digest))")
      }
      store.admitReaders(to: part)
      // The time of the download must not reach a stage that looks.
      let time = [timespec(), timespec()]
      utimensat(AT_FDCWD, part, time, 0)
      try Files.rename(part, to: store.sourcePath(digest))
      return
    }
  }
}
