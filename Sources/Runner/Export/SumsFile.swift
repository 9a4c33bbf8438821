internal import Files
internal import Glibc
package import Model
internal import Synchronization

/// The `SHA256SUMS` of a directory, with what is to be written into it.
///
/// Many outputs are not to cost a file of all of them each: it is due only when as many lines have come as it had.
package final class SumsFile: Sendable {
  private let directory: String
  private let state = Mutex(State())

  private struct State {
    /// What the file was when it was read last, and what it said.
    var stamp: String?
    var known: Checksums? = Checksums()
    var new: [(name: String, digest: Digest)] = []
  }

  private var path: String { directory + "/" + OutputNames.sums }

  package init(in directory: String) { self.directory = directory }

  /// What the file says; nil for one that sha256sum(1) did not write.
  func read() -> Checksums? { state.withLock { read(&$0) } }

  private func read(_ state: inout State) -> Checksums? {
    let stamp = (try? Files.information(path)).map { info in
      "\(info.st_ino) \(info.st_size) \(info.st_mtim.tv_sec) \(info.st_mtim.tv_nsec) \(info.st_ctim.tv_nsec)"
    }
    if stamp != state.stamp {
      state.known = (try? Files.read(path)).map { Checksums($0) } ?? Checksums()
      state.stamp = stamp
    }
    return state.known
  }

  /// Notes the digest of an output.
  ///
  /// - Returns: Whether the file should be written now.
  package func set(_ name: String, _ digest: Digest) -> Bool {
    state.withLock { state in
      state.new.append((name, digest))
      return state.new.count > (read(&state)?.count ?? 0) / 2
    }
  }

  /// What is to be in the file; nil where it is there already.
  package var text: [UInt8]? {
    state.withLock { state in
      guard !state.new.isEmpty else { return nil }
      var sums = read(&state) ?? Checksums()
      for (name, digest) in state.new { sums.set(name, digest) }
      sums.keepFiles(in: directory)
      let text = sums.text
      if (try? Files.read(path)) == text {
        state.new = []
        return nil
      }
      return text
    }
  }

  /// Forgets what `set` noted, once it is in the file.
  package func forget() { state.withLock { $0.new = [] } }
}
