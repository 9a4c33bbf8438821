package import StageContracts
package import StageKit

@main extension Timezone: StageBody {
  package func run(in job: borrowing Job) throws {}
}
