internal import ArgumentParser
internal import Compiler
internal import Files
internal import Model
internal import Provenance
internal import Reporting
internal import Runner

/// The command `particle report MANIFEST`.
struct ShowReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page about a build: outputs, contents, stages, packages and changes.",
    discussion: """
      The page is one HTML file that needs no other file and no network. It shows the outputs with \
      their digests, what fills each system by package and by directory, how long the stages took, \
      and the packages with their licences. Everything comes from the manifest and the store, so \
      build the manifest first.

      Exit status: 0 done, 1 a result is not in the store, 2 the command line or a manifest is \
      wrong.
      """)

  @Argument(
    help: "The manifest, such as out/manifest.json.", completion: .file(extensions: ["json"]))
  var manifest: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write to this file; - for standard output.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output = "report.html"

  @Option(
    help: ArgumentHelp("Show what changed since this earlier manifest.", valueName: "manifest"),
    completion: .file(extensions: ["json"]))
  var since: String?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "Show which stages ran, from what 'particle run --json' or 'particle build --json' printed.",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var runReport: String?

  @OptionGroup var place: StoreCare.Place

  func run() throws {
    let file = try ManifestFile(manifest)
    let stages = StageFolders.standard()
    let store = try place.open()
    let built = try BuiltTrees(file.manifest, stages, in: store)
    let bill = try Bill(of: file.manifest, file.bytes, exports: []) { store.sourcePath($0) }
    var report = try BuildReport(file.manifest, bill, built, in: store)
    if let runReport {
      let bytes: [UInt8]
      do { bytes = try Files.readInput(runReport) } catch {
        throw ValidationError("cannot read '\(shown(runReport))': \(error.cause)")
      }
      try report.add(run: bytes, file: runReport)
    }
    if let since {
      let earlier = try ManifestFile(since).manifest
      report.since = (since, ManifestDifference(from: earlier, to: file.manifest))
    }
    let page = Array(report.page.utf8)
    if output == "-" {
      Output.results.write(page[...])
    } else {
      try Files.writeOutput(page, to: output)
    }
  }
}
