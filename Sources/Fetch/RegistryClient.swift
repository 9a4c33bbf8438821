internal import Files
internal import Glibc
internal import JSON
package import Model
package import Transfer

/// A repository of a container registry, which is asked for manifests and blobs, and given some (OCI distribution
/// specification).
///
/// Logins go to the registry itself, and to the server of tokens that is known to be its own. Whatever else it leads to is
/// asked without them.
package struct RegistryClient: ~Copyable {
  /// `https://HOST`.
  let server: String
  let address: Address
  let repository: String
  let transfer: Transfer
  var authorization: Authorization

  /// How long a registry may take for one document.
  ///
  /// The whole is limited, since a registry can send a byte a second.
  static let patience = Transfer.Patience(total: 300)

  /// How long a registry may take for one blob: some put it to its place only when they have it all.
  package static let patienceForBlobs = Transfer.Patience(stall: 300, total: 6 * 3600)

  /// - Parameters:
  ///   - server: Where the registry is: `https://HOST`, or `http://HOST`, with a port where there is one.
  ///   - repository: What images in it are called.
  ///   - identity: How it has to prove who it is.
  /// - Throws: When it is no such address.
  package init(_ server: String, _ repository: String, _ identity: Transfer.Identity = .verified)
    throws(Failure)
  {
    let transfer = try Transfer(identity)
    let address: Address
    do throws(Address.Flaw) { address = try Address("\(server)/v2/\(repository)/") } catch {
      throw Failure("ask", "the registry \(server)", cause: error.problem, remedy: error.remedy)
    }
    self.server = server
    self.repository = repository
    self.transfer = transfer
    self.address = address
    authorization = Authorization(for: address, RegistryAccess(at: address, repository))
  }

  /// Whether something that speaks HTTP answers; nil where it does.
  package borrowing func absence() -> Transfer.Problem? {
    do throws(Transfer.Problem) {
      let reply = try transfer.send("HEAD", to: "\(server)/v2/", .question, patience: Self.patience)
      // So a server says that it expects encryption.
      return reply.status == 400 ? reply.problem : nil
    } catch { return error }
  }

  /// What a person is told whom the registry refuses.
  package var advice: [String] {
    address.isPrivate
      ? authorization.advice : ["no login is sent over a connection that is not encrypted"]
  }

  /// A server's text without what it was told of us, which it may repeat.
  package func withoutSecrets(_ text: String) -> String { authorization.withoutSecrets(text) }

  /// The documents that stand for images, OCI's and Docker's.
  private static let manifests = [
    "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
  ]

  /// A manifest or an index.
  ///
  /// - Parameter reference: A tag or a digest.
  /// - Returns: It, as it is; whether it has that digest nobody has looked.
  /// - Throws: Why the registry does not give it.
  package mutating func manifest(_ reference: String) throws(Transfer.Problem) -> [UInt8] {
    try readDocument("manifests/\(reference)", accepting: Self.manifests, limit: Self.mostManifest)
  }

  /// A small blob, such as an image's configuration; whether it has that digest nobody has looked.
  package mutating func document(_ digest: Digest) throws(Transfer.Problem) -> [UInt8] {
    try readDocument("blobs/\(digest)", accepting: [], limit: Limits.document)
  }

  /// How long a manifest may be, in bytes: no registry takes a longer one.
  private static let mostManifest = 4 << 20

  private mutating func readDocument(_ path: String, accepting types: [String], limit: Int)
    throws(Transfer.Problem) -> [UInt8]
  {
    do { return try read(path, accepting: types, limit: limit) } catch {
      throw authorization.withoutSecrets(error)
    }
  }

  private mutating func read(_ path: String, accepting types: [String], limit: Int)
    throws(Transfer.Problem) -> [UInt8]
  {
    var attempt = Attempt()
    while true {
      var bytes: [UInt8] = []
      do {
        try transfer.read(
          "\(server)/v2/\(repository)/\(path)", patience: Self.patience,
          authorization: authorization.header, accepting: types
        ) { piece, restarted in
          if restarted { bytes = [] }
          bytes += piece
          return bytes.count <= limit
        }
        return bytes
      } catch {
        if bytes.count > limit {
          throw Transfer.Problem(
            cause: "the document has more than \(limit >> 20) MiB", isTransient: false)
        }
        guard try attempt.mayRepeat(error, &authorization, transfer, Self.patience) else {
          throw error
        }
      }
    }
  }

  /// Sends something to the registry itself.
  mutating func send(
    _ method: String, _ url: String, _ content: Transfer.Content,
    _ patience: Transfer.Patience = Self.patience
  ) throws(Transfer.Problem) -> Transfer.Reply {
    var attempt = Attempt()
    while true {
      let problem: Transfer.Problem
      do {
        let reply = try transfer.send(
          method, to: url, content, patience: patience, authorization: authorization.header)
        guard var found = reply.problem else { return reply }
        found.cause += Self.reason(reply.text)
        problem = found
      } catch { problem = error }
      guard try attempt.mayRepeat(problem, &authorization, transfer, Self.patience) else {
        throw problem
      }
    }
  }

  /// What a registry says of why it refuses (OCI distribution specification, "Error Codes").
  private static func reason(_ text: [UInt8]) -> String {
    guard case .list(let errors)? = (try? JSON.parse(text, file: ""))?["errors"]?.value else {
      return ""
    }
    let reasons = errors.compactMap { error -> String? in
      guard case .string(let message)? = (error["message"] ?? error["code"])?.value else {
        return nil
      }
      return shown(withoutLogins(message))
    }
    return reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")
  }
}

/// The pauses before a request is made again that a network's error has ended.
struct Pauses {
  private var rest = Download.pauses[...]

  /// Waits, where the same request may succeed later.
  mutating func wait(after problem: Transfer.Problem) -> Bool {
    guard problem.isTransient, let pause = rest.popFirst() else { return false }
    usleep(UInt32(pause) * 1000)
    return true
  }
}

/// One request, as often as it is worth making.
private struct Attempt {
  private var isAsked = false
  private var pauses = Pauses()

  /// Finds whether a request may be answered that was not: as somebody else, or later.
  mutating func mayRepeat(
    _ problem: Transfer.Problem, _ authorization: inout Authorization,
    _ transfer: borrowing Transfer, _ patience: Transfer.Patience
  ) throws(Transfer.Problem) -> Bool {
    if !problem.challenges.isEmpty, !isAsked {
      isAsked = true
      if try authorization.answer(problem, by: transfer, patience) { return true }
    }
    return pauses.wait(after: problem)
  }
}
