internal import Model

extension ByteString {
  /// Without `.` and needless slashes; the root itself is `.`, as in listings.
  var place: ByteString {
    let names = names.filter { $0 != "." }
    return names.isEmpty
      ? "." : ByteString(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
  }
}
