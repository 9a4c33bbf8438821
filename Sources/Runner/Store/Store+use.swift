internal import Glibc
internal import Model

extension Store {
  /// Uses the store for one run: prepares it, protects what is used, and makes it as small as it has to
  /// be in the end.
  ///
  /// - Parameters:
  ///   - limit: The most that it may take then, in bytes; nil for no limit. What this run uses stays.
  ///   - progress: Told what is removed.
  ///   - body: Given the store.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws, and when the store cannot be used.
  package func use<Result>(
    limit: Int?, _ progress: Progress, _ body: (Store) async throws -> Result
  ) async throws -> Result {
    do {
      let store = try opened()
      defer { store.lease?.end() }
      do {
        let done = try await body(store)
        await store.tidy(limit, progress)
        return done
      } catch {
        await store.tidy(limit, progress)
        throw error
      }
    } catch var failure as Failure {
      if failure.code == ENOSPC {
        let room = "make room for the store \(root), or choose another with --store"
        failure.remedy = failure.remedy ?? room
      }
      // A directory where a file belongs: what an interrupted copy of a store, or a person, left.
      if failure.code == EISDIR || failure.code == ENOTDIR, failure.object.hasPrefix(root + "/") {
        failure.remedy =
          failure.remedy ?? "run: particle store verify --store \(shellWord(root))"
      }
      throw failure
    }
  }

  private func opened() throws(Failure) -> Store {
    do {
      try prepare()
      return try leased()
    } catch var failure {
      if failure.code != ENOSPC {
        failure.remedy = failure.remedy ?? "choose another directory for the store with --store"
      }
      throw failure
    }
  }

  private func tidy(_ limit: Int?, _ progress: Progress) async {
    guard let limit else { return }
    do {
      let outcome = try await onThread { try Eviction(from: self).shrink(to: limit) }
      if outcome.removed > 0 {
        progress.say("  removed \(outcome.removed) old results, \(ByteCount(outcome.freed))")
      }
      for failure in outcome.left { progress.say("warning: \(failure)") }
      if outcome.size > limit {
        progress.say(
          "  the store takes \(ByteCount(outcome.size)), more than its limit of"
            + " \(ByteCount(limit)): everything this run uses is kept")
      }
    } catch { progress.say("warning: the store was not cleaned up: \(error)") }
  }
}
