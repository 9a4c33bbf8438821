import Files
import Model
import OSTree
import TestSupport
import Testing

@Suite struct RepositoryTests {
  @Test(arguments: [Repository.Mode.archive, .bareUser])
  func `a repository that was made can be opened, and knows its mode`(mode: Repository.Mode) throws
  {
    try withTemporaryDirectory { folder in
      let path = folder + "/repo"
      try Files.makeDirectories(path)
      let made = try Repository.create(at: path, mode: mode)
      #expect(made.mode == mode)
      #expect(try Files.readText(path + "/config").contains("mode="))
      let opened = try Repository.open(path)
      #expect(opened.mode == mode)
    }
  }

  @Test func `a folder that is no repository is named, with libostree's reason`() throws {
    try withTemporaryDirectory { folder in
      let failure = #expect(throws: Failure.self) { _ = try Repository.open(folder) }
      #expect(failure?.object == "the OSTree repository \(folder)")
      #expect(failure?.cause.contains("No such file or directory") == true)
    }
  }
}
