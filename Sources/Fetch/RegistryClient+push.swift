package import Files
internal import Hashing
package import Model
package import Transfer

extension RegistryClient {
  /// Whether the registry has a blob.
  ///
  /// - Parameters:
  ///   - blob: Its digest.
  ///   - size: Its size, in bytes.
  /// - Returns: Whether it says that it has a blob of this digest and size.
  /// - Throws: Why the registry does not say so.
  package mutating func has(_ blob: Digest, size: Int) throws(Transfer.Problem) -> Bool {
    var reply: Transfer.Reply
    do {
      reply = try send("HEAD", "\(server)/v2/\(repository)/blobs/\(blob)", .question)
      if let place = reply.location, (300..<400).contains(reply.status) {
        let other = try address(place, "redirects to")
        reply = try transfer.send("HEAD", to: other.text, .question, patience: Self.patience)
      }
    } catch {
      if error.status == 404 { return false }
      throw error
    }
    // Whatever else says yes to everything, such as a page to log in at, is no answer.
    return reply.status == 200 && reply.size ?? size == size
  }

  /// Gives the registry a blob.
  ///
  /// - Parameters:
  ///   - blob: Its digest.
  ///   - file: The blob.
  ///   - size: Of the file, in bytes.
  /// - Throws: Why the registry does not take it.
  package mutating func upload(_ blob: Digest, _ file: borrowing FileDescriptor, size: Int)
    throws(Transfer.Problem)
  {
    let content = Transfer.Content.file(file.raw, size: size)
    var pauses = Pauses()
    while true {
      do throws(Transfer.Problem) {
        let place = try placeForUpload()
        let end = (place.text.contains("?") ? "&" : "?") + "digest=\(blob)"
        let isOwn = place.origin == address.origin
        let reply =
          isOwn
          ? try send("PUT", place.text + end, content, Self.patienceForBlobs)
          // Another server, which knows by the address that it may take it.
          : try transfer.send(
            "PUT", to: place.text + end, content, patience: Self.patienceForBlobs)
        if isOwn || reply.problem == nil { return try requireCreated(reply) }
        throw Transfer.Problem(
          cause:
            "\(place.server), where the registry takes layers and which is sent no login, responded"
            + " with status \(reply.status)", isTransient: reply.problem?.isTransient ?? false)
      } catch {
        // An upload that broke off begins anew.
        guard pauses.wait(after: error) else { throw error }
      }
    }
  }

  /// Where the registry takes the next blob.
  private mutating func placeForUpload() throws(Transfer.Problem) -> Address {
    let reply = try send(
      "POST", "\(server)/v2/\(repository)/blobs/uploads/", .bytes([], type: Self.anything))
    guard let text = reply.location, reply.status == 202 else {
      throw Transfer.Problem(
        cause: "the registry does not say where it takes layers", isTransient: false)
    }
    return try address(text, "takes layers at")
  }

  /// Another place that the registry names, perhaps from where it is itself (RFC 3986, "Reference Resolution").
  private func address(_ text: String, _ what: String) throws(Transfer.Problem) -> Address {
    var text = String(text.prefix { $0 != "#" })
    if text.hasPrefix("//") {
      text = "\(address.scheme):\(text)"
    } else if text.hasPrefix("/") {
      text = server + text
    } else if !Self.hasScheme(text) {
      let folder = "\(server)/v2/\(repository)/blobs/uploads/"
      text = folder + text
    }
    func refusal(_ flaw: String) -> Transfer.Problem {
      Transfer.Problem(
        cause: "the registry \(what) '\(text)', which is refused: \(flaw)", isTransient: false)
    }
    let place: Address
    do { place = try Address(text) } catch { throw refusal(error.problem) }
    if place.scheme == .file { throw refusal("it is a file on this machine") }
    if place.scheme == .http, address.scheme == .https { throw refusal("it is not encrypted") }
    return place
  }

  /// Whether it is a whole URI, not one that is seen from another (RFC 3986, "Scheme").
  private static func hasScheme(_ text: String) -> Bool {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
    let scheme = text.utf8[..<colon]
    return !scheme.isEmpty
      && scheme.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "+.-".utf8.contains(byte)
        }
      }
  }

  /// Refuses any answer but the one that a registry gives when it has taken something.
  private func requireCreated(_ reply: Transfer.Reply) throws(Transfer.Problem) {
    guard reply.status != 201 else { return }
    throw Transfer.Problem(
      cause:
        "the server responded with status \(reply.status) instead of 201: it is perhaps not a registry",
      isTransient: false)
  }

  private static let anything = "application/octet-stream"

  /// Gives the registry a manifest or an index.
  ///
  /// - Parameters:
  ///   - manifest: The document.
  ///   - type: Its media type.
  ///   - reference: The tag it gets, or its digest.
  /// - Throws: Why the registry does not take it.
  package mutating func put(_ manifest: [UInt8], type: String, as reference: String)
    throws(Transfer.Problem)
  {
    let reply = try send(
      "PUT", "\(server)/v2/\(repository)/manifests/\(reference)", .bytes(manifest, type: type))
    try requireCreated(reply)
    let own = SHA256.digest(manifest).description
    if let digest = reply.digest, digest != own {
      throw Transfer.Problem(
        cause: "the registry has the image as \(digest), not as \(own)", isTransient: false)
    }
  }
}
