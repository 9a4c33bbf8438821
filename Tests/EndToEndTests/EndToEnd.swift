import Testing

/// One chain from a recipe to a booted machine, on real packages.
///
/// The suites run one after the other: each of them wants the processor and the disk for itself.
@Suite(.serialized, .onceMoreForEmulator) enum EndToEnd {
  /// Systems that are started and used.
  @Suite(.serialized) enum Machines {}
}
