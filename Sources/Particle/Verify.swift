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
    abstract: "Check statements of provenance against each other, output files or a rebuild.",
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
    if let outputs {
      let isDirectory = try? Files.information(outputs + "/.").st_mode & S_IFMT == S_IFDIR
      guard isDirectory == true else {
        throw ValidationError("--outputs needs a directory, and '\(shown(outputs))' is not one")
      }
    }
    if let signers { _ = try input(signers, "the file of signers") }
    let claims = try statements.map { path in
      let bytes = try input(path, "the statement")
      let claim = try Claim(bytes, file: path)
      guard let signers else {
        Output.results.write("\(shown(path)): built by \(claim.builder)\n")
        return (claim: claim, party: claim.builder)
      }
      let who = try Signature.check(path, bytes, by: signers)
      Output.results.write("\(shown(path)): signed by \(shown(who)), built by \(claim.builder)\n")
      return (claim: claim, party: who)
    }
    let all = claims.map(\.claim)
    var differences = Agreement.differences(of: all)
    differences += Agreement.shortages(
      of: claims, least: least, signers == nil ? "builder" : "signer")
    if let outputs { differences += try Agreement.differences(of: all, files: outputs) }
    if let rebuild { differences += try rebuilding(rebuild, against: all) }
    for difference in differences { Output.results.write("differs: \(difference)\n") }
    guard differences.isEmpty else { throw ExitCode(1) }
    let names = Set(all.flatMap(\.subjects.keys))
    let listings = names.filter { $0.hasSuffix(".listing") }.sorted()
    if outputs != nil, !listings.isEmpty {
      let text = listings.map(\.shown).joined(separator: ", ")
      Output.results.write("of directories, only the listings were checked: \(text)\n")
    }
    Output.results.write(
      "\(counted(all.count, "statement")) of manifest \(all[0].manifest),"
        + " \(counted(names.count, "output")): everything agrees\n")
  }

  /// A statement of a hundred outputs has some 30 KB.
  private static let limit = 64 << 20

  /// The bytes of a file that the command line names.
  private func input(_ path: String, _ what: String) throws -> [UInt8] {
    do {
      return try Files.readInput(path, limit: Self.limit)
    } catch {
      throw ValidationError("cannot read \(what) '\(shown(path))': \(error.cause)")
    }
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
