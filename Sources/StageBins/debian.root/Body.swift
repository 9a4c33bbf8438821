package import StageContracts
package import StageKit

@main extension DebianRoot: StageBody {
  package func run(in job: borrowing Job) throws {}
}
