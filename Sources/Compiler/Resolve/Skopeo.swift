internal import Files
internal import Glibc
internal import Model
internal import Processes

/// skopeo(1), which knows all places where container images are, and which of them are signed.
///
/// It gets no logins: it would give them to whichever server a registry names.
struct Skopeo: ImageSource {
  var image: ImageReference
  /// Where the recipe names it; nil where a command line does.
  var mark: Mark?
  /// In which part of the recipe that is.
  var part: String
  var architecture: Architecture

  func inspect() throws(ResolveError) -> [UInt8] {
    try inspect(nil, [])
  }

  func documents(_ digest: Digest) throws(ResolveError) -> (manifest: [UInt8], config: [UInt8]) {
    guard case .layout(let path, isArchive: false, _) = image.place else {
      return (manifest: try inspect(digest, []), config: try inspect(digest, ["--config"]))
    }
    // Of an index in a layout skopeo gives no part by its digest.
    do throws(Failure) {
      let manifest = try Files.read("\(path)/blobs/sha256/\(digest.hex)")
      let config = try ImageManifest(manifest, of: image.text).config
      return (manifest: manifest, config: try Files.read("\(path)/blobs/sha256/\(config.hex)"))
    } catch { throw .failure(error) }
  }

  private func inspect(_ digest: Digest?, _ options: [String]) throws(ResolveError) -> [UInt8] {
    try run(
      within: "5m",
      ["inspect", "--raw", "--no-creds"] + options + (isLoopback ? ["--tls-verify=false"] : []),
      [place(of: digest)])
  }

  private func place(of digest: Digest?) -> String {
    var source = image
    if let digest, case .registry(var registry) = image.place {
      registry.digest = digest
      source.place = .registry(registry)
    }
    return source.forSkopeo
  }

  func copy(_ digest: Digest?, to folder: String) throws(ResolveError) {
    _ = try run(
      // All blobs of an image may take as long as that.
      within: "6h",
      ["copy", "--quiet", "--src-no-creds"] + (isLoopback ? ["--src-tls-verify=false"] : []),
      [place(of: digest), "dir:\(folder)"])
  }

  private var isLoopback: Bool {
    if case .registry(let registry) = image.place { return registry.isLoopback }
    return false
  }

  private func run(within time: String, _ command: [String], _ operands: [String])
    throws(ResolveError) -> [UInt8]
  {
    let words =
      ["skopeo", "--override-os=linux", "--override-arch=\(architecture.rawValue)"]
      // A registry can send a byte a minute.
      + ["--command-timeout=\(time)"]
      + (SignaturePolicy.path == nil ? ["--insecure-policy"] : []) + command + operands
    let outcome: Command.Outcome
    do { outcome = try Command(words).run() } catch {
      throw .failure(
        Failure(
          "run", "skopeo", cause: error.cause,
          remedy: "install skopeo, which looks up container images: apt install skopeo"))
    }
    if outcome.ending.isSuccess { return outcome.output }
    throw problem(Self.message(outcome.errorText))
  }

  /// Where to put a layout for skopeo.
  ///
  /// It refuses one whose path has a colon, behind which it looks for the image's name; links do not hide it.
  ///
  /// - Parameter folder: The directory to take where that is possible.
  /// - Returns: It, or the one for temporary files.
  static func folder(preferring folder: String) -> String {
    hasColon(folder) ? "/var/tmp" : folder
  }

  /// Whether a path has a colon, or what it leads to.
  static func hasColon(_ path: String) -> Bool {
    guard !path.has(":"), let raw = realpath(path, nil) else { return path.has(":") }
    defer { free(raw) }
    return String(cString: raw).has(":")
  }

  /// What skopeo says in its last line: `time="…" level=fatal msg="…"`.
  private static func message(_ text: String) -> String {
    let last = text.split(separator: "\n").last.map(String.init) ?? "it gives no reason"
    guard let start = last.firstRange(of: "msg=\"") else { return last }
    return String(last[start.upperBound...].dropLast()).replacing("\\\"", with: "\"")
      .replacing("\\\\", with: "\\")
  }

  /// What skopeo's complaint means to the person who named the image.
  private func problem(_ said: String) -> ResolveError {
    func has(_ texts: String...) -> Bool {
      let said = said.lowercased()
      return texts.contains { said.contains($0) }
    }
    func refusal(_ problem: String, _ remedy: String) -> ResolveError {
      .refusal(
        Refusal(diagnostics: [Diagnostic(problem, at: mark, path: part, remedy: remedy)]))
    }
    var host = ""
    var name = image.text
    if case .registry(let registry) = image.place { (host, name) = (registry.host, registry.name) }
    if has("unauthorized", "authentication required", "denied", "forbidden"), !host.isEmpty {
      return refusal(
        "the registry \(host) denied access to '\(image.text)', which skopeo fetches because of this"
          + " machine's policy: \(said)",
        "skopeo gets no login here: copy the image with 'skopeo copy docker://\(name) oci:DIR',"
          + " and use oci:DIR")
    }
    if has("signature", "policy.json", "policy configuration", "rejected by policy") {
      return refusal(
        "the container image '\(image.text)' does not fulfil this machine's policy: \(said)",
        "use a signed image, or change the policy: see containers-policy.json(5)")
    }
    if has("no image found in") {
      return refusal(
        "cannot find the image '\(image.text)' for linux/\(architecture.rawValue): \(said)",
        "use an image for that architecture, or another --arch")
    }
    if has("manifest unknown", "name unknown", "no descriptor found", "not found")
      || has("does not resolve to an image id", "no such image")
    {
      return refusal(
        "cannot find the image '\(image.text)': \(said)",
        host.isEmpty
          ? "name an existing image" : "list the tags with: skopeo list-tags docker://\(name)")
    }
    if has("more than one image", "expected 1 item") {
      return refusal(
        "'\(image.text)' contains more than one image: \(said)",
        "name one of them: \(image.text):NAME")
    }
    if has("did not match", "digest mismatch", "unexpected eof", "invalid checksum", "not match") {
      return refusal(
        "the container image '\(image.text)' is damaged: \(said)", "build it or fetch it again")
    }
    return .failure(
      Failure(
        host.isEmpty ? "read" : "ask", host.isEmpty ? image.text : "the registry \(host)",
        cause: said,
        remedy: host.isEmpty
          ? "check that it is complete, and of the kind that its prefix says"
          : "check the name and the network"
            + (mark == nil ? "" : "; --offline uses what an earlier compilation found")))
  }
}
