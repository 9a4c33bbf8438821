package import StageContracts
package import StageKit

@main extension Script: StageBody {
  package func run(in job: borrowing Job) throws {}
}
