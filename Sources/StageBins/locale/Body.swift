package import StageContracts
package import StageKit

@main extension Locale: StageBody {
  package func run(in job: borrowing Job) throws {}
}
