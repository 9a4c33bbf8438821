internal import Model
internal import StageContracts
internal import StageKit

extension Normalise {
  /// Takes away what makes a machine this one machine, so that each copy of the image becomes its
  /// own at its first boot.
  func resetIdentities(in tree: borrowing Tree) throws(Failure) {
    let hasSystemd = tree.exists("/usr/lib/systemd/systemd")
    if hasSystemd || tree.exists("/etc/machine-id") {
      // An empty file gets a new id at boot; a missing one would also mean that all units' presets
      // are applied again, and undo what the recipe disabled.
      try tree.write("/etc/machine-id", "", mode: 0o444)
    }
    if tree.exists("/var/lib/dbus/machine-id") {
      try tree.link("/var/lib/dbus/machine-id", to: "/etc/machine-id")
    }
    try tree.removePrivateKeys(and: MachineKey.all.flatMap(\.files), keeping: keep)
    if hasSystemd, tree.exists("/usr/sbin/sshd"), tree.exists("/usr/bin/ssh-keygen") {
      try addFirstBootUnit(
        "ssh-host-keys", "Make this machine's SSH host keys",
        unless: "/etc/ssh/ssh_host_ed25519_key", command: "/usr/bin/ssh-keygen -A",
        before: "ssh.service ssh.socket", in: tree)
    }
    if hasSystemd, tree.exists("/usr/sbin/make-ssl-cert") {
      try addFirstBootUnit(
        "ssl-cert-snakeoil", "Make this machine's own TLS certificate", unless: Tree.snakeoilKey,
        command: "/usr/sbin/make-ssl-cert generate-default-snakeoil",
        before: "network-pre.target", in: tree)
    }
    for key in MachineKey.all
    where hasSystemd && tree.exists(key.program) && !tree.exists(key.files[0]) {
      try addFirstBootUnit(
        key.unit, key.summary, unless: key.sign, command: key.command, before: key.before,
        in: tree)
    }
    if hasSystemd { try addDatabaseCluster(in: tree) }
  }

  /// Lets a machine make the database cluster that the packages would have made.
  ///
  /// postgresql-common makes none where `create_main_cluster = false` stands in its settings.
  private func addDatabaseCluster(in tree: borrowing Tree) throws(Failure) {
    guard tree.exists("/usr/bin/pg_createcluster") else { return }
    let settings = "/etc/postgresql-common/createcluster.conf"
    let text = tree.exists(settings) ? String(decoding: try tree.read(settings), as: UTF8.self) : ""
    let refused = text.split(separator: "\n").contains { line in
      line.filter { !$0.isWhitespace }.hasPrefix("create_main_cluster=false")
    }
    if refused { return }
    for version in try tree.names(in: "/usr/lib/postgresql")
    where tree.exists("/usr/lib/postgresql/\(version)/bin/initdb") {
      let cluster = DatabaseCluster(version: version, name: "main")
      if tree.exists(cluster.settings) { continue }
      try addFirstBootUnit(
        "postgresql-\(version)-main", "Make this machine's own PostgreSQL cluster",
        unless: cluster.settings, command: "/usr/bin/pg_createcluster --start \(version) main",
        before: "postgresql.service", in: tree)
    }
  }

  private func addFirstBootUnit(
    _ name: String, _ summary: String, unless file: String, command: String, before: String,
    in tree: borrowing Tree
  ) throws(Failure) {
    let folder = "/etc/systemd/system"
    if keep.has("\(folder)/\(name).service") { return }
    try tree.write(
      "\(folder)/\(name).service",
      """
      [Unit]
      Description=\(summary)
      ConditionPathExists=!\(file)
      \(before.isEmpty ? "" : "Before=\(before)\n")
      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=\(command)

      [Install]
      WantedBy=multi-user.target

      """)
    try tree.link(
      "\(folder)/multi-user.target.wants/\(name).service", to: "\(folder)/\(name).service")
  }

  /// Says that /etc and /var are as /usr wants them: else systemd runs ldconfig, sysusers and
  /// others again at the first boot, each with a time of its own.
  func markUpdated(in tree: borrowing Tree, on epoch: Timestamp) throws(Failure) {
    guard tree.exists("/usr/lib/systemd/systemd") else { return }
    for folder in ["/etc", "/var"] {
      let path = "\(folder)/.updated"
      try tree.write(
        path,
        """
        # This file was created by systemd-update-done. The timestamp below is the
        # modification time of /usr/ for which the most recent updates of \(folder)/ have
        # been applied. See man:systemd-update-done.service(8) for details.
        TIMESTAMP_NSEC=\(epoch.seconds)000000000

        """)
      try tree.setTime(path, epoch)
    }
    try tree.setTime("/usr", epoch)
  }
}
