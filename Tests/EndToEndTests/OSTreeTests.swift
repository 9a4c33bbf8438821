import Boot
import Files
import Model
import TestSupport
import Testing

extension EndToEnd.Machines {
  /// A system that OSTree deploys: the same bytes from every build, up from its disk, and updated on it.
  @Suite(.serialized, .removing("ostree")) struct OSTree {
    static let built = Result { () throws(Failure) in
      try Pair(in: "ostree").build(recipe: "ostree")
    }

    private let folders: [String]
    private var repository: String { folders[0] + "/disk.ostree" }

    init() throws { folders = try Self.built.get() }

    @Test func `a user elsewhere builds the same repository and disk`() throws {
      let sums = try folders.map { try Files.readText($0 + "/SHA256SUMS") }
      #expect(sums[0] == sums[1])
      #expect(sums[0].contains("  disk.qcow2\n"))
      try tool(["diff", "-r", repository, folders[1] + "/disk.ostree"], from: "diffutils")
    }

    @Test func `ostree finds the repository whole, and the commit as it is asked for`() throws {
      let option = "--repo=" + repository
      try tool(["ostree", "fsck", option], from: "ostree")
      #expect(
        try tool(["ostree", "refs", option], from: "ostree") == "debian/trixie/amd64/atomic\n")
      let log = try tool(["ostree", "log", option, "debian/trixie/amd64/atomic"], from: "ostree")
      #expect(
        log.contains("Version: 1.0\n") && log.contains("A system that OSTree updates"), "\(log)")
      let root = try tool(["ostree", "ls", option, "debian/trixie/amd64/atomic"], from: "ostree")
      let links = ["/home -> var/home", "/opt -> var/opt", "/ostree -> sysroot/ostree"]
      for link in links { #expect(root.contains(" \(link)\n"), "\(root)") }
      #expect(!root.contains(" /etc\n"))
      let boot = try tool(
        ["ostree", "ls", option, "debian/trixie/amd64/atomic", "/boot", "/usr/etc/hostname"],
        from: "ostree")
      #expect(boot.split(separator: "\n").count == 2, "\(boot)")
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `by UEFI it comes up from a read-only system with its state`() throws {
      try Start(format: "qcow2", loader: "grub, OSTree", firmware: .uefi).prove(
        folders[0] + "/disk.qcow2", "", answers)
    }

    /// Commands, and what a deployed system answers.
    private let answers = [
      ("touch /usr/x 2>/dev/null; echo $?", "1"),
      ("touch /etc/x /var/x && echo written", "written"),
      (
        "cat /etc/hostname /opt/tool/version /home/ann/note /var/lib/thing/state",
        "atomic\n1\nhers\nseed"
      ),
      ("stat -c %U /home/ann/note", "ann"),
      ("dpkg --audit; dpkg-query -W -f '${Status}' ostree", "install ok installed"),
      ("ostree admin status | grep -c '^[*] atomic '", "1"),
      ("ostree admin status | grep Version | tr -s ' '", " Version: 1.0"),
    ]

    @Test func `by BIOS it grows, is updated, and starts the update`() throws {
      let disk = scratch + "/ostree/grown.raw"
      try tool(["cp", "--sparse=always", folders[0] + "/disk.raw", disk], from: "coreutils")
      try tool(["truncate", "--size=3G", disk], from: "coreutils")
      let machine = try Start(loader: "grub, OSTree").prove(
        disk, restarts: true, "",
        answers + [("test $(df --output=size -k /sysroot | tail -n 1) -gt 2500000; echo $?", "0")])
      // What a new version is to a machine that gets it over a network: a commit, and its deployment.
      for command in [
        "mkdir -p /tmp/new/usr/lib && echo two >/tmp/new/usr/lib/release-of-test",
        "ostree commit --branch=next --tree=ref=debian/trixie/amd64/atomic --tree=dir=/tmp/new"
          + " --bootable --add-metadata-string=version=2.0",
        "echo mine >/etc/mine; echo kept >/var/kept", "ostree admin deploy next", "sync",
      ] { try check(command, on: machine) }
      try restart(machine)
      #expect(
        try machine.run("cat /usr/lib/release-of-test /etc/mine /var/kept").output
          == "two\nmine\nkept")
      #expect(try machine.run("ostree admin status | grep -c Version").output == "2")
      guard FullTest.isOn else { return }
      // The second entry is the system before; with it first, the machine goes back.
      try check(". /etc/profile.d/ostree-menu.sh; ostree admin set-default 1", on: machine)
      try restart(machine)
      #expect(
        try machine.run("ls /usr/lib/release-of-test; cat /var/kept").output.hasSuffix("\nkept"))
      #expect(try machine.run("test -e /usr/lib/release-of-test; echo $?").output == "1")
    }

    private func check(_ command: String, on machine: Machine) throws {
      let answer = try machine.run(command, within: 300)
      try #require(answer.status == 0, "\(command)\n\(answer.output)")
    }

    private func logIn(to machine: Machine) throws {
      try machine.logIn(user: "root", password: "particle", within: 600)
      try machine.quieten()
    }

    private func restart(_ machine: Machine) throws {
      try machine.send("systemctl reboot")
      try logIn(to: machine)
    }
  }
}
