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
        when: ["!/etc/ssh/ssh_host_ed25519_key"], command: "/usr/bin/ssh-keygen -A",
        before: "ssh.service ssh.socket", in: tree)
    }
    if hasSystemd, tree.exists("/usr/sbin/make-ssl-cert") {
      try addFirstBootUnit(
        "ssl-cert-snakeoil", "Make this machine's own TLS certificate",
        when: ["!\(Tree.snakeoilKey)"],
        command: "/usr/sbin/make-ssl-cert generate-default-snakeoil",
        before: "network-pre.target", in: tree)
    }
    for key in MachineKey.all
    where hasSystemd && tree.exists(key.program) && !tree.exists(key.files[0]) {
      try addFirstBootUnit(
        key.unit, key.summary, when: ["!\(key.sign)"], command: key.command, before: key.before,
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
      if tree.exists(cluster.data) { continue }
      let program = "/usr/lib/particle/postgresql-cluster"
      try tree.write(program, Self.makingCluster, mode: 0o755)
      // With the service, so that a machine where that is disabled has no cluster that runs.
      try addFirstBootUnit(
        "postgresql-\(version)-main", "Make this machine's own PostgreSQL cluster",
        when: [
          "!\(cluster.data)/PG_VERSION",
          cluster.data.replacing("/main", with: "-main") + ".settings",
        ], command: "\(program) \(version) main",
        before: "postgresql.service", with: "postgresql.service", in: tree)
    }
  }

  /// Settings that the recipe has put there are laid over those that pg_createcluster(1) makes.
  ///
  /// It can be cut off at any moment: while the folder of settings is there, the next start begins anew.
  private static let makingCluster = """
    #!/bin/sh
    # Makes the PostgreSQL cluster of this machine at its first start: VERSION NAME.
    set -eu
    settings=/etc/postgresql/$1/$2 data=/var/lib/postgresql/$1/$2
    own=/var/lib/postgresql/$1-$2.settings
    if [ ! -e "$own" ]; then
      rm -rf "$own.new"
      mkdir -p "$own.new"
      if [ -d "$settings" ]; then cp -a "$settings/." "$own.new"; fi
      mv "$own.new" "$own"
      sync
    fi
    rm -rf "$settings" "$data"
    pg_createcluster "$1" "$2"
    cp -a "$own/." "$settings"
    chown -R --reference="$data" "$settings"
    sync
    rm -rf "$own"
    pg_ctlcluster "$1" "$2" start

    """

  private func addFirstBootUnit(
    _ name: String, _ summary: String, when paths: [String], command: String, before: String,
    with target: String = "multi-user.target", in tree: borrowing Tree
  ) throws(Failure) {
    let folder = "/etc/systemd/system"
    if keep.has("\(folder)/\(name).service") { return }
    // One of several is enough.
    let mark = paths.count > 1 ? "|" : ""
    let conditions = paths.map { "ConditionPathExists=\(mark)\($0)" }.joined(separator: "\n")
    try tree.write(
      "\(folder)/\(name).service",
      """
      [Unit]
      Description=\(summary)
      \(conditions)
      \(before.isEmpty ? "" : "Before=\(before)\n")
      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=\(command)

      [Install]
      WantedBy=\(target)

      """)
    try tree.link("\(folder)/\(target).wants/\(name).service", to: "\(folder)/\(name).service")
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
