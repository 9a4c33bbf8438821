package import StageContracts
package import StageKit

@main extension Systemd: StageBody {
  package func run(in job: borrowing Job) throws {}
}
