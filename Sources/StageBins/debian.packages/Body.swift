package import StageContracts
package import StageKit

@main extension DebianPackages: StageBody {
  package func run(in job: borrowing Job) throws {}
}
