/// A machine architecture, by Debian's name.
package enum Architecture: String, Sendable, Hashable, CaseIterable {
  case amd64
  case arm64

  /// The one that this program is compiled for; nil for any other.
  package static var own: Architecture? {
    #if arch(x86_64)
      .amd64
    #elseif arch(arm64)
      .arm64
    #else
      nil
    #endif
  }
}
