package import Model
internal import StageContracts

/// What an entry comes to in the tree.
private struct Placement {
  var files: [PlacedFile] = []
  var directories: [FileCopies.Directory] = []
  var links: [FileCopies.Link] = []
  var hardLinks: [FileCopies.Link] = []
}

extension FilesModule {
  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    let own = ownFiles(contents)
    let placements = files.map { $0.placement(contents, besides: own) }
    return [
      Step(
        placing: placements.flatMap(\.files), remove: remove.map(\.value),
        directories: directories.map(\.value) + placements.flatMap(\.directories),
        links: placements.flatMap(\.links) + links.map(\.value),
        hardLinks: placements.flatMap(\.hardLinks))
    ]
  }

  /// Where each file, folder and link goes that it brings, and the place in the recipe.
  func places(_ contents: Contents) -> [Located<String>] {
    files.flatMap { entry in
      entry.paths(contents).map { Located($0, at: entry.destination.mark) }
    } + directories.map { Located($0.value.path, at: $0.mark) }
      + links.map { Located($0.value.path, at: $0.mark) }
  }

  /// The text of the file that goes to a path, and the place in the recipe; nil where none does.
  func text(at path: String, _ contents: Contents) -> Located<String>? {
    // An entry of its own, or else the last folder that brings it.
    let entries = files.filter { $0.destination.value == path } + files.reversed()
    for entry in entries {
      let file = entry.content.files(contents).first { entry.path(of: $0.name) == path }
      guard let file else { continue }
      return Located(String(decoding: file.bytes, as: UTF8.self), at: entry.destination.mark)
    }
    return nil
  }

  /// The destinations of files that have an entry of their own.
  private func ownFiles(_ contents: Contents) -> Set<ByteString> {
    Set(
      files.filter { $0.isFile(contents) }.map { ByteString($0.destination.value) })
  }

  package func check(_ contents: Contents, _ problems: inout Problems) {
    let own = ownFiles(contents)
    for entry in files {
      if entry.destination.value == "/", entry.isFile(contents) {
        problems.report(
          "the destination '/' is a directory", at: entry.destination.mark,
          remedy: "write the whole path, including the file name")
        continue
      }
      entry.refusePrivate(contents, besides: own, &problems)
      entry.refusePlaces(contents, &problems)
    }
  }

  /// What is wrong with a place in the image, and what to do; nil where nothing is.
  static func flaw(of path: String, isFolder: Bool) -> (problem: String, remedy: String)? {
    let parts = path.parts(at: "/", keepingEmpty: true).dropFirst()
    let example = "write an absolute path such as /etc/motd"
    guard path.begins(with: "/"), path.utf8.count < 4096 else {
      return ("the destination '\(path.shortened)' is not absolute", example)
    }
    guard !parts.contains(where: { ["", ".", ".."].has($0) }), !path.has("\0") else {
      return (
        "the destination '\(path.shortened)' contains an empty component, '.' or '..'", example
      )
    }
    if let first = parts.first, ["proc", "sys", "dev", "run", "tmp"].has(first),
      !isFolder || parts.count > 1
    {
      return (
        "/\(first) is not part of an image: it is recreated at every boot",
        "choose another directory; tmpfiles.d(5) can create files there at boot"
      )
    }
    return nil
  }
}

extension FilesModule.Entry {
  private var source: Located<String>? {
    switch content {
    case .path(let path), .template(let path): path
    case .text: nil
    }
  }

  private func folder(_ contents: Contents) -> Contents.Folder {
    source.flatMap { contents.folders[ByteString($0.value)] } ?? Contents.Folder()
  }

  /// Whether it is one file, and not a folder.
  fileprivate func isFile(_ contents: Contents) -> Bool {
    content.files(contents).contains { $0.name.isEmpty }
  }

  /// Where something goes that has this name in the folder; the folder itself has none.
  fileprivate func path(of name: String) -> String {
    if name.isEmpty { return destination.value }
    return (destination.value == "/" ? "" : destination.value) + "/" + name
  }

  fileprivate func paths(_ contents: Contents) -> [String] {
    let folder = folder(contents)
    return (content.files(contents).map(\.name) + folder.links.map(\.name) + folder.directories)
      .map(path)
  }

  /// Files that have an entry of their own are left to that.
  fileprivate func placement(_ contents: Contents, besides own: Set<ByteString>) -> Placement {
    let isFile = isFile(contents)
    let folder = folder(contents)
    func isOthers(_ name: String) -> Bool { !isFile && own.contains(ByteString(path(of: name))) }
    var placement = Placement()
    for file in content.files(contents) where !isOthers(file.name) {
      if let twin = file.twin, !isOthers(twin) {
        placement.hardLinks.append(
          FileCopies.Link(path: path(of: file.name), target: path(of: twin)))
        continue
      }
      placement.files.append(
        PlacedFile(
          path(of: file.name), file.bytes,
          mode: mode ?? FileMode(bits: file.isExecutable ? 0o755 : 0o644), owner: owner,
          group: group, attributes: attributes))
    }
    placement.links = folder.links.filter { !isOthers($0.name) }.map {
      FileCopies.Link(path: path(of: $0.name), target: $0.target)
    }
    if !isFile { placement.directories = directories(contents) }
    return placement
  }

  /// The folders that files alone do not make as they should be.
  private func directories(_ contents: Contents) -> [FileCopies.Directory] {
    let bits = mode.map { $0.bits & 0o777 | ($0.bits & 0o444) >> 2 } ?? 0o755
    let isUsual = bits == 0o755 && owner == "root" && group == "root"
    let folder = folder(contents)
    let names = content.files(contents).map(\.name) + folder.links.map(\.name)
    let wanted = ([""] + folder.directories).filter { name in
      let start = name.isEmpty ? "" : name + "/"
      return !isUsual
        || !(names + folder.directories).contains { $0.begins(with: start) && $0 != "" }
    }
    return wanted.map(path).filter { $0 != "/" }.map {
      FileCopies.Directory(
        path: $0, mode: FileMode(bits: bits), owner: owner, group: group, isKept: true)
    }
  }

  /// Reports a file that others may not read, and that nobody says anything of.
  fileprivate func refusePrivate(
    _ contents: Contents, besides own: Set<ByteString>, _ problems: inout Problems
  ) {
    guard mode == nil, let source else { return }
    for file in content.files(contents) {
      guard let privacy = file.privacy else { continue }
      let path = path(of: file.name)
      if !file.name.isEmpty, own.contains(ByteString(path)) { continue }
      let whole = source.value + (file.name.isEmpty ? "" : "/\(file.name)")
      let reason = privacy.folder.map { "the directory '\($0)'" } ?? "the file"
      let wanted = "mode: \"\(privacy.mode(isExecutable: file.isExecutable))\""
      let open = file.isExecutable ? "0755" : "0644"
      let chmod = privacy.folder.map { "chmod go+rx \($0)" } ?? "chmod go+r \(whole)"
      problems.report(
        "'\(whole)' is not readable by others (\(reason) has mode \(privacy.mode)), but the recipe"
          + " sets no mode for it",
        at: source.mark,
        remedy: file.name.isEmpty
          ? "add '\(wanted)' to keep it private, or 'mode: \"\(open)\"' if everybody on the machine"
            + " may read it"
          : "add the entry {source: \(written(whole)), destination: \(path), \(wanted)} to keep it"
            + " private, or run '\(chmod)' if everybody on the machine may read it"
      )
    }
  }

  /// A path beside the recipe as the recipe would have it.
  private func written(_ path: String) -> String {
    guard let start = source?.mark?.file.cut(atLast: "/")?.before, path.begins(with: start + "/")
    else { return path }
    return String(decoding: path.utf8.dropFirst(start.utf8.count + 1), as: UTF8.self)
  }

  /// Reports what a folder would put where nothing of an image is.
  fileprivate func refusePlaces(_ contents: Contents, _ problems: inout Problems) {
    guard let source, !isFile(contents) else { return }
    let folders = Set(folder(contents).directories.map { ByteString($0) })
    let names =
      folder(contents).directories + content.files(contents).map(\.name)
      + folder(contents).links.map(\.name)
    for name in names {
      let isFolder = folders.contains(ByteString(name))
      guard let flaw = FilesModule.flaw(of: path(of: name), isFolder: isFolder) else { continue }
      problems.report(
        "'\(source.value)/\(name)' would become \(path(of: name)), but \(flaw.problem)",
        at: source.mark, remedy: flaw.remedy)
      return
    }
  }
}
