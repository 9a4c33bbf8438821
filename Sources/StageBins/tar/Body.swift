package import StageContracts
package import StageKit

@main extension TarArchive: StageBody {
  package func run(in job: borrowing Job) throws {}
}
