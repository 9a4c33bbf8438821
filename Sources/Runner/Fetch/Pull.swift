package import Model
package import Transfer

/// One run that brings sources into a store, for builds that are to come.
package struct Pull: Sendable {
  package var sources: [Digest: Source]
  package var store: Store
  /// The most that the store may take when all is done, in bytes.
  package var limit: Int
  package var progress: Progress
  package var patience = Transfer.Patience()

  package init(_ sources: [Digest: Source], into store: Store, limit: Int, progress: Progress) {
    self.sources = sources
    self.store = store
    self.limit = limit
    self.progress = progress
  }

  /// Downloads what the store lacks, and verifies it.
  ///
  /// - Returns: How many files were downloaded, and how many bytes.
  /// - Throws: When one is not to be had, or the store cannot be used.
  package func run() async throws -> (files: Int, size: Int) {
    let children = try Children()
    Interrupts.end(after: {
      children.stop()
      progress.close()
    })
    return try await store.use(limit: limit, progress) { store in
      let fetcher = Fetcher(
        sources, into: store, isOffline: false, patience: patience, children: children,
        progress: progress)
      do {
        try await fetcher.fetch(sources.keys.sorted(), later: [])
      } catch var failure as Failure where failure.operation == "download" {
        // Of a build it is to compile again.
        failure.remedy = "try again; 'particle container inspect' shows what the image is now"
        throw failure
      }
      await fetcher.tellSum()
      return (files: await fetcher.count, size: await fetcher.size)
    }
  }
}
