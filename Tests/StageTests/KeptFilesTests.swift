import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// What a person put into the tree stays, and what a person meant to be there has to be.
@Suite(.needsRoot) struct KeptFilesTests {
  private func attempt(
    _ stage: String, _ options: String, before: [String: String], inputs: [String: String] = [:],
    _ body: (StageResult, String) throws -> Void
  ) throws {
    try withTemporaryDirectory { tree in
      try fill(tree, before)
      try body(try run(stage, options, on: tree, inputs: inputs), tree)
    }
  }

  @Test func `normalise keeps the recipe's files, and nothing beside them`() throws {
    let kept = [
      "/etc/ssh/ssh_host_ed25519_key", "/usr/lib/app/__pycache__/a.pyc",
      "/var/cache/apt/archives/mine.deb", "/var/log/wtmp", "/var/tmp/a/keep",
    ]
    let gone = [
      "/etc/ssh/ssh_host_rsa_key", "/usr/lib/app/__pycache__/b.pyc",
      "/var/cache/apt/archives/other.deb", "/var/tmp/a/other", "/var/tmp/b/c", "/var/log/btmp",
    ]
    let list = kept.map { "\"\($0)\"" }.joined(separator: ",")
    try attempt(
      "normalise", "{\"keep\": [\(list)]}",
      before: Dictionary(uniqueKeysWithValues: (kept + gone).map { ($0, "x") })
    ) { (result: StageResult, tree: String) throws in
      #expect(result.status == .exit(0), "\(result.log)")
      for path in kept { #expect(try Files.readText(tree + path) == "x", "\(path)") }
      for path in gone.dropLast() { #expect(!Files.exists(tree + path), "\(path)") }
      #expect(!Files.exists(tree + "/var/tmp/b"))
      #expect(try Files.readText(tree + "/var/log/btmp") == "")
    }
  }

  private let mounts = """
    "mounts": [{"source": "UUID=1", "target": "/", "type": "ext4", "options": "rw", "pass": 1}]
    """

  @Test func `the recipe's lines follow those of the partitions`() throws {
    let table = """
      # UNCONFIGURED FSTAB FOR BASE SYSTEM
      # mine
      192.0.2.1:/srv /srv/nfs nfs _netdev 0 0
      LABEL=old / ext4 defaults 0 1
      tmpfs /tmp tmpfs nosuid,nodev 0 0
      """
    try attempt("fstab", "{\(mounts), \"keep\": true}", before: ["/etc/fstab": table]) {
      (result: StageResult, tree: String) throws in
      #expect(result.log == "left out of /etc/fstab: LABEL=old / ext4 defaults 0 1\n")
      #expect(
        try Files.readText(tree + "/etc/fstab").hasSuffix(
          "UUID=1\t/\text4\trw\t0\t1\n# mine\n192.0.2.1:/srv /srv/nfs nfs _netdev 0 0\n"
            + "tmpfs /tmp tmpfs nosuid,nodev 0 0\n"))
      #expect(Files.exists(tree + "/srv/nfs") && !Files.exists(tree + "/tmp"))
    }
    try attempt("fstab", "{\(mounts)}", before: ["/etc/fstab": table]) {
      (result: StageResult, tree: String) throws in
      #expect(result.log.split(separator: "\n").count == 3)
      #expect(try Files.readText(tree + "/etc/fstab").hasSuffix("UUID=1\t/\text4\trw\t0\t1\n"))
    }
  }

  @Test func `hard links are made, and a folder that is there stays as it is`() throws {
    try withTemporaryDirectory { inputs in
      try Files.write(Array("x".utf8), to: "\(inputs)/x")
      let options = #"""
        {"directories": [{"path": "/srv/a", "mode": "0755", "keep": true},
           {"path": "/srv/b/c", "mode": "0700", "keep": true}],
         "files": [{"source": "x", "destination": "/srv/x", "mode": "0600"}],
         "hard-links": [{"path": "/srv/y/z", "target": "/srv/x"}]}
        """#
      try withTemporaryDirectory { tree in
        try Files.makeDirectories(tree + "/srv/a")
        chmod(tree + "/srv/a", 0o1777)
        let result = try run("files", options, on: tree, inputs: ["files": inputs])
        #expect(result.status == .exit(0), "\(result.log)")
        #expect(try Files.information(tree + "/srv/a").st_mode & 0o7777 == 0o1777)
        #expect(try Files.information(tree + "/srv/b").st_mode & 0o7777 == 0o755)
        #expect(try Files.information(tree + "/srv/b/c").st_mode & 0o7777 == 0o700)
        let (one, other) = (
          try Files.information(tree + "/srv/x"), try Files.information(tree + "/srv/y/z")
        )
        #expect(one.st_ino == other.st_ino && one.st_nlink == 2)
      }
    }
  }

  @Test func `a folder is not made where a file is`() throws {
    try attempt(
      "files", #"{"directories": [{"path": "/srv/a", "mode": "0755", "keep": true}]}"#,
      before: ["/srv/a": "x"]
    ) { (result: StageResult, _: String) throws in
      #expect(result.status == .exit(1))
      #expect(
        result.log.hasPrefix("files: cannot create the directory /srv/a: a file has this name\n"))
    }
  }

  @Test(arguments: [("/usr/bin/zhs", "/usr/bin/zsh"), ("/bin/fish", nil)])
  func `a login shell has to be in the tree`(_ shell: String, _ near: String?) throws {
    let before = [
      "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n", "/etc/group": "root:x:0:\n",
      "/etc/shadow": "root:*:20000:0:99999:7:::\n", "/usr/bin/zsh": "",
      "/etc/shells": "# shells\n/bin/sh\n/usr/bin/zsh\n",
    ]
    func options(_ shell: String) -> String {
      #"{"users": [{"name": "ada", "uid": 1000, "gid": 1000, "shell": "\#(shell)"}]}"#
    }
    try attempt("users", options(shell), before: before) {
      (result: StageResult, tree: String) throws in
      let hint = near.map { "did you mean '\($0)'? " } ?? ""
      #expect(
        result.log == """
          users: cannot set up the user 'ada': the tree has no shell '\(shell)'
            help: \(hint)install the package that contains it, or leave out 'shell'

          """)
      #expect(try Files.readText(tree + "/etc/passwd") == before["/etc/passwd"])
    }
    try attempt("users", options("/usr/bin/zsh"), before: before) {
      (result: StageResult, _: String) throws in
      #expect(result.status == .exit(0), "\(result.log)")
    }
  }

  @Test(arguments: [
    (#"{"mask": ["apt-dayly.timer"]}"#, "apt-dayly.timer", "did you mean 'apt-daily.timer'?"),
    (#"{"extend": ["shh.service"]}"#, "shh.service", "did you mean 'ssh.service'?"),
    (#"{"extend": ["nothing-@.service"]}"#, "nothing-@.service", "install the package"),
  ])
  func `a unit that is masked or changed has to be there`(
    _ options: String, _ unit: String, _ remedy: String
  ) throws {
    let before = [
      "/usr/bin/systemctl": "", "/usr/lib/systemd/system/ssh.service": "",
      "/usr/lib/systemd/system/apt-daily.timer": "",
    ]
    try attempt("systemd", options, before: before) { (result: StageResult, _: String) throws in
      #expect(result.status == .exit(1))
      #expect(
        result.log.hasPrefix(
          "systemd: cannot set up the unit '\(unit)': the tree has no such unit\n  help: \(remedy)"),
        "\(result.log)")
    }
  }

  @Test func `what systemd makes when it starts can be changed`() throws {
    let units = [
      "user-.slice", "tmp.mount", "systemd-cryptsetup@root.service", "getty@tty1.service",
      "app-.service", "box.service", "pod-pod.service",
    ]
    let list = units.map { "\"\($0)\"" }.joined(separator: ",")
    let before = [
      "/usr/bin/systemctl": "", "/usr/lib/systemd/system/getty@.service": "",
      "/usr/lib/systemd/system/app-one.service": "", "/etc/containers/systemd/box.container": "",
      "/etc/containers/systemd/pod.pod": "",
    ]
    try attempt("systemd", "{\"extend\": [\(list)]}", before: before) {
      (result: StageResult, _: String) throws in
      #expect(result.status == .exit(0), "\(result.log)")
    }
  }
}
