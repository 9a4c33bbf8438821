import Boot
import Files
import Model
import TestSupport
import Testing

extension EndToEnd {
  /// The templates that differ most, as they are given to people.
  @Suite(.serialized, .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
  struct Templates {
    /// Builds a template; gives the folder of what came out.
    private func build(_ name: String) throws -> String {
      // It empties the folder that this test uses, too.
      let chain = try Chain.shared.get()
      let place = "\(scratch)/template-\(name)"
      let recipe = Places.repository + "/recipes/\(name).yml"
      _ = try succeeding(["particle-compile", recipe, "-o", "\(place).json"])
      _ = try succeeding([
        "particle-run", "\(place).json", "--store", chain.first.store, "-o", place,
      ])
      return place
    }

    @Test func `container-base is an image that a container starts from`() throws {
      let image = try build("container-base") + "/container-base.oci-archive"
      let place = scratch + "/container-base"
      try tool(
        ["skopeo", "--insecure-policy", "copy", "oci-archive:\(image)", "oci:\(place):x"],
        from: "skopeo")
      try tool(["umoci", "unpack", "--image", "\(place):x", "\(place)-bundle"], from: "umoci")
      let said = try tool(
        [
          "bwrap", "--bind", "\(place)-bundle/rootfs", "/", "--dev", "/dev", "--proc", "/proc",
          "/bin/bash", "-c", ". /etc/os-release; echo $VERSION_CODENAME; dpkg --audit; id -un",
        ], from: "bubblewrap")
      #expect(said == "trixie\nroot\n")
    }

    @Test func `database comes up, and PostgreSQL answers`() throws {
      let machine = try Machine(
        image: try build("database") + "/disk.qcow2", firmware: .bios, memory: 2048)
      try machine.logIn(user: "admin", password: "particle", within: 900)
      try machine.quieten()
      let state = try machine.run("systemctl is-system-running --wait", within: 600)
      // systemd tells what it starts until it is done.
      let isRunning = state.output.split(separator: "\n").last == "running"
      let failed = isRunning ? "" : try machine.run("systemctl --failed").output
      #expect(isRunning, "\(state.output)\n\(failed)")
      let sudo = "printf 'particle\\n' | sudo -S -p '' "
      let answer = try machine.run(sudo + "-u postgres psql -Atc 'select 6 * 7'", within: 600)
      #expect(answer.output.split(separator: "\n").last == "42", "\(answer)")
    }

    @Test func `xfce is a disk with a desktop`() throws {
      let place = try build("xfce")
      let check = try tool(
        ["qemu-img", "check", "-f", "qcow2", place + "/disk.qcow2"], from: "qemu-utils")
      #expect(check.contains("No errors were found"))
    }
  }
}
