package import StageContracts
package import StageKit

@main extension Initramfs: StageBody {
  package func run(in job: borrowing Job) throws {}
}
