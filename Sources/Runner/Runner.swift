internal import StageContracts

package func runnerStageCount() -> Int { catalog.count }
