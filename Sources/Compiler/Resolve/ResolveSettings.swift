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

  var cacheFolder: String {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    if let folder = cache ?? variable("PARTICLE_CACHE") { return folder }
    if getuid() == 0 { return "/var/cache/particle/compile" }
    let home = variable("XDG_CACHE_HOME") ?? (variable("HOME") ?? "/tmp") + "/.cache"
    return home + "/particle/compile"
  }
}
