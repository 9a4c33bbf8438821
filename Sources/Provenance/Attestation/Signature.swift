internal import Files
internal import Glibc
package import Model
internal import Processes

/// Detached signatures by SSH keys (`ssh-keygen -Y`, OpenSSH 8.2 and later), which people who use git know.
package enum Signature {
  /// What a signature is for, so that one for another purpose does not count.
  package static let namespace = "particle-os"

  /// Signs a text.
  ///
  /// - Parameters:
  ///   - bytes: The text.
  ///   - key: A private key, or the public half of one that an agent holds.
  /// - Returns: The signature, as it stands in a file beside the text's.
  /// - Throws: When ssh-keygen is missing or refuses.
  package static func sign(_ bytes: [UInt8], with key: String) throws(Failure) -> [UInt8] {
    let outcome = try run(["-Y", "sign", "-q", "-n", namespace, "-f", key], input: bytes)
    guard outcome.ending.isSuccess else {
      throw Failure(
        "sign", "with the key \(key)", cause: outcome.errorText.joinedLines,
        remedy: "name a private key of SSH that has no passphrase, or one that ssh-agent holds")
    }
    return outcome.output
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
    // ssh-keygen would wait for what comes out of a pipe.
    do { _ = try FileDescriptor.openRegular(signature) } catch {
      throw failure(
        error.code == ENOENT
          ? "it has no signature: \(signature) does not exist"
          : "cannot read its signature \(signature): \(error.cause)",
        "get the signature, too, or leave out --signers")
    }
    let found = try run(["-Y", "find-principals", "-f", signers, "-s", signature], input: [])
    // It tells the first line with the key, and another may allow what that one does not.
    let lines = try Files.readText(signers).split(whereSeparator: \.isNewline)
    let listed = lines.compactMap { $0.split(separator: " ").first }.filter { !$0.hasPrefix("#") }
    let first = found.text.split(whereSeparator: \.isNewline)
    // A name may be several patterns; one that begins with '!' says who it is not.
    let people = (first + listed).flatMap { $0.split(separator: ",") }.map(String.init)
      .filter { !$0.begins(with: "!") }
    guard found.ending.isSuccess, !people.isEmpty else {
      let said = found.errorText.replacing("No principal matched.", with: "").joinedLines
      throw failure(
        "its signature is not by a key that \(signers) allows"
          + (said.isEmpty ? "" : ": \(said)"),
        "add the key there only if you trust whoever holds it")
    }
    var said = ""
    for who in people {
      let outcome = try run(
        ["-Y", "verify", "-q", "-f", signers, "-I", who, "-n", namespace, "-s", signature],
        input: bytes)
      if outcome.ending.isSuccess { return who }
      said = outcome.errorText.joinedLines
    }
    throw failure(
      "its signature is not valid for it: \(said)",
      "get the statement and its signature again, or look at what \(signers) allows the key for")
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
  /// Its lines in one; ssh-keygen ends some of them with a carriage return, too.
  fileprivate var joinedLines: String {
    split(whereSeparator: \.isNewline).map { String($0.filter { $0 != "\r" }) }
      .filter { !$0.isEmpty }.joined(separator: "; ")
  }
}
