import Compiler

print(compilerStageCount())
