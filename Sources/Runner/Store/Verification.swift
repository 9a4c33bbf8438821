internal import Files
internal import Glibc
internal import Hashing
package import Model
internal import Trees

/// Reads everything in a store again and compares it with what it is said to be.
package struct Verification: Sendable {
  /// An object that is not what its name says.
  package struct Damage: Sendable {
    package var object: StoreObject
    /// What is wrong, of a layer for each file.
    package var flaws: [String]
  }

  package var sources = 0
  package var layers = 0
  package var damages: [Damage] = []

  /// Reads all sources and layers, and looks whether everything else that should be a file is one.
  ///
  /// - Throws: When this user may not read them all.
  package init(of store: Store) throws(Failure) {
    for file in try Self.names(.sources, in: store) {
      sources += 1
      if let flaw = try Self.flaw(ofSource: file, in: store) {
        damages.append(Damage(object: StoreObject(.sources, file), flaws: [flaw]))
      }
    }
    for file in try Self.names(.layers, in: store) {
      layers += 1
      let flaws = try Self.flaws(ofLayer: file, in: store)
      if !flaws.isEmpty {
        damages.append(Damage(object: StoreObject(.layers, file), flaws: flaws))
      }
    }
    for kind in StoreObject.Kind.allCases where kind.isFile && kind != .sources {
      let folder = "\(store.root)/\(kind.rawValue)"
      guard Files.exists(folder) else { continue }
      for file in try Files.names(in: folder) {
        guard let info = try? Files.information("\(folder)/\(file)"),
          info.st_mode & S_IFMT != S_IFREG
        else { continue }
        damages.append(Damage(object: StoreObject(kind, file), flaws: [Self.notRegular]))
      }
    }
  }

  private static let notRegular = "it is not a regular file"

  private static func names(_ kind: StoreObject.Kind, in store: Store) throws(Failure) -> [String] {
    let folder = "\(store.root)/\(kind.rawValue)"
    guard Files.exists(folder) else { return [] }
    return try Files.entries(in: folder).compactMap(\.text).filter { Digest(hex: $0) != nil }
  }

  private static func flaw(ofSource file: String, in store: Store) throws(Failure) -> String? {
    let path = "\(store.root)/\(StoreObject(.sources, file).name)"
    do {
      // A pipe would keep the reader waiting.
      if try Files.information(path).st_mode & S_IFMT != S_IFREG {
        return notRegular
      }
      let digest = try SHA256.digest(ofFile: path)
      return digest.hex == file ? nil : "its checksum is \(digest)"
    } catch {
      try allow(error)
      return error.code == ENOENT ? nil : error.cause
    }
  }

  private static func flaws(ofLayer file: String, in store: Store) throws(Failure) -> [String] {
    let path = "\(store.root)/\(StoreObject(.layers, file).name)"
    guard let text = try? Files.read(path + "/listing", limit: Limits.listing) else {
      return Files.exists(path) ? ["it has no listing"] : []
    }
    guard SHA256.digest(text).hex == file, let listing = Listing(text: text) else {
      return ["its listing was changed"]
    }
    do {
      let actual = try Survey(of: path + "/tree").listing
      return FileDifference.between(listing, and: actual).map { difference in
        "/\(difference.path.shown): \(difference.kinds.map(\.rawValue).joined(separator: ", "))"
      }
    } catch {
      try allow(error)
      return Files.exists(path) ? [error.description] : []
    }
  }

  /// That somebody may not read a file does not mean that it is damaged.
  private static func allow(_ failure: Failure) throws(Failure) {
    guard failure.code == EACCES || failure.code == EPERM else { return }
    var failure = failure
    failure.remedy = "verify the store as the user who builds with it"
    throw failure
  }
}
