import Testing

/// One chain from a recipe to a booted machine, on real packages.
///
/// Each suite says what may run beside it: see `Turn`.
@Suite(.onceMoreForEmulator) enum EndToEnd {
  /// Systems that are started and used.
  @Suite(.serialized, .withGuests) enum Machines {}
}
