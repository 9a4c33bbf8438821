internal import Glibc

extension String {
  /// The address of the file of this machine that has this path (RFC 8089), escaped as RFC 3986,
  /// section 2.1, has it.
  var fileAddress: String {
    var path = self
    if let real = realpath(self, nil) {
      path = String(cString: real)
      free(real)
    }
    let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/+".utf8)
    let escaped = path.utf8.map { byte in
      if kept.contains(byte) { return String(decoding: [byte], as: UTF8.self) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }
    return "file://" + escaped.joined()
  }
}
