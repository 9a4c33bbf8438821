internal import Files
package import Model
internal import Processes

/// Detached signatures by SSH keys (`ssh-keygen -Y`, OpenSSH 8.2 and later), which people who use git know.
package enum Signature {
  /// What a signature is for, so that one for another purpose does not count.
  package static let namespace = "particle-os"

  /// Signs a file; the signature is beside it, as `FILE.sig`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - key: A private key, or the public half of one that an agent holds.
  /// - Throws: When ssh-keygen is missing or refuses.
  package static func sign(_ path: String, with key: String) throws(Failure) {
    // It asks before it replaces one.
    try? Files.removeTree(path + ".sig")
    let outcome = try run(["-Y", "sign", "-q", "-n", namespace, "-f", key, path], input: [])
    guard outcome.ending.isSuccess else {
      throw Failure(
        "sign", path, cause: outcome.errorText.trimmed,
        remedy: "name a private key of SSH that has no passphrase, or one that ssh-agent holds")
    }
  }

  /// Checks the signature beside a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - bytes: What was read from it.
  ///   - signers: A file of principals and their public keys (ssh-keygen(1), "ALLOWED SIGNERS").
  /// - Returns: Whose signature it is.
  /// - Throws: When it is missing, not of one of them, or not of these bytes.
  package static func check(_ path: String, _ bytes: [UInt8], by signers: String) throws(Failure)
    -> String
  {
    let signature = path + ".sig"
    func failure(_ cause: String, _ remedy: String) -> Failure {
      Failure("verify", path, cause: cause, remedy: remedy)
    }
    guard Files.exists(signature) else {
      throw failure(
        "it has no signature: \(signature) does not exist",
        "get the signature, too, or leave out --signers")
    }
    guard Files.exists(signers) else {
      throw Failure(
        "read", signers, cause: "it does not exist",
        remedy: "write lines such as 'builder@example.org ssh-ed25519 AAAA…'")
    }
    let found = try run(["-Y", "find-principals", "-f", signers, "-s", signature], input: [])
    let who = found.text.split(separator: "\n").first.map(String.init) ?? ""
    guard found.ending.isSuccess, !who.isEmpty else {
      throw failure(
        "its signature is not by a key in \(signers)",
        "add the key there only if you trust whoever holds it")
    }
    let outcome = try run(
      ["-Y", "verify", "-q", "-f", signers, "-I", who, "-n", namespace, "-s", signature],
      input: bytes)
    guard outcome.ending.isSuccess else {
      throw failure(
        "its signature does not belong to it: \(outcome.errorText.trimmed)",
        "get the statement and its signature again from \(who)")
    }
    return who
  }

  private static func run(_ arguments: [String], input: [UInt8]) throws(Failure) -> Command.Outcome
  {
    do { return try Command(["ssh-keygen"] + arguments, input: input).run() } catch {
      throw Failure(
        "run", "ssh-keygen", cause: error.cause, remedy: "apt install openssh-client",
        code: error.code)
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    split(separator: "\n").map { String($0.filter { $0 != "\r" }) }.joined(separator: "; ")
  }
}
