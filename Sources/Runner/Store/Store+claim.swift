internal import Files
internal import Model

extension Store {
  /// Makes sure that owners of files in this store mean to us what they meant to who wrote them:
  /// root's layers and a user's have other ids on the disk, and other marks for removed folders.
  func claim() throws(Failure) {
    let ours = try UserNamespace.ids()
    let path = root + "/ids"
    guard let theirs = try? Files.readText(path) else {
      do { return try Files.writeAtomically(Array(ours.utf8), to: path) } catch {
        throw refusal(error.cause)
      }
    }
    if theirs != ours {
      throw refusal("it belongs to another user, or to the same user with other subordinate ids")
    }
  }

  private func refusal(_ cause: String) -> Failure {
    Failure(
      "use", "the store \(root)", cause: cause,
      remedy: "choose another directory with --store; every user needs a store of their own")
  }
}
