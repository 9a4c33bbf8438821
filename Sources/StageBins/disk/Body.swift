package import StageContracts
package import StageKit

@main extension Disk: StageBody {
  package func run(in job: borrowing Job) throws {}
}
