internal import Files
internal import Glibc
internal import Model
internal import Trees

/// The tree of a stage that failed, kept so that people can look around in it.
///
/// In `failed/<key>` of the store: `changes`, the overlay's upper folder; `layers/<number>`, links to
/// the layers below it; `unseen`, what hides files from the stage; `request.json`, what the stage was told;
/// `filter`, which calls of the kernel it may not make; and `shell`, a script that mounts all this as the
/// stage had it.
struct FailedTree {
  var store: Store
  var action: Action
  var program: StageProgram
  var place: StagePlace

  /// Where it is, and a command line that opens a shell in it; nil where it has no shell.
  struct Kept {
    var folder: String
    var shell: String?
  }

  /// Moves what the stage has changed (a folder) to its place, and puts beside it what is needed to
  /// look at it as the stage did, with the request that the stage was given.
  ///
  /// - Parameters:
  ///   - changes: The folder.
  ///   - request: As the stage read it.
  ///   - beneath: The folders of the tree's layers, lowest first.
  /// - Returns: Where it is.
  /// - Throws: When something of it can't be written.
  func keep(_ changes: String, request: [UInt8], beneath: [String]) throws(Failure) -> Kept {
    let folder = absolute(store.failedPath(action.key))
    try Files.removeTree(folder)
    for name in ["layers", "tree", "root", "work"] {
      try Files.makeDirectories("\(folder)/\(name)")
    }
    for name in ["proc", "dev", "tmp", "run"] {
      try Files.makeDirectories("\(folder)/skeleton/\(name)")
    }
    for name in action.inputTrees.keys { try Files.makeDirectories("\(folder)/inputs/\(name)") }
    try Files.rename(changes, to: folder + "/changes")
    try Files.write(request, to: folder + "/request.json")
    try Files.write(SeccompFilter.bytes, to: folder + "/filter")
    let blindfold = Blindfold(paths: program.description.unseen, layers: beneath)
    let hides = try blindfold.make(in: folder + "/unseen")
    for (layer, number) in numbers {
      guard symlink("../../../layers/\(layer.hex)/tree", "\(folder)/layers/\(number)") == 0 else {
        throw .system("create the link", "\(folder)/layers/\(number)")
      }
    }
    guard hasShell(folder) else { return Kept(folder: folder) }
    let script = script(initProgram: absolute(try Host.initProgram.get()), hides: hides)
    try Files.write(Array(script.utf8), to: folder + "/shell", mode: 0o755)
    return Kept(folder: folder, shell: "sh " + shellWord(folder + "/shell"))
  }

  private var isInTree: Bool { program.description.stance == .inTree }

  /// The layers that have a part in it, with short names: the kernel takes little for one option.
  private var numbers: [Digest: Int] {
    var numbers: [Digest: Int] = [:]
    let inputs = action.inputTrees.sorted { $0.key < $1.key }.flatMap(\.value)
    for layer in action.tree + (action.build ?? []) + inputs where numbers[layer] == nil {
      numbers[layer] = numbers.count + 1
    }
    return numbers
  }

  private func hasShell(_ folder: String) -> Bool {
    let layers = isInTree ? action.tree : action.build ?? []
    let trees = layers.map(store.treePath) + (isInTree ? [folder + "/changes"] : [])
    // By its own names: what a link leads to is the host's from here.
    let tree = LayerStack(trees)
    return ["/bin/sh", "/usr/bin/sh"].contains { (try? tree.find($0)) != nil }
  }

  /// - Parameters:
  ///   - initProgram: The path of `particle-init`.
  ///   - hides: Whether there is something that hides files.
  /// - Returns: The text of the script.
  private func script(initProgram: String, hides: Bool) -> String {
    let what = "stage \(place.index) of pipeline '\(shown(place.pipeline))', \(shown(place.type))"
    var lines = [
      "#!/bin/sh",
      "# Opens a shell in the tree of \(what),",
      "# as it was when that stage failed. Arguments are passed to the shell.",
      "# In that shell, run the stage again with:",
      "#   \(program.command.joined(separator: " ")) <\(Self.requestPlace)",
      "set -e",
      #"if [ "$1" != inside ]; then exec \#(namespaces) sh "$0" inside "$@"; fi"#,
      "shift", #"cd "$(dirname "$0")/layers""#,
    ]
    lines.append(
      overlay(
        action.tree, hiding: hides ? "../unseen" : nil, at: "../tree", changes: "../changes"))
    if !isInTree, let build = action.build { lines.append(overlay(build, at: "../root")) }
    for (name, layers) in action.inputTrees.sorted(by: { $0.key < $1.key }) {
      lines.append(overlay(layers, at: shellWord("../inputs/\(name)")))
    }
    let words = bubblewrap(initProgram: initProgram).map(word).joined(separator: " ")
    if !UserNamespace.isOwn {
      // The mode and the owner of the machine's devices must stay.
      lines += [
        "for device in \(Host.devices.joined(separator: " ")); do",
        "  mount --bind /dev/$device /dev/$device",
        "  mount -o remount,bind,ro /dev/$device", "done",
      ]
    }
    lines += ["cd ..", "exec " + words + #" "$@" 9<filter"#]
    return lines.joined(separator: "\n") + "\n"
  }

  /// What gives the script mounts of its own.
  ///
  /// Where the runner is root of a user namespace, the files belong to ids that only such a one has.
  private var namespaces: String {
    UserNamespace.isOwn ? "unshare --map-root-user --map-auto --mount" : "unshare --mount"
  }

  /// The command that mounts layers, with `top`, a folder that hides some of their files, above them.
  private func overlay(
    _ layers: [Digest], hiding top: String? = nil, at target: String, changes: String? = nil
  ) -> String {
    var lower = [top].compactMap(\.self)
    for layer in layers.reversed() {
      guard let number = numbers[layer], !lower.contains("\(number)") else { continue }
      lower.append("\(number)")
    }
    lower.append("../skeleton")
    var options = "lowerdir=" + lower.joined(separator: ":")
    options += ",redirect_dir=nofollow,metacopy=off,index=off,xino=off"
    if UserNamespace.isOwn { options += ",userxattr" }
    options += changes.map { ",upperdir=\($0),workdir=../work" } ?? ",ro"
    return "mount -t overlay overlay \(target) -o \(options)"
  }

  private static let requestPlace = "/run/particle/request.json"
  /// Stands for the folder of the script in words of a command line.
  private static let here = "@here@"

  private func bubblewrap(initProgram: String) -> [String] {
    var bindings = program.bindings
    for (name, input) in action.stage.inputs.sorted(by: { $0.key < $1.key }) {
      let target = "\(StageRequest.inputsPath)/\(name)"
      if input.pipeline != nil {
        bindings.append(Sandbox.Binding("\(Self.here)/inputs/\(name)", at: target))
      }
      for digest in input.sources {
        let file = action.sourceNames[digest] ?? digest.hex
        bindings.append(Sandbox.Binding(store.sourcePath(digest), at: "\(target)/\(file)"))
      }
    }
    bindings.append(Sandbox.Binding("\(Self.here)/request.json", at: Self.requestPlace))
    var root = Sandbox.Root.tree("\(Self.here)/tree", isWritable: true)
    if !isInTree {
      let tree = StageRequest.treePath
      bindings.append(Sandbox.Binding("\(Self.here)/tree", at: tree, isWritable: true))
      root = .tree("\(Self.here)/root", isWritable: false)
    }
    for index in bindings.indices where !bindings[index].source.hasPrefix(Self.here) {
      bindings[index].source = absolute(bindings[index].source)
    }
    let sandbox = Sandbox(
      root: root, bindings: bindings, environment: Sandbox.environment(epoch: action.epoch),
      capabilities: Sandbox.capabilities(of: program.description), command: ["/bin/sh"])
    // A session of its own would have no terminal to control jobs with.
    let words = sandbox.arguments(initProgram: initProgram).filter { $0 != "--new-session" }
    return words.prefix(1) + ["--seccomp", "9"] + words.dropFirst()
  }

  private func word(_ text: String) -> String {
    guard text.hasPrefix(Self.here) else { return shellWord(text) }
    return "\"$PWD\"" + shellWord(String(text.dropFirst(Self.here.count)))
  }
}

/// A path that does not depend on the working directory.
private func absolute(_ path: String) -> String {
  guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
  defer { free(folder) }
  return String(cString: folder) + "/" + path
}
