internal import Files
internal import Glibc
package import Model

/// The folders that stages are looked for in.
package struct StageFolders: Sendable {
  package var folders: [String]

  package init(_ folders: [String]) { self.folders = folders }

  /// The folders that `PARTICLE_STAGES` lists (with colons between), then the runner's own, then
  /// `../libexec/particle` beside it.
  package static func standard() -> StageFolders {
    var folders: [String] = []
    if let list = getenv("PARTICLE_STAGES").map({ String(cString: $0) }) {
      folders += list.split(separator: ":").map(String.init)
    }
    if let own = try? Files.linkTarget("/proc/self/exe"), let slash = own.lastIndex(of: "/") {
      folders += [String(own[..<slash]), String(own[..<slash]) + "/../libexec/particle"]
    }
    return StageFolders(folders)
  }

  private static let prefix = "particle-stage-"

  /// The path of a stage's executable; nil where there is none.
  package func path(of type: String) -> String? {
    guard !type.contains("/") else { return nil }
    return folders.map { "\($0)/\(Self.prefix)\(type)" }.first { access($0, X_OK) == 0 }
  }

  /// The path of a stage's file, whether it can be started or not; nil where there is none.
  private func file(of type: String) -> String? {
    folders.map { "\($0)/\(Self.prefix)\(type)" }.first { Files.exists($0) }
  }

  /// The names of all stages there are, sorted.
  package var names: [String] {
    var names: Set<String> = []
    for folder in folders {
      for name in (try? Files.names(in: folder)) ?? [] where name.hasPrefix(Self.prefix) {
        let rest = name.dropFirst(Self.prefix.count)
        if !rest.contains(".build"), !rest.hasSuffix(".product") { names.insert(String(rest)) }
      }
    }
    return names.sorted()
  }

  /// The programs of all stages in these pipelines, by type.
  ///
  /// What is learnt of a program is kept in the store; where that is nil, nowhere.
  ///
  /// - Throws: `Refusal` for stages that are not there, or are of another version than the
  ///   manifest was written for; `Failure` when one cannot be asked.
  package func programs(for pipelines: [Pipeline], store: Store?) throws -> [String: StageProgram] {
    var programs: [String: StageProgram] = [:]
    var diagnostics: [Diagnostic] = []
    var seen: Set<String> = []
    for pipeline in pipelines {
      for (index, stage) in pipeline.stages.enumerated() {
        guard seen.insert("\(stage.type) \(stage.version)").inserted else { continue }
        let place = "stage \(index) of pipeline '\(pipeline.name)'"
        guard let path = path(of: stage.type) else {
          if let file = file(of: stage.type) {
            diagnostics.append(
              Diagnostic(
                "\(place): \(file) is not executable", remedy: "chmod +x \(shellWord(file))"))
            continue
          }
          let near = suggestion(for: stage.type, among: names).map { "did you mean '\($0)'? " }
          diagnostics.append(
            Diagnostic(
              "\(place): no stage is named '\(stage.type)'",
              remedy: (near ?? "")
                + "stages are searched for in \(folders.joined(separator: ", ")); "
                + "PARTICLE_STAGES adds directories"))
          continue
        }
        let program = try StageProgram.load(path, store: store)
        if program.description.version != stage.version {
          diagnostics.append(
            Diagnostic(
              """
              \(place): the manifest is for version \(stage.version) of the stage \
              '\(stage.type)', but \(path) is version \(program.description.version)
              """,
              remedy: "compile the recipe again, with particle-compile of the same release"))
        }
        programs[stage.type] = program
      }
    }
    guard diagnostics.isEmpty else { throw Refusal(diagnostics: diagnostics) }
    return programs
  }
}
