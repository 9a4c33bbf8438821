import TestSupport
import Testing

extension EndToEnd {
  /// What the suites with guests start is built beside the first of them.
  @Suite(.serialized, .ahead, .enabled(if: !FullTest.isOn, "full tests run suite by suite"))
  struct Ahead {
    @Test func `What guests need is built`() throws {
      _ = try Machines.OSTree.built.get()
      _ = try Machines.Media.built.get()
    }
  }
}
