/// A name or a path as the kernel and archives have it: bytes, which need not be UTF-8.
///
/// Two are equal when their bytes are, and are ordered by them. A `String` is not: Swift takes two spellings of `é`
/// (one scalar, or `e` and an accent) for one text, and cannot hold a byte that is not UTF-8. So whatever names a file, a
/// key or an option is compared as this; a text for people is made with `shown`.
package struct ByteString: Sendable, Hashable {
  package var bytes: [UInt8]

  package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  package init(_ text: String) { bytes = Array(text.utf8) }

  /// All bytes at once: an array hashes them one by one.
  package func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }

  package var isEmpty: Bool { bytes.isEmpty }

  /// The same as a text; nil where the bytes are not UTF-8.
  package var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The same for people, on one line and without anything that a terminal obeys.
  package var shown: String { Model.shown(bytes) }

  package func hasPrefix(_ prefix: ByteString) -> Bool { bytes.starts(with: prefix.bytes) }

  package func hasSuffix(_ suffix: ByteString) -> Bool {
    bytes.count >= suffix.bytes.count
      && bytes.suffix(suffix.bytes.count).elementsEqual(suffix.bytes)
  }

  package static func + (a: ByteString, b: ByteString) -> ByteString {
    ByteString(a.bytes + b.bytes)
  }
}

extension ByteString: Comparable {
  package static func < (a: ByteString, b: ByteString) -> Bool {
    a.bytes.lexicographicallyPrecedes(b.bytes)
  }
}

extension ByteString: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self.init(text) }
}

/// As it is shown to people.
extension ByteString: CustomStringConvertible {
  package var description: String { shown }
}

extension ByteString {
  private static let slash = UInt8(ascii: "/")

  /// The names of a path, without the empty ones: `/a//b/` has `a` and `b`.
  package var names: [ByteString] {
    bytes.split(separator: Self.slash).map { ByteString($0) }
  }

  /// A path with one more name; the empty path is where one begins.
  package func appending(_ name: ByteString) -> ByteString {
    isEmpty ? name : ByteString(bytes + [Self.slash] + name.bytes)
  }

  /// The last name of a path; nil for a path without any.
  package var lastName: ByteString? {
    bytes.split(separator: Self.slash).last.map { ByteString($0) }
  }
}
