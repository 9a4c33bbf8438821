package import StageContracts
package import StageKit

@main extension Fstab: StageBody {
  package func run(in job: borrowing Job) throws {}
}
