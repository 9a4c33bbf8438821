internal import Files
internal import Glibc
package import Model

/// What of this machine a recipe may read: the files of the project that it belongs to, and of folders that the
/// command line allows.
///
/// A recipe can come from a stranger, in a pull request that a server builds as root: what it names must not be able to
/// take `/etc/shadow` into an image. The project is the work tree of git that holds the recipe, or else the recipe's
/// folder. A name is only proposed by `realpath`; whether it is beneath the project is for the kernel to say, when it
/// opens it from the project's folder.
package struct Project: Sendable {
  /// The project first, unless the recipe belongs to none.
  private var folders: [OpenFolder]
  /// The project's own folder, for messages.
  private let top: ByteString?
  /// Whether git keeps the project, so that what is in it may be a stranger's.
  let isWorkTree: Bool

  /// Keyrings of this machine hold public keys only, which packages install there.
  private static let keyrings = [
    "/usr/share/keyrings", "/etc/apt/keyrings", "/etc/apt/trusted.gpg.d",
  ]

  /// - Parameters:
  ///   - recipe: Where the recipe is.
  ///   - allowed: Further folders that it may read from, as a command line names them.
  /// - Throws: When one of those is no folder.
  package init(of recipe: String, allowing allowed: [String] = []) throws(Refusal) {
    let place = Project.top(of: recipe)
    let own = (place?.folder).flatMap { try? OpenFolder($0) }
    isWorkTree = place?.isWorkTree ?? false
    top = own?.path
    folders = own.map { [$0] } ?? []
    var problems: [Diagnostic] = []
    for path in allowed {
      do { folders.append(try OpenFolder(path)) } catch {
        problems.append(
          Diagnostic(
            "--allow \(path): \(error.cause)",
            remedy: "name a directory that the recipe may read from"))
      }
    }
    guard problems.isEmpty else { throw Refusal(diagnostics: problems) }
    for path in Self.keyrings + Template.folders() {
      if let folder = try? OpenFolder(path) { folders.append(folder) }
    }
  }

  /// Opens a file or folder that the recipe names, its path being seen from where the program runs.
  ///
  /// - Throws: Where it is not to be had, or not for this recipe, with the remedy.
  func open(_ path: String) throws(Failure) -> FileDescriptor {
    let real: ByteString
    do { real = try Files.realPath(path) } catch {
      // What is not there outside of the project must not be told from what is.
      if place(of: existing(above: path)) == nil { throw outside(path, nil) }
      throw Failure("use", path, cause: error.cause, code: error.code)
    }
    guard let (folder, names) = place(of: real) else { throw outside(path, real) }
    guard !names.contains(Self.git) else { throw Self.gitIsNoPart(path) }
    do { return try folder.open(names) } catch {
      throw Failure("use", path, cause: error.cause, code: error.code)
    }
  }

  /// The modes of the folders in which something of the project is, from the outermost down.
  ///
  /// The first is the project's own folder, or the one that is allowed; for that itself there is none.
  func modes(above path: String) -> [mode_t] {
    guard let real = try? Files.realPath(path), let (folder, names) = place(of: real) else {
      return []
    }
    return names.indices.map { $0 - names.startIndex }.compactMap { count in
      guard let open = try? folder.open(names.prefix(count)) else { return nil }
      return try? open.information().st_mode
    }
  }

  private static let git: ByteString = ".git"

  /// The settings in it can hold logins, and its history what was removed for a reason.
  static func gitIsNoPart(_ path: String) -> Failure {
    Failure(
      "use", path, cause: "'.git' belongs to git and is not part of the project",
      remedy: "name the other files and directories of the project")
  }

  /// The folder that a path without links is in, and the names from there on.
  private func place(of real: ByteString) -> (OpenFolder, ArraySlice<ByteString>)? {
    let names = real.names
    for folder in folders {
      let start = folder.path.names
      if names.starts(with: start) { return (folder, names.dropFirst(start.count)) }
    }
    return nil
  }

  private func outside(_ path: String, _ real: ByteString?) -> Failure {
    // What is allowed is a folder: that of the file, or the one that was named.
    var folder = real?.text ?? existing(above: path).shown
    if (try? OpenFolder(folder)) == nil { folder = folder.folderPart }
    let project =
      top.map { "the recipe's project \($0)" } ?? "the directories that a recipe here may read"
    return Failure(
      "use", path, cause: "it is outside \(project)",
      remedy: "move it into the project, or let the recipe read it: --allow "
        + shellWord(folder))
  }

  /// Of what is above a path, and perhaps itself, the nearest that is there, without links.
  private func existing(above path: String) -> ByteString {
    var path = path
    while !path.isEmpty, path != "/" {
      path = path.folderPart
      if let real = try? Files.realPath(path) { return real }
    }
    return "/"
  }
}

extension Project {
  /// The folder of the project that a recipe belongs to; nil where it belongs to none.
  private static func top(of recipe: String) -> (folder: String, isWorkTree: Bool)? {
    var info = stat()
    // What comes through a pipe is in no folder.
    guard stat(recipe, &info) == 0, info.st_mode & S_IFMT == S_IFREG,
      let folder = try? Files.realPath(recipe.folderPart).text, folder != "/"
    else { return nil }
    let homes = homes
    var candidate = folder
    while candidate != "/" {
      if Files.exists(candidate + "/.git") {
        let names = ByteString(candidate).names
        let isProject =
          isWorkTree(candidate, of: info.st_uid)
          && !homes.contains { $0.names.starts(with: names) }
        return isProject ? (candidate, true) : (folder, false)
      }
      candidate = candidate.folderPart
    }
    return (folder, false)
  }

  /// Whether git keeps the folder, and nobody else has made that up: in `/tmp`, anybody can make a `.git`.
  private static func isWorkTree(_ folder: String, of recipeOwner: uid_t) -> Bool {
    var git = stat()
    var top = stat()
    guard lstat(folder + "/.git", &git) == 0, stat(folder, &top) == 0,
      [S_IFDIR, S_IFREG].contains(git.st_mode & S_IFMT)
    else { return false }
    return git.st_uid == geteuid() || git.st_uid == recipeOwner && git.st_uid == top.st_uid
  }

  /// A home whose settings are kept in git is not the project of every recipe in it.
  private static var homes: [ByteString] {
    let variable = getenv("HOME").map { String(cString: $0) }
    let entry = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_dir) }
    return [variable, entry].compactMap(\.self).compactMap { try? Files.realPath($0) }
  }
}

extension String {
  /// The path of the folder that its last name is in.
  fileprivate var folderPart: String {
    let bytes = Array(utf8)
    let end = bytes.lastIndex { $0 != UInt8(ascii: "/") } ?? 0
    guard let slash = bytes[..<end].lastIndex(of: UInt8(ascii: "/")) else {
      return bytes.first == UInt8(ascii: "/") ? "/" : "."
    }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
  }
}
