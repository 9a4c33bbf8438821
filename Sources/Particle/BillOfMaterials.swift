internal import ArgumentParser
internal import Files
internal import Model
internal import Provenance
internal import Runner

/// The command `particle sbom MANIFEST`.
struct BillOfMaterials: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sbom",
    abstract: "Write a software bill of materials for what a manifest builds.",
    discussion: """
      Lists every Debian package in the images with its version, source package, licence and \
      SHA-256, and the container image that they start from. Packages that only lend their tools \
      to the build are not in it. Licences come from the packages' machine-readable copyright \
      files; where a package has none, the licence is NOASSERTION or left out.

      The packages are read from the store, so build the manifest first. The same manifest gives \
      the same bytes every time.

      Exit status: 0 done, 1 a package is not in the store, 2 the command line or the manifest is \
      wrong.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case spdx, cyclonedx
  }

  @Argument(
    help: "The manifest, such as out/manifest.json; - for standard input.",
    completion: .file(extensions: ["json"]))
  var manifest: String

  @Option(help: "spdx (SPDX 2.3) or cyclonedx (CycloneDX 1.6), both in JSON.")
  var format = Format.spdx

  @Option(
    help: ArgumentHelp("List only what is in this export. Can be repeated.", valueName: "name"))
  var export: [String] = []

  @Option(
    help: ArgumentHelp(
      "Name the organisation that supplies the system, as NTIA's minimum elements demand.",
      valueName: "name"))
  var supplier: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write to this file. Default: standard output.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var output: String?

  @OptionGroup var place: StoreCare.Place

  func validate() throws {
    if let supplier, supplier.isEmpty || shown(supplier) != supplier {
      throw ValidationError("--supplier needs a name, in one line of visible characters")
    }
  }

  func run() throws {
    let file = try ManifestFile(manifest)
    let store = try place.open()
    var bill = try Bill(of: file.manifest, file.bytes, exports: export) { store.sourcePath($0) }
    bill.supplier = supplier
    let document = format == .spdx ? bill.spdx : bill.cycloneDX
    try Output.write(document, to: output)
  }
}

/// A manifest with the bytes that it is known by.
struct ManifestFile {
  let bytes: [UInt8]
  let manifest: Manifest

  /// - Parameter path: `-` for standard input.
  /// - Throws: When it cannot be read, or is not a manifest.
  init(_ path: String) throws {
    do { bytes = try Files.readInput(path) } catch {
      throw Refusal(diagnostics: [
        Diagnostic(
          "cannot read the manifest '\(shown(path))': \(error.cause)",
          remedy: "write one with 'particle compile RECIPE -o FILE'")
      ])
    }
    manifest = try Manifest.read(bytes, file: path == "-" ? "standard input" : path)
  }
}

extension Output {
  /// Writes one JSON value to a file, or to standard output where none is named.
  static func write(_ value: Node, to path: String?) throws {
    guard let path, path != "-" else { return results.write(value) }
    try Files.writeOutput(value.prettyBytes, to: path)
  }
}
