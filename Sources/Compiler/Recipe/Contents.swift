internal import Files
internal import Glibc
package import Model

/// What the files hold that a recipe names, and what its container images are.
package struct Contents: Sendable, Equatable {
  /// One file; of a folder, one of its files.
  package struct File: Sendable, Equatable {
    /// The path below the folder that was named; empty when a file was.
    package var name: String
    package var bytes: [UInt8]
    package var isExecutable: Bool
    /// Why others may not read it, as its permissions say; nil where they may.
    package var privacy: Privacy?
    /// The file of the same folder that is this one by another name; nil for the first of them.
    package var twin: String?

    package init(name: String, bytes: [UInt8], isExecutable: Bool) {
      self.name = name
      self.bytes = bytes
      self.isExecutable = isExecutable
    }
  }

  /// What a folder has beside files, each by its path below it, sorted.
  package struct Folder: Sendable, Equatable {
    package var directories: [String] = []
    package var links: [Link] = []

    package struct Link: Sendable, Equatable {
      package var name: String
      package var target: String
    }
  }

  /// By the path that the recipe has; the files of a folder sorted by name.
  package var files: [ByteString: [File]]
  /// What else is in the folders, by the path that the recipe has.
  package var folders: [ByteString: Folder] = [:]
  /// The files of templates, filled in, by the path that the recipe has.
  package var filled: [ByteString: [File]] = [:]
  /// The names of the variables that stand in templates.
  package var usedVariables: Set<String> = []
  /// Packages, by the path that the recipe has.
  package var packages: [ByteString: PackageFile]
  /// By their names in the system; none before they are asked for.
  package var images: [String: StoredImage] = [:]

  package init(
    files: [ByteString: [File]] = [:], packages: [ByteString: PackageFile] = [:]
  ) {
    self.files = files
    self.packages = packages
  }

  /// The bytes that are carried in a manifest, all in all.
  private static let limit = 32 << 20

  /// Reads all that a recipe names; reports what cannot be read.
  ///
  /// Templates are filled in with the values of these variables.
  static func read(
    for recipe: Recipe, on architecture: Architecture, in project: Project, _ variables: Variables,
    _ problems: inout Problems
  ) -> Contents {
    var contents = Contents()
    var left = limit
    for path in recipe.localPaths {
      do {
        var reader = SourceReader(left: left, custom: Privacy.Custom(of: path.mark?.file))
        try reader.read(path.value, in: project)
        left = reader.left
        contents.files[ByteString(path.value)] = reader.files
        contents.folders[ByteString(path.value)] = reader.folder
        if reader.files.isEmpty, reader.folder == Folder() {
          problems.report(
            "the directory '\(path.value)' contains no files", at: path.mark,
            remedy: "add a file to it, or remove the entry")
        }
      } catch {
        problems.report(
          "cannot use \(error.object): \(error.cause)", at: path.mark,
          remedy: error.remedy ?? "the path is relative to the file that names it")
      }
    }
    contents.fillTemplates(of: recipe, variables, &problems)
    contents.readPackages(of: recipe, on: architecture, in: project, &problems)
    recipe.checkKeyring(in: project, &problems)
    recipe.checkContainers(&problems)
    recipe.refuseLostFiles(contents, &problems)
    recipe.refuseUnknownNames(contents, &problems)
    for module in recipe.modules { module.value.check(contents, &problems) }
    return contents
  }

  private mutating func fillTemplates(
    of recipe: Recipe, _ variables: Variables, _ problems: inout Problems
  ) {
    for content in recipe.modules.flatMap(\.value.contents) {
      guard case .template(let path) = content, filled[ByteString(path.value)] == nil else {
        continue
      }
      filled[ByteString(path.value)] = (files[ByteString(path.value)] ?? []).map { file in
        let whole = path.value + (file.name.isEmpty ? "" : "/\(file.name)")
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
          problems.report(
            "the template '\(whole)' is not UTF-8 text", at: path.mark,
            remedy: "remove 'template' for files without variables")
          return file
        }
        var file = file
        file.bytes = Array(
          Interpolation.fill(
            text, of: whole, recipe.variables, variables, &usedVariables, &problems
          ).utf8)
        return file
      }
    }
  }

  private mutating func readPackages(
    of recipe: Recipe, on architecture: Architecture, in project: Project,
    _ problems: inout Problems
  ) {
    let architectures =
      [architecture.rawValue] + recipe.base.foreignArchitectures.map(\.value.rawValue)
    for path in recipe.packageModules.flatMap(\.files) {
      do {
        packages[ByteString(path.value)] = try PackageFile.read(
          path.value, in: project, for: architectures)
      } catch {
        problems.report(
          "cannot use \(error.object): \(error.cause)", at: path.mark,
          remedy: error.remedy ?? "the path is relative to the file that names it")
      }
    }
  }
}

extension Recipe {
  /// Reports container images that are to be on this machine and are not there.
  fileprivate func checkContainers(_ problems: inout Problems) {
    var images = containers.map { Located($0.value.image, at: $0.mark) }
    if case .container(let base) = base { images.insert(Located(base.image, at: base.mark), at: 0) }
    for image in images {
      let absence = image.value.absence(seenFrom: "the file that names it")
      guard let absence else { continue }
      problems.report(absence.problem, at: image.mark, remedy: absence.remedy)
    }
  }

  /// Reports a keyring that the recipe names and must not read.
  ///
  /// Whether it is there is for apt to say.
  fileprivate func checkKeyring(in project: Project, _ problems: inout Problems) {
    let named: Located<String>? =
      switch base {
      case .debian(let base): base.namedKeyring
      case .container(let base): base.debian(.trixie).namedKeyring
      }
    guard let named else { return }
    do { _ = try project.open(named.value) } catch {
      if error.code == ENOENT { return }
      problems.report(
        "cannot use \(error.object): \(error.cause)", at: named.mark, remedy: error.remedy)
    }
  }

  /// The paths of this machine that the recipe names, in its order.
  fileprivate var localPaths: [Located<String>] {
    modules.flatMap(\.value.contents).compactMap { content in
      switch content {
      case .path(let path), .template(let path): path
      case .text: nil
      }
    }
  }
}
