internal import Files
internal import Glibc
internal import Model

/// What the files hold that a recipe names, and what its container images are.
package struct Contents: Sendable, Equatable {
  /// One file; of a folder, one of its files.
  package struct File: Sendable, Equatable {
    /// The path below the folder that was named; empty when a file was.
    package var name: String
    package var bytes: [UInt8]
    package var isExecutable: Bool

    package init(name: String, bytes: [UInt8], isExecutable: Bool) {
      self.name = name
      self.bytes = bytes
      self.isExecutable = isExecutable
    }
  }

  /// By the path that the recipe has; the files of a folder sorted by name.
  package var files: [String: [File]]
  /// The files of templates, filled in, by the path that the recipe has.
  package var filled: [String: [File]] = [:]
  /// Packages, by the path that the recipe has.
  package var packages: [String: PackageFile]
  /// By their names in the system; none before they are asked for.
  package var images: [String: StoredImage] = [:]

  package init(files: [String: [File]] = [:], packages: [String: PackageFile] = [:]) {
    self.files = files
    self.packages = packages
  }

  /// The bytes that are carried in a manifest, all in all.
  private static let limit = 32 << 20

  /// Reads all that a recipe names; reports what cannot be read.
  ///
  /// Templates are filled in with the values of these variables.
  static func read(for recipe: Recipe, _ variables: Variables, _ problems: inout Problems)
    -> Contents
  {
    var contents = Contents()
    var left = limit
    for path in recipe.localPaths {
      do {
        let files = try read(path.value, below: "", left: &left)
        contents.files[path.value] = files
        if files.isEmpty {
          problems.report(
            "the folder '\(path.value)' has no files", at: path.mark,
            remedy: "put a file into it, or remove the entry")
        }
      } catch {
        problems.report(
          "cannot take \(error.object): \(error.cause)", at: path.mark,
          remedy: error.remedy ?? "the path is seen from the file that names it")
      }
    }
    contents.fillTemplates(of: recipe, variables, &problems)
    contents.readPackages(of: recipe, &problems)
    recipe.checkContainers(&problems)
    for module in recipe.modules { module.value.check(contents, &problems) }
    return contents
  }

  private mutating func fillTemplates(
    of recipe: Recipe, _ variables: Variables, _ problems: inout Problems
  ) {
    for content in recipe.modules.flatMap(\.value.contents) {
      guard case .template(let path) = content, filled[path.value] == nil else { continue }
      filled[path.value] = (files[path.value] ?? []).map { file in
        let whole = path.value + (file.name.isEmpty ? "" : "/\(file.name)")
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
          problems.report(
            "the template '\(whole)' is no text in UTF-8", at: path.mark,
            remedy: "leave 'template' out for files that have no variables in them")
          return file
        }
        var file = file
        file.bytes = Array(
          Interpolation.fill(text, of: whole, recipe.variables, variables, &problems).utf8)
        return file
      }
    }
  }

  private mutating func readPackages(of recipe: Recipe, _ problems: inout Problems) {
    for path in recipe.packageModules.flatMap(\.files) {
      do { packages[path.value] = try PackageFile.read(path.value) } catch {
        problems.report(
          "cannot take \(error.object): \(error.cause)", at: path.mark,
          remedy: error.remedy ?? "the path is seen from the file that names it")
      }
    }
  }

  private static func read(_ path: String, below name: String, left: inout Int) throws(Failure)
    -> [File]
  {
    let info = try Files.information(path)
    switch info.st_mode & S_IFMT {
    case S_IFDIR:
      var files: [File] = []
      for entry in try Files.names(in: path) {
        files += try read(
          "\(path)/\(entry)", below: name.isEmpty ? entry : "\(name)/\(entry)", left: &left)
      }
      return files
    case S_IFREG:
      left -= Int(info.st_size)
      guard left >= 0 else {
        throw Failure(
          "read", path, cause: "the recipe's files are larger than 32MiB together",
          remedy: "a manifest carries them: put large content into a Debian package")
      }
      return [
        File(name: name, bytes: try Files.read(path), isExecutable: info.st_mode & S_IXUSR != 0)
      ]
    default:
      throw Failure(
        "read", path, cause: "it is neither a file nor a folder",
        remedy: "make links and devices in a script module, or with tmpfiles.d(5)")
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
