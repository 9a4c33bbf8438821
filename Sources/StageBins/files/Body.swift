package import StageContracts
package import StageKit

@main extension FileCopies: StageBody {
  package func run(in job: borrowing Job) throws {}
}
