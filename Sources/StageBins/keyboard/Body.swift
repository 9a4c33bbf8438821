package import StageContracts
package import StageKit

@main extension Keyboard: StageBody {
  package func run(in job: borrowing Job) throws {}
}
