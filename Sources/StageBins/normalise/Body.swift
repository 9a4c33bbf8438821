package import StageContracts
package import StageKit

@main extension Normalise: StageBody {
  package func run(in job: borrowing Job) throws {}
}
