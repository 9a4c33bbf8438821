internal import Files
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension Script: StageBody {
  package func run(in job: borrowing Job) throws {
    // A file in memory leaves nothing in the tree.
    let file = try FileDescriptor.inMemory(Array(script.utf8))
    let command = Command(
      interpreter + ["/proc/self/fd/3"], output: .inherit, errors: .inherit,
      descriptors: [3: file.raw]
    ).with(environment: environment)
    let outcome = try command.run()
    guard outcome.ending.isSuccess else {
      throw Failure("run", "the script", cause: "\(outcome.ending)")
    }
  }
}
