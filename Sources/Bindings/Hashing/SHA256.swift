internal import CCrypto
package import Model

/// A SHA-256 computation in progress, by OpenSSL's libcrypto.
package struct SHA256: ~Copyable {
  private let context: UnsafeMutablePointer<SHA256_CTX>

  package init() {
    context = .allocate(capacity: 1)
    guard SHA256_Init(context) == 1 else { preconditionFailure("libcrypto gives no SHA-256") }
  }

  deinit { context.deallocate() }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    _ = SHA256_Update(context, start, bytes.count)
  }

  package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  package func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The digest of all bytes given; the computation ends with this.
  package consuming func finish() -> Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    _ = SHA256_Final(&bytes, context)
    return Digest(bytes: bytes)
  }

  /// The digest of some bytes.
  package static func digest(_ bytes: [UInt8]) -> Digest {
    let hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }
}
