package import StageContracts
package import StageKit

@main extension Users: StageBody {
  package func run(in job: borrowing Job) throws {}
}
