import Testing

@Test func placeholderStage() {}
