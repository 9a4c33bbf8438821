internal import Files
internal import Glibc
package import Model

/// How the outside world is asked.
package struct ResolveSettings: Sendable, Equatable {
  /// A mirror that takes the place of the recipe's and the host's.
  package var mirror: String?
  /// Where package lists are kept between runs; nil for the user's usual place.
  package var cache: String?
  /// Whether to use only what an earlier run fetched.
  package var offline: Bool
  /// An earlier manifest, whose packages are kept.
  package var lock: Manifest?
  /// Which of them may change all the same.
  package var update: Update
  /// A moment that takes the place of the recipe's.
  package var snapshot: Timestamp?
  /// The keys that the archive must be signed with, in the place of the recipe's.
  package var keyring: String?

  package init(
    mirror: String? = nil, cache: String? = nil, offline: Bool = false, lock: Manifest? = nil,
    update: Update = .none, snapshot: Timestamp? = nil, keyring: String? = nil
  ) {
    self.mirror = mirror
    self.cache = cache
    self.offline = offline
    self.lock = lock
    self.update = update
    self.snapshot = snapshot
    self.keyring = keyring
  }

  /// Where the cache is: a folder that is there, and that this user alone may write, as what is found in it is believed.
  ///
  /// Root's is not in the store, since apt's own user must be able to go there.
  ///
  /// - Throws: When others could have filled it, and when it cannot be made.
  func openCache() throws(Failure) -> String {
    let remedy = "choose another directory for the cache with --cache or PARTICLE_CACHE"
    let isRoot = geteuid() == 0
    let named = cache ?? getenv("PARTICLE_CACHE").map { String(cString: $0) } ?? ""
    let folder =
      if !named.isEmpty {
        named
      } else if isRoot {
        "/var/cache/particle-compile"
      } else {
        try OwnDirectory.userCache(remedy: remedy) + "/particle-compile"
      }
    try OwnDirectory.open(
      folder, mode: isRoot ? 0o755 : 0o700, purpose: "the cache", remedy: remedy)
    return folder
  }
}
