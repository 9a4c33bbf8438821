internal import Files
package import Model
internal import Processes

/// A container image on its way from a file or directory to a registry, by skopeo: bytes and digests stay as they
/// are.
package struct ImagePush: Sendable {
  /// A layout as a directory.
  package var layout: String
  /// What the image is called in a failure.
  package var title: String
  package var registry: RegistryImage
  /// Whether HTTP and certificates that nobody vouches for will do.
  package var isInsecure: Bool

  package init(
    _ layout: String, called title: String, to registry: RegistryImage, isInsecure: Bool
  ) {
    self.layout = layout
    self.title = title
    self.registry = registry
    self.isInsecure = isInsecure || registry.isLoopback
  }

  /// The image's name in the registry, without a tag.
  package var name: String { "\(registry.host)/\(registry.repository)" }

  /// Copies it.
  ///
  /// - Parameters:
  ///   - tag: The tag it gets.
  ///   - folder: Where files can be made.
  /// - Returns: The digest of its manifest.
  /// - Throws: When skopeo is missing, or the registry does not take the image.
  package func run(tag: String, in folder: String) throws(Failure) -> Digest {
    let file = folder + "/digest"
    let words =
      ["skopeo", "--command-timeout=\(Skopeo.longest)"]
      + (Skopeo.hasPolicy ? [] : ["--insecure-policy"])
      + ["copy", "--quiet", "--preserve-digests", "--digestfile", file]
      + (isInsecure ? ["--dest-tls-verify=false"] : []) + [
        "oci:" + layout, "docker://\(name):\(tag)",
      ]
    try Skopeo.checkLogins()
    let outcome: Command.Outcome
    do { outcome = try Command(words).run() } catch {
      throw Failure("run", "skopeo", cause: error.cause, remedy: "apt install skopeo")
    }
    guard outcome.ending.isSuccess else {
      let said = Skopeo.message(outcome.errorText)
      if said.contains("index.json: no such file") {
        throw Failure(
          "push", "the image to \(name):\(tag)",
          cause: "\(title) is not a container image: it has no index.json",
          remedy: "name an output of the format oci or oci-archive")
      }
      throw Failure(
        "push", "the image to \(name):\(tag)", cause: said,
        remedy: "check the name, and log in with 'skopeo login \(registry.host)' if that is needed")
    }
    let text = try Files.readText(file)
    guard let digest = Digest(text.prefix { !$0.isWhitespace }) else {
      throw Failure("read", "the digest of the image", cause: "skopeo wrote '\(text)'")
    }
    return digest
  }
}
