import Files
import Model
import Processes
import TestSupport
import Testing

/// Manifests, container layers and packages that mean harm (Tests/Attacks), as root and as an ordinary user.
///
/// After each of them the machine is as it was, and after all of them the store is whole and builds as before.
@Suite struct Attacks {
  enum Who: String, CaseIterable, CustomTestStringConvertible {
    case root, user
    var testDescription: String { rawValue }
  }

  @Test(arguments: Who.allCases)
  func `what comes in a manifest reaches nothing outside`(who: Who) throws {
    try Scene.with { scene in
      let canary = try Canary(in: scene.folder)
      for stage in ["container.root", "debian.packages", "script", "tar"] {
        let name = "particle-stage-" + stage
        try Files.write(
          try Files.read("\(Scene.programs)/\(name)"), to: "\(scene.folder)/stages/\(name)",
          mode: 0o755)
      }
      try Files.makeDirectories(scene.folder + "/attacks")
      let attacks = try Attack.make(in: scene.folder + "/attacks")
      #expect(attacks.count > 150)
      for attack in FullTest.share(of: attacks, who == .root ? 0 : 1, of: 2) {
        let outcome = try run(attack.manifest, who, in: scene, canary)
        let faults = attack.faults(outcome, in: scene.output, canary)
        #expect(faults == [], "\(attack.name): \(attack.tries)")
        try Files.removeTree(scene.output)
        guard faults.isEmpty else { continue }
        try attack.record(outcome, as: who.rawValue)
      }
      try expectHealth(of: scene, who, canary)
    }
  }

  private func run(_ manifest: String, _ who: Who, in scene: Scene, _ canary: Canary) throws
    -> Command.Outcome
  {
    try play(
      [Scene.programs + "/particle-run", manifest, "-o", scene.output, "--store", scene.store], who,
      in: scene, canary)
  }

  private func play(_ words: [String], _ who: Who, in scene: Scene, _ canary: Canary) throws
    -> Command.Outcome
  {
    // What hangs is ended, and then counts as a crash.
    let command = Command(
      ["timeout", "--signal=KILL", "300"] + words,
      environment: [
        "PATH": canary.path, "PARTICLE_STAGES": scene.folder + "/stages", "TOKEN": Canary.secret,
      ])
    switch who {
    case .root: return try command.run()
    case .user: return try OrdinaryUser.run(command, in: scene)
    }
  }

  /// The store is whole, and a build in it gives what it gives elsewhere.
  private func expectHealth(of scene: Scene, _ who: Who, _ canary: Canary) throws {
    let verified = try play(
      [Scene.programs + "/particle", "store", "verify", "--store", scene.store], who, in: scene,
      canary)
    #expect(verified.ending == .exit(0), "\(verified.errorText)\(verified.text)")
    var draft = Draft()
    draft.pipeline("os", [inTree("write /end fine")])
    draft.export("end", from: "os", "/end")
    try Files.write(Array(draft.text.utf8), to: scene.folder + "/fine.json")
    let outcome = try run(scene.folder + "/fine.json", who, in: scene, canary)
    #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
    #expect(try scene.text("end") == "fine")
    let collected = try play(
      [Scene.programs + "/particle", "store", "gc", "--all", "--store", scene.store], who,
      in: scene, canary)
    #expect(collected.ending == .exit(0), "\(collected.errorText)")
  }
}
