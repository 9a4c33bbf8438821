internal import Deb
internal import Dispatch
internal import Files
internal import Hashing
internal import JSON
package import Model
internal import StageContracts
internal import Synchronization

/// A bill of materials: the Debian packages in the images of a manifest, and the container image below them.
package struct Bill: Sendable {
  /// The recipe's name.
  package var name: String
  /// Of the manifest's bytes.
  package var manifest: Digest
  /// The manifest's epoch: the time of the document.
  package var epoch: Timestamp
  package var architecture: Architecture
  package var release: String?
  package var container: PackageLock.Container?
  /// Who hands out the system; nil where nobody says.
  package var supplier: String?
  /// In the order of their names, architectures and versions.
  package var components: [Component]

  /// - Parameters:
  ///   - manifest: What is built.
  ///   - bytes: The manifest as it is in its file.
  ///   - exports: The names of the exports that count; none for all.
  ///   - sourcePath: Where a .deb is, by its digest.
  /// - Throws: `Refusal` when there is no such export, `Failure` when a .deb is missing or damaged.
  package init(
    of manifest: Manifest, _ bytes: [UInt8], exports: [String],
    sourcePath: @Sendable (Digest) -> String
  ) throws {
    name = manifest.recipe.name
    self.manifest = SHA256.digest(bytes)
    epoch = manifest.epoch
    architecture = manifest.architecture
    container = manifest.lock?.container
    let contents = try Contents(of: manifest, exports: exports)
    release = contents.release
    components = try Self.components(of: contents, in: manifest, at: sourcePath)
  }

  private static func components(
    of contents: Contents, in manifest: Manifest, at sourcePath: @Sendable (Digest) -> String
  ) throws(Failure) -> [Component] {
    var paths: [(digest: Digest, path: String)] = []
    var missing: [String] = []
    for digest in contents.files.sorted() {
      let path = sourcePath(digest)
      if Files.exists(path) {
        paths.append((digest, path))
      } else {
        missing.append(manifest.sources[digest]?.name ?? digest.description)
      }
    }
    guard missing.isEmpty else {
      throw Failure(
        "list", "the packages",
        cause: "\(missing.count) of \(contents.files.count) package files are not in the store,"
          + " such as \(shown(missing[0]))",
        remedy: "build the manifest first with 'particle run', or name its store with --store")
    }
    let packages = try read(paths, in: manifest)
    let licences = Licences(of: packages)
    var byName: [DebianPackages.Installed.Key: Package] = [:]
    for package in packages { byName[package.key] = package }
    return contents.installed.map { installed in
      guard let package = byName[installed.key] else { return Component(installed) }
      return Component(package, contents.file(of: package, manifest), licences[package.name])
    }
  }

  /// Reads packages on all processors, as undoing their compression is what takes time.
  private static func read(_ paths: [(digest: Digest, path: String)], in manifest: Manifest)
    throws(Failure) -> [Package]
  {
    let results = Mutex<[Int: Result<Package, Failure>]>([:])
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      let (digest, path) = paths[index]
      let result = Result { () throws(Failure) in
        try Package(digest, path, named: manifest.sources[digest]?.name ?? digest.description)
      }
      results.withLock { $0[index] = result }
    }
    let read = results.withLock(\.self)
    var packages: [Package] = []
    for index in paths.indices { if let result = read[index] { packages.append(try result.get()) } }
    return packages
  }
}

extension Component {
  /// A package that came with a container image: its .deb is not known.
  fileprivate init(_ installed: DebianPackages.Installed) {
    self.init(
      name: installed.package, version: installed.version, architecture: installed.architecture,
      source: (installed.package, installed.version))
  }

  fileprivate init(_ package: Package, _ file: File, _ licence: Licence?) {
    self.init(
      name: package.name, version: package.version, architecture: package.architecture,
      source: package.source, maintainer: package.maintainer, homepage: package.homepage,
      file: file, licence: licence)
  }
}

extension DebianPackages.Installed {
  struct Key: Hashable {
    var name: ByteString
    var architecture: ByteString
    var version: ByteString

    init(_ name: String, _ architecture: String, _ version: String) {
      self.name = ByteString(name)
      self.architecture = ByteString(architecture)
      self.version = ByteString(version)
    }
  }

  var key: Key { Key(package, architecture, version) }
}

extension Bill {
  /// The licences of its packages that SPDX's list does not have, each once, in the order of their ids.
  var distinctLicences: [Licence.Other] {
    var found: [ByteString: Licence.Other] = [:]
    for other in components.flatMap({ $0.licence?.others ?? [] }) {
      found[ByteString(other.id)] = other
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }
}
