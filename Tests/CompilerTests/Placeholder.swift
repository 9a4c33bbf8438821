import Testing

@Test func placeholderCompiler() {}
