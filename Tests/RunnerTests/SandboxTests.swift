import Files
import Glibc
import Model
import Processes
import Runner
import TestSupport
import Testing

@Suite struct SandboxTests {
  private let fixed =
    "--proc /proc "
    + [
      "key-users", "keys", "kpagecgroup", "kpagecount", "kpageflags", "locks", "pagetypeinfo",
      "slabinfo", "timer_list", "vmallocinfo",
    ].filter { access("/proc/\($0)", R_OK) == 0 }.map { "--ro-bind /dev/null /proc/\($0) " }
    .joined() + "--remount-ro /proc --dev /dev "
    + "--size 9 --perms 1777 --tmpfs /tmp --size 9 --tmpfs /run --ro-bind /i /run/particle/init"
  private let start = """
    bwrap --unshare-net --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try \
    --hostname localhost --die-with-parent --new-session --as-pid-1
    """
  private let files = """
    --chdir / --cap-drop ALL --cap-add CAP_CHOWN --cap-add CAP_DAC_OVERRIDE --cap-add CAP_FOWNER \
    --cap-add CAP_FSETID --cap-add CAP_SETFCAP
    """
  private let users = "--cap-add CAP_SETGID --cap-add CAP_SETUID"
  private let end = "--clearenv --setenv A 1 -- /run/particle/init 3 /run/particle/stage"

  private func words(_ sandbox: Sandbox) -> String {
    sandbox.arguments(initProgram: "/i", lifeline: 3, room: 9).joined(separator: " ")
  }

  private func description(_ stance: Stance, makesDevices: Bool = false) -> StageDescription {
    StageDescription(
      name: "x", version: 1, summary: "", stance: stance, buildPackages: [],
      makesDevices: makesDevices, options: .object([]))
  }

  @Test func `only a stage that makes devices may`() {
    let usual = Sandbox.capabilities(of: description(.onTree))
    #expect(
      Sandbox.capabilities(of: description(.onTree, makesDevices: true)) == usual + ["MKNOD"])
  }

  @Test func `a stage in the tree has the tree as its root`() {
    let sandbox = Sandbox(
      root: .tree("/t", isWritable: true),
      bindings: [Sandbox.Binding("/s", at: "/run/particle/stage")], environment: ["A": "1"],
      capabilities: Sandbox.capabilities(of: description(.inTree)), command: ["/run/particle/stage"]
    )
    #expect(
      words(sandbox)
        == "\(start) --bind /t / \(fixed) --ro-bind /s /run/particle/stage \(files) \(users) \(end)"
    )
  }

  @Test func `a stage on the tree without tools has an empty root`() {
    let sandbox = Sandbox(
      root: .empty, bindings: [Sandbox.Binding("/t", at: "/run/particle/tree", isWritable: true)],
      environment: ["A": "1"], capabilities: Sandbox.capabilities(of: description(.onTree)),
      command: ["/run/particle/stage"])
    #expect(
      words(sandbox)
        == "\(start) \(fixed) --bind /t /run/particle/tree \(files) \(end)")
  }

  @Test func `the environment is fixed but for the epoch, and documented`() throws {
    let environment = Sandbox.environment(epoch: Timestamp(seconds: 7))
    #expect(environment["SOURCE_DATE_EPOCH"] == "7")
    #expect(environment["TZ"] == "UTC" && environment["LC_ALL"] == "C.UTF-8")
    #expect(environment.count == 19)
    let page = try Files.readText(Places.repository + "/docs/protocol.md")
    for (name, value) in environment where name != "SOURCE_DATE_EPOCH" {
      #expect(page.contains("\n\(name)=\(value)\n"))
    }
  }

  @Test func `a dynamic program comes with its own loader and libraries`() {
    let description = StageDescription(
      name: "x", version: 1, summary: "", stance: .inTree, buildPackages: [], options: .object([]))
    let digest = Digest(bytes: [UInt8](repeating: 0, count: 32))
    let program = StageProgram(
      path: "/b/particle-stage-x", digest: digest, description: description,
      loader: "/lib64/ld-linux-x86-64.so.2", libraries: ["/lib/libc.so.6"])
    #expect(
      program.command == [
        "/run/particle/lib/ld-linux-x86-64.so.2", "--library-path", "/run/particle/lib",
        "/run/particle/stage",
      ])
    #expect(
      program.bindings == [
        Sandbox.Binding("/b/particle-stage-x", at: "/run/particle/stage"),
        Sandbox.Binding(
          "/lib64/ld-linux-x86-64.so.2", at: "/run/particle/lib/ld-linux-x86-64.so.2"),
        Sandbox.Binding("/lib/libc.so.6", at: "/run/particle/lib/libc.so.6"),
      ])
  }

  @Test func `from within, nothing of the host is seen`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline(
        "os", [inTree("environment /seen", "write /tmp/x x"), inTree("write /dev/x x")])
      draft.export("seen", from: "os", "/seen")
      let outcome = try scene.run(draft, environment: ["SECRET": "1", "LANG": "de_DE.UTF-8"])
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let seen = try scene.text("seen")
      #expect(!seen.contains("SECRET") && seen.contains("LANG=C.UTF-8"))
      #expect(seen.contains("root: dev proc run tmp\n"))
      #expect(seen.contains("run: particle\n"))
      #expect(seen.contains("network: lo\n"))
      #expect(seen.contains("Umask:\t0022\n"))
      #expect(seen.contains("CapEff:\t00000000800000db\n"))
      // A tree begins with the folders for the sandbox's mounts; what is in those stays outside.
      let lines = try scene.listings().flatMap { $0.split(separator: "\n") }
      let folders =
        ["755 0 0 1700000000 - dev", "755 0 0 1700000000 - proc"]
        + ["755 0 0 1700000000 - run", "777 0 0 1700000000 - tmp"]
      for folder in folders { #expect(lines.count { $0.hasSuffix(folder) } == 1, "\(lines)") }
      #expect(!lines.contains { $0.hasSuffix("/x") })
    }
  }
}
