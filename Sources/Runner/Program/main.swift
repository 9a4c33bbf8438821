import Runner

print(runnerStageCount())
