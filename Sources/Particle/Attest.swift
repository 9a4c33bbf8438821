internal import ArgumentParser
internal import Files
internal import Glibc
internal import Hashing
internal import JSON
internal import Model
internal import Processes
internal import Provenance
internal import Runner

/// The command `particle attest MANIFEST`.
struct Attest: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build a manifest and write a statement of provenance.",
    discussion: """
      Builds what is missing, as 'particle run' does, and writes provenance.json beside the \
      outputs: an in-toto statement with SLSA provenance that ties the digests of the outputs to \
      the digests of the manifest, the recipe and everything downloaded. With --key, it is also \
      signed by an SSH key, as provenance.json.sig.

      The statement holds no times and nothing of this machine, so independent builders who get \
      the same bytes write the same statement except for their names. 'particle verify' compares \
      such statements.

      Exit status: 0 done, 1 the build or the signature failed, 2 the command line or the manifest \
      is wrong.
      """)

  @Argument(
    help: "The manifest, such as out/manifest.json.", completion: .file(extensions: ["json"]))
  var manifest: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The directory of the outputs.", valueName: "dir"), completion: .directory)
  var output = "./out"

  @Option(
    help: ArgumentHelp(
      "A URI that names you as the builder, such as https://ci.example.org/images.",
      valueName: "uri"))
  var builder = "urn:particle-os:builder:unnamed"

  @Option(
    help: ArgumentHelp(
      "Sign with this SSH key: a private key, or a public one that ssh-agent holds.",
      valueName: "file"),
    completion: .file())
  var key: String?

  @OptionGroup var place: StoreCare.Place

  private static let name = "provenance.json"

  func validate() throws {
    if output.isEmpty { throw ValidationError("-o needs a directory name") }
    guard Statement.isBuilder(builder) else {
      throw ValidationError(
        "--builder needs a URI, such as https://ci.example.org/images, not '\(shown(builder))'")
    }
    if manifest == "-" {
      throw ValidationError("the manifest must be a file, as it is built and then read again")
    }
  }

  func run() throws {
    let file = try ManifestFile(manifest)
    if file.manifest.exports.keys.contains(where: { $0.begins(with: Self.name) }) {
      throw ValidationError("the manifest has an export named \(Self.name), as the statement is")
    }
    // A key that does not work is told before anything is built.
    if let key { _ = try Signature.sign([], with: key) }
    let subjects = try BuiltOutputs(of: manifest, in: output, store: place.store).digests
    let statement = Statement(
      file.manifest, SHA256.digest(file.bytes), subjects: subjects, builder: builder
    ).node.prettyBytes
    let path = output + "/" + Self.name
    let signature = try key.map { try Signature.sign(statement, with: $0) }
    // A signature of an earlier statement would make this one look forged.
    if Files.exists(path + ".sig"), unlink(path + ".sig") != 0 {
      throw Failure.system("replace", path + ".sig")
    }
    try Files.writeOutput(statement, to: path)
    if let signature { try Files.writeOutput(signature, to: path + ".sig") }
    Output.results.write(path + "\n" + (key == nil ? "" : path + ".sig\n"))
  }
}

/// The outputs that `particle-run` reports.
struct BuiltOutputs {
  /// By the names that stand in SHA256SUMS: a directory stands there as its listing.
  let digests: [ByteString: Digest]

  /// Builds a manifest on our own standard error.
  ///
  /// - Parameters:
  ///   - manifest: The manifest's path.
  ///   - folder: Where the outputs are placed.
  ///   - store: Where results are kept; nil for the usual place.
  /// - Throws: The exit status of `particle-run`, which has said why.
  init(of manifest: String, in folder: String, store: String?) throws {
    let arguments = (store.map { ["--store", $0] } ?? []) + ["--json", "--output", folder]
    let report = try Sibling.run.output(arguments + ["--", manifest])
    let node = try JSON.parse(report, file: "the report of particle-run", allowsDecimals: true)
    var digests: [ByteString: Digest] = [:]
    guard case .object(let exports)? = node["exports"]?.value else {
      throw Failure(
        "read", "the report of particle-run", cause: "it has no exports",
        remedy: "install particle and particle-run of the same version")
    }
    for export in exports {
      guard case .string(let path)? = export.value["path"]?.value,
        case .string(let hex)? = export.value["sha256"]?.value, let digest = Digest(hex: hex)
      else { continue }
      let isDirectory = try Files.information(path).st_mode & S_IFMT == S_IFDIR
      digests[ByteString(isDirectory ? export.key + ".listing" : export.key)] = digest
    }
    self.digests = digests
  }
}
