internal import ArgumentParser
internal import Files
internal import Glibc
internal import Hashing
internal import Model
internal import Provenance
internal import Runner

/// The command `particle verify STATEMENT…`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check statements of what was built against each other, the files or a rebuild.",
    discussion: """
      Several statements must be about the same manifest and agree on the digest of every output \
      that two of them name. With --outputs, the files in a directory must have the digests. With \
      --rebuild, the manifest is built again from nothing and must give the digests. With \
      --signers, every statement must be signed by a key in that file.

      Exit status: 0 everything agrees, 1 something differs or a signature is not valid, 2 the \
      command line is wrong or a file is not a statement.
      """)

  @Argument(
    help: "Statements that 'particle attest' wrote.", completion: .file(extensions: ["json"]))
  var statements: [String]

  @Option(
    help: ArgumentHelp(
      "Require signatures by keys in this file, in the form of ssh-keygen's allowed signers.",
      valueName: "file"),
    completion: .file())
  var signers: String?

  @Option(
    help: ArgumentHelp("Check the files in this directory.", valueName: "dir"),
    completion: .directory)
  var outputs: String?

  @Option(
    help: ArgumentHelp(
      "Build this manifest again, in an empty store, and compare.", valueName: "manifest"),
    completion: .file(extensions: ["json"]))
  var rebuild: String?

  @Option(
    name: .customLong("at-least"),
    help: ArgumentHelp(
      "Require this many different builders. With --signers, different signers.",
      valueName: "count"))
  var least = 1

  func validate() throws {
    guard least > 0 else { throw ValidationError("--at-least must be greater than 0") }
    if statements.count == 1, signers == nil, outputs == nil, rebuild == nil {
      throw ValidationError(
        "one statement alone proves nothing: add another, --outputs, --rebuild or --signers")
    }
  }

  func run() throws {
    var claims: [Claim] = []
    var parties: Set<ByteString> = []
    for path in statements {
      let bytes = try Files.read(path)
      let claim = try Claim(bytes, file: path)
      if let signers {
        let who = try Signature.check(path, bytes, by: signers)
        Output.results.write("\(path): signed by \(who), built by \(claim.builder)\n")
        parties.insert(ByteString(who))
      } else {
        Output.results.write("\(path): built by \(claim.builder)\n")
        parties.insert(ByteString(claim.builder))
      }
      claims.append(claim)
    }
    var differences = parties.count < least ? [tooFew(parties.count)] : []
    differences += Agreement.differences(of: claims)
    if let outputs { differences += try Agreement.differences(of: claims, files: outputs) }
    if let rebuild { differences += try rebuilding(rebuild, against: claims) }
    for difference in differences { Output.results.write("differs: \(difference)\n") }
    guard differences.isEmpty else { throw ExitCode(1) }
    let names = Set(claims.flatMap(\.subjects.keys))
    Output.results.write(
      "\(counted(claims.count, "statement")) of manifest"
        + " \(claims[0].manifest), \(counted(names.count, "output")):"
        + " everything agrees\n")
  }

  private func tooFew(_ count: Int) -> String {
    let kind = signers == nil ? "builder" : "signer"
    return "\(least) different \(kind)s are required, and the statements are by \(count)"
  }

  private func rebuilding(_ path: String, against claims: [Claim]) throws -> [String] {
    let digest = SHA256.digest(try ManifestFile(path).bytes)
    let others = claims.filter { $0.manifest != digest }
    guard others.isEmpty else {
      return others.map {
        "\($0.file) is about the manifest \($0.manifest), and \(path) is \(digest)"
      }
    }
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let folder = try Files.makeTemporaryDirectory(
      in: named.isEmpty ? "/var/tmp" : named, prefix: "particle-verify-")
    Interrupts.end { try? Files.removeTree(folder) }
    defer { try? Files.removeTree(folder) }
    let built = try BuiltOutputs(of: path, in: folder + "/out", store: folder + "/store").digests
    return Agreement.differences(of: claims, against: built, in: "the rebuild")
  }
}
