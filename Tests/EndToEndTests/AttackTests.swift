import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// Scripts in a Debian system that mean harm (Tests/Attacks/stages.py), as root and as an ordinary user.
  @Suite(.serialized, .besideAnother, .removing("attacks-root", "attacks-user")) struct Attacks {
    @Test(arguments: ["root", "user"])
    func `what a script does stays in its tree`(who: String) throws {
      let chain = try Chain.shared.get()
      var place = who == "root" ? chain.first : chain.second
      let folder = scratch + "/attacks-\(who)"
      try Files.makeDirectories(folder + "/manifests")
      // A store of their own: some write the time, and the other suites compare their stores.
      let store = folder + "/store"
      try tool(["cp", "-al", place.store, store], from: "coreutils")
      place.store = store
      let canary = try Canary(in: folder)
      let attacks = try Attack.make(
        in: folder + "/manifests", [chain.manifestPath, canary.victim])
      #expect(attacks.count > 20)
      for attack in FullTest.share(of: attacks, who == "root" ? 0 : 1, of: 2) {
        let outcome = try run(
          ["particle-run", attack.manifest, "-o", place.out + "/attack", "--store", place.store],
          in: place, canary)
        let faults = attack.faults(outcome, in: place.out + "/attack", canary)
        #expect(faults == [], "\(attack.name): \(attack.tries)")
        guard faults.isEmpty else { continue }
        try attack.record(outcome, as: who)
      }
      let verified = try run(
        ["particle", "store", "verify", "--store", place.store], in: place, canary)
      #expect(verified.ending == .exit(0), "\(verified.errorText)\(verified.text)")
      #expect(try place.run(chain.manifestPath, "after the attacks").run == [])
    }

    private func run(_ words: [String], in place: Chain.Place, _ canary: Canary) throws
      -> Command.Outcome
    {
      let program = try Places.program(words[0])
      return try Command(
        place.prefix
          + [
            "env", "PATH=" + canary.path, "TOKEN=" + Canary.secret, "timeout", "--signal=KILL",
            "600", program,
          ] + words.dropFirst()
      ).run()
    }
  }
}
