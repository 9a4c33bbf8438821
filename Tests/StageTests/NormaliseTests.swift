import Files
import Glibc
import Processes
import StageContracts
import TestSupport
import Testing

@Suite(.needsRoot) struct NormaliseTests {
  @Test func leavesACleanTreeAlone() throws {
    try withTemporaryDirectory { tree in
      try fill(
        tree,
        [
          "/etc/passwd": "root:x:0:0::/root:/bin/sh\n", "/usr/bin/true": "",
          "/var/log/own.log": "kept\n", "/etc/shadow": "root:*:20000:0:99999:7:::\n",
        ])
      let changed = try changes(in: tree) {
        let result = try run("normalise", "{}", on: tree)
        #expect(result.status == .exit(0), "\(result.log)")
      }
      #expect(changed.isEmpty)
    }
  }

  @Test func `a machine makes its own certificate`() throws {
    try withTemporaryDirectory { tree in
      try fill(
        tree,
        [
          "/etc/ssl/certs/ssl-cert-snakeoil.pem": "x", "/etc/ssl/certs/other.pem": "kept",
          "/etc/ssl/private/ssl-cert-snakeoil.key": "secret", "/usr/sbin/make-ssl-cert": "kept",
          "/usr/lib/systemd/systemd": "",
        ])
      #expect(symlink("ssl-cert-snakeoil.pem", "\(tree)/etc/ssl/certs/0a1b2c3d.0") == 0)
      let changed = try changes(in: tree) {
        let result = try run("normalise", "{}", on: tree)
        #expect(result.status == .exit(0), "\(result.log)")
      }
      for gone in [
        "certs/0a1b2c3d.0", "certs/ssl-cert-snakeoil.pem", "private/ssl-cert-snakeoil.key",
      ] {
        #expect(changed.contains { $0.hasPrefix("- /etc/ssl/\(gone) ") }, "\(gone)")
      }
      let wants = "/etc/systemd/system/multi-user.target.wants/ssl-cert-snakeoil.service"
      #expect(changed.contains { $0.hasPrefix("+ \(wants) ") })
    }
  }

  @Test(arguments: ["", "settings", "create_main_cluster = false\n", "there"])
  func `a machine makes its own database cluster, where none is there or refused`(_ what: String)
    throws
  {
    try withTemporaryDirectory { tree in
      var files = [
        "/usr/bin/pg_createcluster": "", "/usr/lib/postgresql/17/bin/initdb": "",
        "/usr/lib/postgresql/16/lib/other.so": "", "/usr/lib/systemd/systemd": "",
        "/etc/systemd/system/other.service": "",
        "/etc/postgresql-common/createcluster.conf": "# text\n\(what)",
      ]
      if what == "there" { files["/var/lib/postgresql/17/main/PG_VERSION"] = "17" }
      // A recipe's settings are for the cluster that the machine makes.
      if what == "settings" { files["/etc/postgresql/17/main/conf.d/local.conf"] = "" }
      try fill(tree, files)
      #expect(try run("normalise", "{}", on: tree).status == .exit(0))
      let units = try Files.names(in: tree + "/etc/systemd/system")
      let isMade = what.isEmpty || what == "settings"
      #expect(units.contains("postgresql-17-main.service") == isMade)
      #expect(units.contains("postgresql.service.wants") == isMade)
      #expect(!units.contains("postgresql-16-main.service"))
    }
  }

  @Test func removesWhatDiffers() throws {
    try withTemporaryDirectory { tree in
      try fill(
        tree,
        [
          "/etc/passwd-": "x", "/etc/.pwd.lock": "", "/etc/machine-id": "0123\n",
          "/etc/shadow": "ada:!:99999:0:99999:7:::\nroot:*:100:0:99999:7:::\n",
          "/etc/ssh/ssh_host_rsa_key": "secret", "/etc/ssh/sshd_config": "kept",
          "/usr/bin/ssh-keygen": "kept", "/usr/sbin/sshd": "kept",
          "/usr/lib/python3/dist-packages/a.py": "kept",
          "/usr/lib/python3/dist-packages/__pycache__/a.cpython-313.pyc": "x",
          "/usr/lib/systemd/systemd": "", "/usr/share/icons/hicolor/icon-theme.cache": "x",
          "/var/cache/apt/archives/partial/a.deb": "x", "/var/cache/debconf/config.dat": "kept",
          "/var/cache/debconf/config.dat-old": "x", "/var/cache/ldconfig/aux-cache": "x",
          "/var/lib/dbus/machine-id": "0123\n", "/var/lib/dpkg/status": "kept",
          "/var/lib/dpkg/status-old": "x", "/var/lib/ucf/hashfile.2": "x",
          "/var/log/apt/term.log": "x", "/var/log/dpkg.log": "x", "/var/log/wtmp": "x",
          "/var/tmp/a": "x",
        ])
      let changed = try changes(in: tree) {
        let result = try run("normalise", "{}", on: tree)
        #expect(result.status == .exit(0), "\(result.log)")
      }
      #expect(
        changed.filter { $0.hasPrefix("-") }.map { String($0.dropFirst(2).prefix { $0 != " " }) }
          == [
            "/etc/.pwd.lock", "/etc/machine-id", "/etc/passwd-", "/etc/shadow",
            "/etc/ssh/ssh_host_rsa_key", "/usr/lib/python3/dist-packages/__pycache__",
            "/usr/lib/python3/dist-packages/__pycache__/a.cpython-313.pyc",
            "/usr/share/icons/hicolor/icon-theme.cache", "/var/cache/apt/archives/partial",
            "/var/cache/apt/archives/partial/a.deb", "/var/cache/debconf/config.dat-old",
            "/var/cache/ldconfig/aux-cache", "/var/lib/dbus/machine-id",
            "/var/lib/dpkg/status-old", "/var/lib/ucf/hashfile.2", "/var/log/apt/term.log",
            "/var/log/dpkg.log", "/var/log/wtmp", "/var/tmp/a",
          ])
      let stamp = { (folder: String) in
        "# This file was created by systemd-update-done. The timestamp below is the\\n"
          + "# modification time of /usr/ for which the most recent updates of \(folder)/ have\\n"
          + "# been applied. See man:systemd-update-done.service(8) for details.\\n"
          + "TIMESTAMP_NSEC=1789171200000000000\\n"
      }
      let unit = "/etc/systemd/system/ssh-host-keys.service"
      let wants = "/etc/systemd/system/multi-user.target.wants"
      #expect(
        changed.filter { $0.hasPrefix("+") } == [
          "+ /etc/.updated -0644 0:0 '\(stamp("/etc"))'",
          "+ /etc/machine-id -0444 0:0 ''",
          "+ /etc/shadow -0644 0:0 'ada:!:20708:0:99999:7:::\\nroot:*:100:0:99999:7:::\\n'",
          "+ /etc/systemd d0755 0:0", "+ /etc/systemd/system d0755 0:0", "+ \(wants) d0755 0:0",
          "+ \(wants)/ssh-host-keys.service l0777 0:0 -> \(unit)",
          "+ \(unit) -0644 0:0 '[Unit]\\nDescription=Make this machine's SSH host keys\\n"
            + "ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key\\n"
            + "Before=ssh.service ssh.socket\\n\\n[Service]\\nType=oneshot\\nRemainAfterExit=yes\\n"
            + "ExecStart=/usr/bin/ssh-keygen -A\\n\\n[Install]\\nWantedBy=multi-user.target\\n'",
          "+ /var/.updated -0644 0:0 '\(stamp("/var"))'",
          "+ /var/lib/dbus/machine-id l0777 0:0 -> /etc/machine-id",
          "+ /var/log/wtmp -0644 0:0 ''",
        ])
      #expect(try Files.information("\(tree)/usr").st_mtim.tv_sec == 1_789_171_200)
    }
  }

  @Test func `keys that go into the initramfs are made again where power failed before that`() {
    let key = MachineKey.all.first { $0.unit == "dropbear-initramfs-host-keys" }
    // The file that keeps the unit from running again is the last thing that it makes.
    #expect(key?.command.hasSuffix("&& touch \(key?.sign ?? "")'") == true)
    #expect(key?.files.contains(key?.sign ?? "") == false)
    for other in MachineKey.all where other.unit != key?.unit {
      #expect(other.sign == other.files[0])
    }
  }
}
