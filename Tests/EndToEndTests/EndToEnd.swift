import Testing

/// One chain from a recipe to images, on real packages, and what other tools see in them.
///
/// The suites of each row, this and `Machines`, run one after the other. Both rows run at once: a machine that is
/// emulated keeps one processor busy, and leaves the others to builds.
@Suite(.serialized) enum EndToEnd {}

/// Systems that are started and used.
@Suite(.serialized) enum Machines {}
