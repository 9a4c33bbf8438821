import Runner
import Testing

@Suite struct SubordinateIDsTests {
  private let ann = (name: "ann", id: UInt32(1000))

  @Test func `one range gives all ids of a tree`() {
    let ids = SubordinateIDs("bob:100000:65536\nann:165536:65536\n", of: ann)
    #expect(ids.count == 65_536)
    #expect(ids.mapping(own: 1000) == "0 1000 1 1 165536 65535")
  }

  @Test func `ranges are put together, by name and by number`() {
    let ids = SubordinateIDs("ann:200000:40000\n1000:300000:40000\n", of: ann)
    #expect(ids.mapping(own: 1000) == "0 1000 1 1 200000 40000 40001 300000 25535")
  }

  @Test(arguments: ["", "ann:1\n", "ann:x:65536\n", "ann:0:65536\n", "# ann:100000:65536\n"])
  func `lines that are none give nothing`(file: String) {
    #expect(SubordinateIDs(file, of: ann).count == 0)
  }

  @Test func `a free range is one that nobody has`() {
    #expect(SubordinateIDs.free(in: ["", ""]) == 100_000)
    #expect(SubordinateIDs.free(in: ["a:100000:65536\n", "b:400000:10\n"]) == 400_010)
  }

  @Test func `the remedy names the setting that is in the way`() {
    let ubuntu = NamespaceBlock {
      $0 == "kernel.apparmor_restrict_unprivileged_userns" ? "1" : "100"
    }
    #expect(
      "\(NamespaceBlock.failure(ubuntu, cause: "Permission denied"))" == """
        cannot run stages without root: kernel.apparmor_restrict_unprivileged_userns is 1, which \
        forbids user namespaces
          help: as root: echo 'kernel.apparmor_restrict_unprivileged_userns = 0' \
        >/etc/sysctl.d/50-particle.conf && sysctl --system
        """)
    #expect(NamespaceBlock { $0 == "user.max_user_namespaces" ? "0" : nil } == .limit)
    #expect(NamespaceBlock { $0 == "kernel.unprivileged_userns_clone" ? "0" : "9" } == .clone)
    #expect(NamespaceBlock { _ in nil } == nil)
    #expect("\(NamespaceBlock.failure(nil, cause: "No")))".contains("in a container"))
  }
}
