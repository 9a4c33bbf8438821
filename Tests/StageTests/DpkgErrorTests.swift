import StageKit
import Testing

@Suite struct DpkgErrorTests {
  @Test func `the script that fails is told, with what it said`() throws {
    let error = try #require(
      DpkgError(
        in: """
          Setting up zlib1g:amd64 (1:1.3.1-1) ...
          Setting up failer (1.0) ...
          something is missing: /dev/sda
          dpkg: error processing package failer (--configure):
           installed failer package post-installation script subprocess returned error exit status 3
          Errors were encountered while processing:
           failer

          """))
    #expect(
      "\(error.failure)" == """
        cannot install the package 'failer': \
        installed failer package post-installation script subprocess returned error exit status 3
          Setting up failer (1.0) ...
          something is missing: /dev/sda
          dpkg: error processing package failer (--configure):
           installed failer package post-installation script subprocess returned error exit status 3
        """)
  }

  @Test func `a package file that cannot be unpacked is told by its package`() throws {
    let error = try #require(
      DpkgError(
        in: """
          Selecting previously unselected package b.
          Preparing to unpack .../b_1%3a2_all.deb ...
          Unpacking b (1:2) ...
          dpkg: error processing archive /inputs/packages/b_1%3a2_all.deb (--unpack):
           trying to overwrite '/usr/bin/a', which is also in package a 1

          """))
    #expect(error.package == "b")
    #expect(error.reason == "trying to overwrite '/usr/bin/a', which is also in package a 1")
    #expect(error.lines.first == "Unpacking b (1:2) ...")
    #expect(error.lines.count == 3)
  }

  @Test func `of a script that says much the end is told`() throws {
    let text =
      "Setting up a (1) ...\n" + (1...100).map { "line \($0)\n" }.joined()
      + "dpkg: error processing package a:i386 (--configure):\n it failed\n"
    let error = try #require(DpkgError(in: text))
    #expect(error.package == "a:i386")
    #expect(error.lines.prefix(3) == ["Setting up a (1) ...", "… 71 lines …", "line 72"])
    #expect(error.lines.count == 33)
  }

  @Test func `text that names no package is not taken for an error`() {
    #expect(DpkgError(in: "dpkg: error: unknown option --x\n") == nil)
    #expect(DpkgError(in: "dpkg: error processing \n") == nil)
  }
}
