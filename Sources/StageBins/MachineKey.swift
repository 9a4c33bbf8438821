/// Keys that a package's script makes when the package is installed, and how a machine makes its own.
///
/// In an image they would be the same on all of its machines, others in each build, and not private.
package struct MachineKey: Sendable {
  /// The name of the unit that makes them at the first boot.
  package var unit: String
  package var summary: String
  /// Where they are.
  package var files: [String]
  /// What is there when a machine has its own, and all is done that has to be done with them.
  package var sign: String { stamp ?? files[0] }
  /// That file, where something has to be done after the keys are made: power may fail in between.
  private var stamp: String?
  /// The program that makes them; without it nothing does.
  package var program: String
  /// A command line of systemd.service(5), as the package's script has it.
  package var command: String
  /// Units that want them.
  package var before: String

  private init(
    unit: String, summary: String, files: [String], program: String, command: String,
    before: String, stamp: String? = nil
  ) {
    self.unit = unit
    self.summary = summary
    self.files = files
    self.program = program
    self.command = command
    self.before = before
    self.stamp = stamp
  }

  private static func dropbear(_ folder: String, and more: String = "") -> String {
    "/bin/sh -c 'for type in ed25519 ecdsa rsa; do key=\(folder)/dropbear_$${type}_host_key;"
      + " test -e $$key || dropbearkey -t $$type -f $$key; done\(more)'"
  }

  private static func dropbearFiles(_ folder: String) -> [String] {
    let keys = ["ed25519", "ecdsa", "rsa"].map { "\(folder)/dropbear_\($0)_host_key" }
    return keys + keys.map { $0 + ".pub" }
  }

  /// What is known of Debian's packages, beside OpenSSH and ssl-cert.
  package static let all = [
    MachineKey(
      unit: "dropbear-host-keys", summary: "Make this machine's host keys for Dropbear",
      files: dropbearFiles("/etc/dropbear"), program: "/usr/sbin/dropbear",
      command: dropbear("/etc/dropbear"), before: "dropbear.service dropbear.socket"),
    MachineKey(
      unit: "dropbear-initramfs-host-keys",
      summary: "Make this machine's host keys for Dropbear in the initramfs",
      files: dropbearFiles("/etc/dropbear/initramfs"),
      program: "/usr/share/initramfs-tools/hooks/dropbear",
      command: dropbear(
        "/etc/dropbear/initramfs",
        and: "; sync; update-initramfs -u && touch /etc/dropbear/initramfs/.has-own-keys"),
      before: "", stamp: "/etc/dropbear/initramfs/.has-own-keys"),
    MachineKey(
      unit: "bind-rndc-key", summary: "Make this machine's key for rndc",
      files: ["/etc/bind/rndc.key"], program: "/usr/sbin/rndc-confgen",
      command: "/bin/sh -c 'rndc-confgen -a && chown bind:bind /etc/bind/rndc.key"
        + " && chmod 640 /etc/bind/rndc.key'", before: "named.service"),
    MachineKey(
      unit: "xrdp-keys", summary: "Make this machine's keys for xrdp",
      files: ["/etc/xrdp/rsakeys.ini"], program: "/usr/bin/xrdp-keygen",
      command: "/bin/sh -c 'umask 077; xrdp-keygen xrdp auto && chown xrdp /etc/xrdp/rsakeys.ini'",
      before: "xrdp.service"),
  ]
}
