internal import Model
internal import Processes
internal import StageKit

/// Runs the tree's dpkg.
///
/// - Throws: When it fails, with the package at fault and what dpkg and the package's script said.
func dpkg(_ arguments: [String]) throws(Failure) {
  let always = [
    "dpkg",
    // A stage that is killed is run again from the start: nothing needs to be on disk in between.
    "--force-unsafe-io",
    // A configuration file that an earlier stage wrote stays, and nobody is there to be asked.
    "--force-confdef", "--force-confold",
    // What a new version breaks comes in a new version, too, and is configured again with that.
    "--auto-deconfigure",
    // After the first failure dpkg would go on with others, and hide what it was.
    "--abort-after=1",
  ]
  let command = Command(always + arguments)
  let (ending, text) = try command.runWithLog()
  guard !ending.isSuccess else { return }
  throw DpkgError(in: text)?.failure ?? command.failure(ending, said: text)
}
