import Files
import Glibc
import Model
import Processes
import Synchronization
import TestSupport
import Testing

extension EndToEnd {
  /// What happens to builds in real life, over a real build.
  @Suite(.serialized, .besideAnother) struct Faults {
    let patient: Patient
    var chance = Chance()

    init() throws {
      patient = try Patient.shared.get()
      print("  faults: PARTICLE_SEED=\(chance.seed) gives the same again")
    }

    /// Sends the signal to builds until it came before their end as often as asked for.
    private mutating func interrupt(by signal: String, status: Int, count: Int) throws {
      var hits = 0
      var round = 0
      // How long a build takes, as far as this machine is not always as fast.
      var longest = patient.milliseconds
      while hits < count {
        round += 1
        // Each that comes too late halves, on average, the time in which the next one comes.
        try #require(round <= 2 * count + 20, "\(hits) of \(round - 1) SIG\(signal) came in time")
        try Patient.reset(patient.store)
        let moment = Int.random(in: 0...longest, using: &chance)
        let comment = "seed \(chance.seed), round \(round), SIG\(signal) after \(moment) ms"
        let cut = try Interruption(
          patient.command(patient.store), by: signal, after: moment,
          mountsBelow: patient.folder)
        #expect(cut.status == status || cut.status == 0, "\(comment): \(cut.log)")
        #expect(cut.left == [] && cut.mounts == [], "\(comment): \(cut.left) \(cut.mounts)")
        if cut.status == status {
          hits += 1
          if moment > longest - longest / 10 { longest += longest / 10 }
        } else {
          longest = moment
        }
        if signal == "INT" {
          let left = try? Files.names(in: patient.store + "/tmp")
          #expect(left ?? [] == [], "\(comment)")
        }
        try patient.heals(comment)
        if round % 20 == 0 { print("  faults: SIG\(signal), \(hits) of \(count)") }
      }
    }

    @Test mutating func `kill -9 at random moments`() throws {
      let count = FullTest.count(2, full: 150)
      try interrupt(by: "KILL", status: 137, count: count)
      try FullTest.record(
        "`kill -9` of the runner at a random moment", count: count,
        "the next run succeeds, same digests, store verified, nothing left")
    }

    @Test mutating func `Ctrl-C at random moments`() throws {
      let count = FullTest.count(1, full: 30)
      try interrupt(by: "INT", status: 130, count: count)
      try FullTest.record(
        "Ctrl-C at a random moment", count: count,
        "each with status 130 and nothing left; the same as above")
    }

    @Test mutating func `a disk that is full at random moments`() throws {
      let count = FullTest.count(2, full: 40)
      for round in 1...count {
        // Some room beside the downloads, and less than all of it takes.
        let size = Int.random(in: patient.downloads + 8...patient.whole * 9 / 10, using: &chance)
        let comment = "seed \(chance.seed), round \(round), \(size) MiB"
        let small = patient.folder + "/small"
        try Files.makeDirectories(small)
        try tool(["mount", "-t", "tmpfs", "-o", "size=\(size)m", "none", small], from: "mount")
        defer { _ = try? tool(["umount", small], from: "mount") }
        try tool(["cp", "-a", patient.store + "/sources", small], from: "coreutils")
        let built = try Command(patient.command(small)).run()
        #expect(built.ending == .exit(1), "\(comment): \(built.errorText)")
        #expect(built.errorText.contains("make room for the store"), "\(built.errorText)")
        #expect(try Files.names(in: small + "/tmp") == [], "\(comment)")
        try tool(["mount", "-o", "remount,size=2g", small], from: "mount")
        try patient.heals(comment, in: small)
      }
      try FullTest.record(
        "a disk of random size that gets full", count: count,
        "a message that says so; goes on with more room, same digests")
    }

    @Test mutating func `a flipped bit or a lost end in the store`() throws {
      let count = FullTest.count(4, full: 60)
      try patient.heals("before")
      let kinds = ["layers", "listing", "actions", "sources"]
      for round in 0..<count {
        let kind = kinds[round % kinds.count]
        let path = try victim(kind)
        let comment = "seed \(chance.seed), round \(round), \(path)"
        var bytes = try Files.read(path)
        let info = try Files.information(path)
        if round % 3 == 2 {
          bytes.removeLast(Int.random(in: 1...bytes.count, using: &chance))
        } else {
          let bit = Int.random(in: 0..<bytes.count * 8, using: &chance)
          bytes[bit / 8] ^= 1 << (bit % 8)
        }
        let file = try FileDescriptor.open(path, O_WRONLY | O_TRUNC)
        try file.write(bytes)
        // As a disk does it: nothing but the content shows it.
        utimensat(AT_FDCWD, path, [info.st_mtim, info.st_mtim], 0)
        let found = try particle(["particle", "store", "verify", "--store", patient.store])
        if kind != "actions" { #expect(found.ending == .exit(1), "\(comment): \(found.said)") }
        if kind == "sources" {
          try patient.fetch()
        }
        try patient.heals(comment)
      }
      try FullTest.record(
        "a flipped bit, or a lost end, in a layer, listing, action or source", count: count,
        "found by `store verify`, made or downloaded again, same digests")
    }

    /// A file that holds something, of one kind.
    private mutating func victim(_ kind: String) throws -> String {
      let folder = kind == "listing" ? "layers" : kind == "sources" ? "sources/sha256" : kind
      for _ in 0..<10_000 {
        let names = try Files.names(in: "\(patient.store)/\(folder)")
        var path = "\(patient.store)/\(folder)/\(names.randomElement(using: &chance) ?? "")"
        if kind == "listing" { return path + "/listing" }
        if kind == "layers" { path += "/tree" }
        var info = try Files.information(path)
        // Links are not followed: they lead anywhere.
        while info.st_mode & S_IFMT == S_IFDIR {
          guard let inner = try Files.names(in: path).randomElement(using: &chance) else { break }
          path += "/" + inner
          info = try Files.information(path)
        }
        if info.st_mode & S_IFMT == S_IFREG, 1..<64 << 20 ~= Int(info.st_size) { return path }
      }
      throw Failure("find", "a file in \(folder)", cause: "there is none")
    }

    @Test(arguments: FullTest.isOn ? [2, 8] : [3])
    func `runners that share an empty store`(count: Int) throws {
      try Patient.reset(patient.store)
      let commands = try (0..<count).map { try patient.command(patient.store, out: "out-\($0)") }
      let outcomes = Mutex([Result<Command.Outcome, Failure>]())
      for words in commands {
        startThread {
          let outcome = Result { () throws(Failure) in try Command(words).run() }
          outcomes.withLock { $0.append(outcome) }
        }
      }
      while outcomes.withLock(\.count) < count { usleep(50_000) }
      for outcome in outcomes.withLock(\.self) {
        let built = try outcome.get()
        #expect(built.ending == .exit(0), "\(built.errorText)")
        #expect(try Patient.outcome(built.text) == patient.result)
      }
      try patient.heals("after \(count) runners")
      try FullTest.record(
        "\(count) runners at once on one empty store", count: 1,
        "all succeed with the same digests")
    }

    @Test mutating func `times in the store that jump`() throws {
      let count = FullTest.count(1, full: 10)
      for _ in 0..<count {
        try patient.heals("before")
        for folder in ["actions", "used", "logs", "durations", "programs", "outputs"] {
          for name in try Files.names(in: "\(patient.store)/\(folder)") {
            let seconds = Int.random(in: 0...4_102_444_800, using: &chance)
            let time = timespec(tv_sec: seconds, tv_nsec: 0)
            utimensat(AT_FDCWD, "\(patient.store)/\(folder)/\(name)", [time, time], 0)
          }
        }
        let words = ["particle", "store", "gc", "--store", patient.store, "--size", "300MiB"]
        _ = try succeeding(words)
        try patient.fetch()
        try patient.heals("seed \(chance.seed)")
      }
      try FullTest.record(
        "times of the store's own files anywhere from 1970 to 2100", count: count,
        "gc and the next run work, same digests")
    }
  }
}
