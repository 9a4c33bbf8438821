internal import Model
internal import StageContracts

/// What goes into exports of a manifest: the stages that lead to them, without those that only lend their tools.
struct Contents {
  /// The packages that the exports have, in the order of their names, architectures and versions.
  private(set) var installed: [DebianPackages.Installed] = []
  /// The .deb files that stages install from, those of packages that a later stage removed among them.
  private(set) var files: Set<Digest> = []
  /// The Debian release of the packages; nil where there are none.
  private(set) var release: String?
  /// Parts of the lock that say where packages are from.
  private var questions: [PackageQuestion] = []

  init(of manifest: Manifest, exports: [String]) throws {
    let names = exports.isEmpty ? manifest.exports.keys.inByteOrder() : exports
    var wanted: [String] = []
    for name in names {
      guard let export = manifest.exports.first(where: { $0.key.isSame(as: name) })?.value else {
        throw Refusal(diagnostics: [
          Diagnostic(
            "the manifest has no export '\(name)'",
            remedy: "choose one of \(manifest.exports.keys.inByteOrder().joined(separator: ", "))")
        ])
      }
      wanted.append(export.pipeline)
    }
    var seen: Set<ByteString> = []
    var found: [DebianPackages.Installed.Key: DebianPackages.Installed] = [:]
    while let name = wanted.popLast() {
      guard seen.insert(ByteString(name)).inserted,
        let pipeline = manifest.pipelines.first(where: { $0.name.isSame(as: name) })
      else { continue }
      // Not `build`: its tree only lends its tools.
      if let base = pipeline.base { wanted.append(base) }
      for stage in pipeline.stages {
        for case .pipeline(let other) in stage.inputs.values { wanted.append(other) }
      }
      let stages = pipeline.stages.filter { $0.type == DebianPackages.name }
      for case .sources(let digests)? in stages.map({ $0.inputs["packages"] }) {
        files.formUnion(digests)
      }
      // Each stage names all packages that are there when it is done.
      for package in stages.last.map({ DebianPackages.installed($0.options) }) ?? [] {
        found[package.key] = package
      }
      if let entry = manifest.lock?.pipelines[name] {
        questions.append(entry.question)
        release = release ?? entry.question.release
      }
    }
    installed = found.values.sorted {
      ($0.key.name, $0.key.architecture, $0.key.version)
        < ($1.key.name, $1.key.architecture, $1.key.version)
    }
  }

  /// Where a package's .deb is from.
  func file(of package: Package, _ manifest: Manifest) -> Component.File {
    guard case .download(let download)? = manifest.sources[package.digest],
      let address = download.urls.first
    else { return Component.File(digest: package.digest, isForeign: true) }
    let others = questions.flatMap(\.repositories).flatMap { $0.split(separator: " ") }
    let isForeign = others.contains { $0.contains("://") && address.begins(with: String($0)) }
    return Component.File(digest: package.digest, address: address, isForeign: isForeign)
  }
}
