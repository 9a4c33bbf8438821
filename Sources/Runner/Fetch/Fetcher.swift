internal import Fetch
internal import Files
internal import Glibc
internal import Hashing
package import Model
internal import Processes
internal import Synchronization
package import Transfer

/// Brings sources into the store, each at most once.
package actor Fetcher {
  private let store: Store
  private let sources: [Digest: Source]
  private let isOffline: Bool
  private let workers: DownloadWorkers
  private let progress: Progress
  private var running: [Digest: Task<Void, any Error>] = [:]
  /// How much was downloaded.
  package private(set) var count = 0
  /// In bytes.
  package private(set) var size = 0

  /// Downloads end when `children` are stopped, and `progress` is told how they go.
  package init(
    _ sources: [Digest: Source], into store: Store, isOffline: Bool,
    patience: Transfer.Patience = Transfer.Patience(), children: Children, progress: Progress
  ) {
    self.sources = sources
    self.store = store
    self.isOffline = isOffline
    self.progress = progress
    workers = DownloadWorkers(
      store: store, patience: patience, children: children, progress: progress)
  }

  /// Starts to get what is missing, in this order, and does not wait for it.
  package func prefetch(_ digests: [Digest]) {
    guard !isOffline else { return }
    for digest in digests { _ = task(for: digest) }
  }

  /// Returns when the store has all of these.
  ///
  /// Those that will be wanted `later` are given to name them too when there is no network.
  package func fetch(_ digests: [Digest], later: [Digest]) async throws {
    if isOffline {
      var seen: Set<Digest> = []
      let missing = (digests + later).filter { seen.insert($0).inserted && isMissing($0) }
      if !digests.allSatisfy({ !isMissing($0) }) {
        let list = missing.map { "  \(sources[$0]?.name ?? "") (\($0))" }
        throw Failure(
          "build", "offline",
          cause: "the store lacks \(counted(missing.count, "source")):\n"
            + list.joined(separator: "\n"),
          remedy: "run once without --offline")
      }
    }
    for task in digests.map({ self.task(for: $0) }) { try await task.value }
  }

  /// Says how much was downloaded, where anything was.
  func tellSum() {
    if count > 0 { progress.say("  downloaded \(counted(count, "file")), \(ByteCount(size))") }
  }

  private func isMissing(_ digest: Digest) -> Bool {
    guard case .download(let download) = sources[digest] else { return false }
    return !store.hasSource(digest, size: download.size)
  }

  private func task(for digest: Digest) -> Task<Void, any Error> {
    if let task = running[digest] { return task }
    let task = Task { try await self.get(digest) }
    running[digest] = task
    return task
  }

  private func get(_ digest: Digest) async throws {
    switch sources[digest] {
    case nil: break
    case .inline(let inline): try keep(inline, as: digest)
    case .download(let source):
      if store.hasSource(digest, size: source.size) { return }
      progress.tell(.queued(size: source.size))
      try await workers.run(Download(digest: digest, source: source))
      progress.tell(.downloaded(digest, size: source.size))
      StoreObject(.sources, digest.hex).setUsed(in: store.root)
      count += 1
      size += source.size
    }
  }

  private func keep(_ inline: Source.Inline, as digest: Digest) throws {
    guard let bytes = decodeBase64(inline.inline), SHA256.digest(bytes) == digest else {
      throw Refusal(diagnostics: [
        Diagnostic(
          "the content of the inline source '\(inline.name)' does not match its digest",
          path: "sources.\(digest)", remedy: "compile the recipe again")
      ])
    }
    let path = store.sourcePath(digest)
    if store.hasSource(digest, size: bytes.count) { return }
    try Files.writeAtomically(bytes, to: path, mode: store.fileMode)
    utimensat(AT_FDCWD, path, [timespec(), timespec()], 0)
    StoreObject(.sources, digest.hex).setUsed(in: store.root)
  }
}

/// Threads that download: as many as there are files to get, up to eight; each keeps its
/// connection until nothing is left to do.
private final class DownloadWorkers: Sendable {
  private struct Job: Sendable {
    var download: Download
    var done: CheckedContinuation<Void, any Error>
  }

  private let store: Store
  private let patience: Transfer.Patience
  private let children: Children
  private let progress: Progress
  private let state = Mutex((queue: [Job](), workers: 0))

  init(store: Store, patience: Transfer.Patience, children: Children, progress: Progress) {
    self.store = store
    self.patience = patience
    self.children = children
    self.progress = progress
  }

  func run(_ download: Download) async throws {
    try await withCheckedThrowingContinuation { continuation in
      let isWorkerMissing = state.withLock { state in
        state.queue.append(Job(download: download, done: continuation))
        guard state.workers < 8 else { return false }
        state.workers += 1
        return true
      }
      if isWorkerMissing { startThread { self.work() } }
    }
  }

  private func work() {
    do {
      let transfer = try Transfer()
      while let job = next() {
        job.done.resume(with: Result { try self.run(job.download, by: transfer) })
      }
    } catch {
      while let job = next() { job.done.resume(throwing: error) }
    }
  }

  private func run(_ download: Download, by transfer: borrowing Transfer) throws {
    if children.isStopped { throw CancellationError() }
    try download.run(into: store, by: transfer, patience: patience) { has, new in
      progress.tell(.received(download.digest, has: has, new: new))
      return !children.isStopped
    }
  }

  private func next() -> Job? {
    state.withLock { state in
      if state.queue.isEmpty {
        state.workers -= 1
        return nil
      }
      return state.queue.removeFirst()
    }
  }
}
