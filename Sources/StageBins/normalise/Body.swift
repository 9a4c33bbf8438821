internal import Model
package import StageContracts
package import StageKit

@main extension Normalise: StageBody {
  package func run(in job: borrowing Job) throws {
    try removeFiles(in: job.tree)
    try emptyFiles(in: job.tree)
    try removeScattered(in: job.tree)
    try job.tree.removeModuleLogs()
    try clampPasswordDays(in: job.tree, to: job.epoch)
    try resetIdentities(in: job.tree)
    try markUpdated(in: job.tree, on: job.epoch)
  }
}
