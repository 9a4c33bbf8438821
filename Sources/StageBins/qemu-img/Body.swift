package import StageContracts
package import StageKit

@main extension QemuImg: StageBody {
  package func run(in job: borrowing Job) throws {}
}
