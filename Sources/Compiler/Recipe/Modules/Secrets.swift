internal import Model

extension Schema where Value == String {
  /// A password's hash by one of the methods of crypt(5) that still hold, `*` or `!`.
  static var passwordHash: Self {
    string.refusing { text in
      if ["*", "!"].contains(text) { return nil }
      let methods = [
        "\\$y\\$[./A-Za-z0-9]+\\$[./A-Za-z0-9]{0,86}\\$[./A-Za-z0-9]{43}",
        "\\$gy\\$[./A-Za-z0-9]+\\$[./A-Za-z0-9]{0,86}\\$[./A-Za-z0-9]{43}",
        "\\$7\\$[./A-Za-z0-9]{11,97}\\$[./A-Za-z0-9]{43}",
        "\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}",
        "\\$6\\$(rounds=[1-9][0-9]{2,8}\\$)?[^$:\\x00-\\x20\\x7f]{0,16}\\$[./A-Za-z0-9]{86}",
        "\\$5\\$(rounds=[1-9][0-9]{2,8}\\$)?[^$:\\x00-\\x20\\x7f]{0,16}\\$[./A-Za-z0-9]{43}",
      ]
      if methods.contains(where: text.fits) { return nil }
      let remedy = "make one with 'mkpasswd -m yescrypt' or 'openssl passwd -6', and quote it"
      // What looks like a password is not repeated.
      if !text.hasPrefix("$") { return ("this is a plain-text password, not a hash", remedy) }
      if text.hasPrefix("$1$") { return ("MD5 hashes are too weak", remedy) }
      return ("this password hash is incomplete", remedy)
    }
  }

  /// A line of authorized_keys(5): perhaps options, a key type, the key in Base64, a comment.
  static var sshKey: Self {
    string.refusing { text in
      let remedy = "paste the one line of a .pub file: ssh-ed25519 AAAA… name"
      if text.contains("PRIVATE KEY") {
        return (
          "this is a private key", "keep it secret, generate a new key, and paste its .pub file"
        )
      }
      if text.contains(where: \.isNewline) { return ("an SSH key must be on one line", remedy) }
      let types = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
      ]
      let words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
      guard let type = words.firstIndex(where: types.contains), type + 1 < words.count else {
        return ("this is not an SSH public key", remedy)
      }
      // The key's first field is its type's length, in four bytes, of which the first three are 0.
      guard words[type + 1].fits("AAAA[A-Za-z0-9+/]{16,}={0,2}") else {
        return ("the Base64 part of the SSH key is incomplete", remedy)
      }
      return nil
    }
  }
}
