/// A machine architecture, by Debian's name.
package enum Architecture: String, Sendable, Hashable, CaseIterable {
  case amd64
  case arm64
}
