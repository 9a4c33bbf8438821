internal import StageContracts

package func compilerStageCount() -> Int { catalog.count }
