internal import CLZMA
internal import CZlib
internal import CZstd
package import Model

/// The compressions that Debian's archives use.
package enum Compression: String, Sendable, CaseIterable {
  case none = ""
  case gzip = ".gz"
  case xz = ".xz"
  case zstd = ".zst"

  /// Undoes the compression of a whole file.
  ///
  /// - Parameters:
  ///   - bytes: The compressed bytes; several streams one after the other are read as one.
  ///   - name: What the file is called in a failure.
  ///   - limit: How many bytes they may come to.
  /// - Returns: The bytes as they were before.
  /// - Throws: When the bytes are damaged, end too early, or come to more than the limit.
  package func decompress(_ bytes: ArraySlice<UInt8>, name: String, limit: Int = Limits.package)
    throws(Failure) -> [UInt8]
  {
    guard self != .none else { return Array(bytes) }
    var left: ArraySlice<UInt8>? = bytes
    let decompressor = try Decompressor(self, [], name: name) { () throws(Failure) in
      // Pieces, so that no library's count of bytes is too small for them.
      guard let piece = left?.prefix(Self.pieceSize) else { return [] }
      left = left?.dropFirst(piece.count)
      return Array(piece)
    }
    var output: [UInt8] = []
    // More than most packages grow to: room that is not used costs nothing, growing does.
    output.reserveCapacity(min(bytes.count * 6, limit))
    while case let piece = try decompressor.next(), !piece.isEmpty {
      guard piece.count <= limit - output.count else {
        throw Failure(
          "decompress", name, cause: "it expands to more than \(ByteSize(bytes: limit)), the limit")
      }
      output += piece
    }
    return output
  }

  private static let pieceSize = 1 << 18
}
