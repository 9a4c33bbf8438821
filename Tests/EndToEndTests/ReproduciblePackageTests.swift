import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// Packages of the archive that many others depend on, which tools/prove-reproducible has chosen.
  @Suite(.serialized, .besideAnother, .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
  struct ReproduciblePackages {
    /// The tool leaves the rows for docs: also of what differs, with the files.
    @Test func `The most depended-on packages are the same in two builds`() throws {
      let outcome = try Command(
        [
          "python3", Places.repository + "/tools/prove-reproducible", "--split", "--record",
          "--work", "\(scratch)/reproducible",
        ]
      ).run()
      #expect(outcome.ending.isSuccess, "\(outcome.text)\(outcome.errorText)")
    }
  }
}
