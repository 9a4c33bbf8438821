internal import Dispatch
internal import Model
internal import Processes
internal import Synchronization
package import Transfer

/// Several files to get, some of them at once.
package final class Downloads: Sendable {
  package typealias File = (download: Download, path: String)

  private let files: [File]
  private let patience: Transfer.Patience
  private let state = Mutex((next: 0, failed: (index: Int, why: Download.Problem)?.none))

  /// Connections at a time.
  private static let most = 6

  /// - Parameters:
  ///   - files: What to get, and where each goes.
  ///   - patience: How long servers are waited for.
  package init(_ files: [File], patience: Transfer.Patience) {
    self.files = files
    self.patience = patience
  }

  /// Downloads all of them; after one has failed, no further one is started.
  ///
  /// - Returns: The first one that failed, and why; nil if all were downloaded.
  package func run() -> (index: Int, why: Download.Problem)? {
    let group = DispatchGroup()
    for _ in 0..<min(Self.most, files.count) {
      group.enter()
      startThread { [self] in
        work()
        group.leave()
      }
    }
    group.wait()
    return state.withLock(\.failed)
  }

  /// What one thread does, with one connection.
  private func work() {
    while let index = next() {
      do throws(Failure) {
        let transfer = try Transfer()
        var place: Int? = index
        while let index = place {
          let (download, path) = files[index]
          do throws(Download.Problem) {
            try download.get(path, by: transfer, patience: patience)
          } catch { fail(index, error) }
          place = next()
        }
      } catch { fail(index, Download.Problem(files[index].download, error)) }
    }
  }

  private func next() -> Int? {
    state.withLock { state in
      guard state.failed == nil, state.next < files.count else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  private func fail(_ index: Int, _ why: Download.Problem) {
    state.withLock { state in
      if state.failed.map({ index < $0.index }) ?? true { state.failed = (index, why) }
    }
  }
}
