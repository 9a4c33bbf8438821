package import StageContracts
package import StageKit

@main extension Grub: StageBody {
  package func run(in job: borrowing Job) throws {}
}
