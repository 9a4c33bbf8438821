internal import Layers
internal import Model
internal import Tar

/// What the layers of a container image say of the system in it.
struct ImageSystem: Sendable, Equatable {
  /// The database of dpkg; nil where the image has none.
  var status: String?
  /// What apt knows of why packages are installed.
  var extendedStates: String?
  /// os-release(5).
  var release: String?

  static let statusPath = "var/lib/dpkg/status"
  static let statesPath = "var/lib/apt/extended_states"
  static let releasePaths = ["usr/lib/os-release", "etc/os-release"]

  /// More than any system has.
  private static let limit = 256 << 20

  /// Reads the layers from the topmost down, until all is found.
  ///
  /// - Parameter layers: Their files, the lowest one first, each with its name for a failure.
  /// - Throws: When one is damaged.
  init(layers: [(path: String, name: String)]) throws(Failure) {
    // A path that is there with nil is known to be gone.
    var found: [String: String?] = [:]
    let all = [Self.statusPath, Self.statesPath] + Self.releasePaths
    for layer in layers.reversed() {
      let wanted = all.filter { found[$0] == nil }
      if wanted.isEmpty { break }
      let seen = try Self.look(for: wanted, in: layer.path, layer.name)
      for (path, text) in seen { found[path] = .some(text) }
    }
    status = found[Self.statusPath] ?? nil
    extendedStates = found[Self.statesPath] ?? nil
    release = Self.releasePaths.compactMap { found[$0] ?? nil }.first { !$0.isEmpty }
  }

  init(status: String?, extendedStates: String?, release: String?) {
    self.status = status
    self.extendedStates = extendedStates
    self.release = release
  }

  /// What one layer has of these paths: a text, or nil where it hides what is beneath.
  private static func look(for wanted: [String], in path: String, _ name: String) throws(Failure)
    -> [String: String?]
  {
    var archive = try TarReader(layer: path, named: name)
    var texts: [String: String] = [:]
    var hidden: Set<String> = []
    while let entry = try archive.next() {
      let gone: ByteString
      let isOpaque: Bool
      switch try LayerChange(entry) {
      case .file(let file):
        guard let path = wanted.first(where: { ByteString($0) == file }) else { continue }
        if case .file = entry.kind {
          texts[path] = try read(&archive, path, name)
        } else {
          hidden.insert(path)
        }
        continue
      case .whiteout(let path): (gone, isOpaque) = (path, false)
      case .opaque(let folder): (gone, isOpaque) = (folder, true)
      }
      for path in wanted
      where gone.isEmpty || ByteString(path).hasPrefix(gone + "/")
        || !isOpaque && ByteString(path) == gone
      {
        hidden.insert(path)
      }
    }
    var seen: [String: String?] = [:]
    for path in hidden { seen[path] = .some(nil) }
    // What a layer has itself its whiteouts do not hide.
    for (path, text) in texts { seen[path] = text }
    return seen
  }

  private static func read(_ archive: inout TarReader, _ path: String, _ name: String)
    throws(Failure) -> String
  {
    var bytes: [UInt8] = []
    while let piece = try archive.content() {
      switch piece {
      case .data(let data): bytes += data
      case .hole(let count): bytes += [UInt8](repeating: 0, count: min(count, limit))
      }
      guard bytes.count < limit else {
        throw Failure("read", "/\(path) in \(name)", cause: "it is larger than 256MiB")
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension ImageSystem {
  /// The value of a variable of os-release(5).
  func value(of variable: String) -> String? {
    for line in (release ?? "").split(separator: "\n") where line.hasPrefix(variable + "=") {
      return String(line.dropFirst(variable.utf8.count + 1).filter { $0 != "\"" && $0 != "'" })
    }
    return nil
  }

  /// What the image is of, for people: "Alpine Linux v3.22".
  var description: String { value(of: "PRETTY_NAME") ?? value(of: "ID") ?? "no known system" }

  /// The packages that dpkg knows as installed.
  ///
  /// - Parameters:
  ///   - architecture: The machine's.
  ///   - image: What the image is called in a failure.
  /// - Returns: Nil where there is no database of dpkg.
  /// - Throws: When a package is not wholly installed.
  func packages(_ architecture: Architecture, of image: String) throws(Failure)
    -> InstalledPackages?
  {
    guard let status else { return nil }
    var packages: [InstalledPackages.Installed] = []
    for fields in Paragraphs.read(status, ["Package", "Status", "Architecture", "Version"]) {
      guard let name = fields["Package"], let state = fields["Status"] else { continue }
      if state.hasSuffix(" not-installed") || state.hasSuffix(" config-files") { continue }
      guard state.hasSuffix(" ok installed"), let own = fields["Architecture"],
        let version = fields["Version"]
      else {
        throw Failure(
          "install", "packages on the container image \(image)",
          cause: "its package '\(name)' is not fully installed: '\(state)'",
          remedy: "repair the image with: dpkg --configure -a")
      }
      packages.append(
        InstalledPackages.Installed(
          name: InstalledPackages.Name(name: name, architecture: own), version: version))
    }
    var automatic: Set<InstalledPackages.Name> = []
    let states = Paragraphs.read(
      extendedStates ?? "", ["Package", "Architecture", "Auto-Installed"])
    for fields in states where fields["Auto-Installed"] == "1" {
      guard let name = fields["Package"] else { continue }
      let own = fields["Architecture"] ?? architecture.rawValue
      // apt counts a package for all architectures as one of the machine's own.
      for package in packages where package.name.name == name {
        if package.name.architecture == own
          || package.name.architecture == "all" && own == architecture.rawValue
        {
          automatic.insert(package.name)
        }
      }
    }
    return InstalledPackages(packages: packages, automatic: automatic)
  }
}

/// Paragraphs of fields, as deb822(5) has them.
private enum Paragraphs {
  /// Some fields of each paragraph, each of one line.
  static func read(_ text: String, _ wanted: Set<String>) -> [[String: String]] {
    var all: [[String: String]] = []
    var fields: [String: String] = [:]
    for line in text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false) {
      if line.isEmpty {
        if !fields.isEmpty { all.append(fields) }
        fields = [:]
        continue
      }
      guard line.first != 0x20, let colon = line.firstIndex(of: 0x3a) else { continue }
      let key = String(decoding: line[..<colon], as: UTF8.self)
      guard wanted.contains(key) else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == 0x20 }
      fields[key] = String(decoding: value, as: UTF8.self)
    }
    if !fields.isEmpty { all.append(fields) }
    return all
  }
}
