import Files
import Glibc
import Model
import Processes
import StageKit
import TestSupport
import Testing

@Suite(.needsRoot) struct SettingsTests {
  private func expect(
    _ stage: String, _ options: String, before: [String: String], inputs: [String: String] = [:],
    changes wanted: [String], location: SourceLocation = #_sourceLocation
  ) throws {
    try withTemporaryDirectory { tree in
      try fill(tree, before)
      let changed = try changes(in: tree) {
        let result = try run(stage, options, on: tree, inputs: inputs)
        #expect(result.status == .exit(0), "\(result.log)", sourceLocation: location)
      }
      #expect(changed == wanted, sourceLocation: location)
    }
  }

  private func expect(
    _ stage: String, _ options: String, before: [String: String], failure: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    try withTemporaryDirectory { tree in
      try fill(tree, before)
      let changed = try changes(in: tree) {
        let result = try run(stage, options, on: tree)
        #expect(result.status == .exit(1), sourceLocation: location)
        #expect(result.log == failure + "\n", sourceLocation: location)
      }
      #expect(changed.isEmpty, sourceLocation: location)
    }
  }

  @Test func extendedAttributes() throws {
    try withTemporaryDirectory { inputs in
      try Files.write(Array("x".utf8), to: "\(inputs)/x")
      try withTemporaryDirectory { root in
        let result = try run(
          "files",
          #"""
          {"files": [{"source": "x", "destination": "/usr/bin/ping", "mode": "0755", "xattrs":
            {"user.origin": "a b", "user.empty": "",
             "security.capability": "0x0100000200200000000000000000000000000000"}}]}
          """#, on: root, inputs: ["files": inputs])
        #expect(result.status == .exit(0), "\(result.log)")
        let found = try Files.attributes(of: "\(root)/usr/bin/ping")
        #expect(found.map(\.name) == ["security.capability", "user.empty", "user.origin"])
        #expect(found[0].value == [1, 0, 0, 2, 0, 32] + [UInt8](repeating: 0, count: 14))
        #expect(found[1].value == [] && found[2].value == Array("a b".utf8))
      }
    }
  }

  @Test func `what is removed can be named by a pattern, as in a shell`() throws {
    try expect(
      "files", #"{"files": [], "remove": ["/etc/*.bak", "/opt/?/x*/f"]}"#,
      before: [
        "/etc/a.bak": "", "/etc/.b.bak": "", "/etc/a.bak.d": "", "/etc/d/a.bak": "",
        "/opt/1/x1/f": "", "/opt/1/y/f": "", "/opt/22/x1/f": "", "/opt/2/x2/g": "",
      ],
      changes: ["- /etc/a.bak -0644 0:0 ''", "- /opt/1/x1/f -0644 0:0 ''"])
    try withTemporaryDirectory { tree in
      try fill(tree, ["/etc/a": ""])
      let result = try run("files", #"{"files": [], "remove": ["/etc/*.bak"]}"#, on: tree)
      #expect(result.status == .exit(1))
      #expect(result.log.contains("cannot remove /etc/*.bak: the tree has no such file"))
    }
    // In a stage, they are mounts.
    try withTemporaryDirectory { tree in
      try fill(tree, ["/dev/null": "", "/etc/a": ""])
      let result = try run("files", #"{"files": [], "remove": ["/*"]}"#, on: tree)
      #expect(result.status == .exit(1))
      #expect(result.log.contains("cannot remove /*: /dev is not part of the tree"))
      #expect(Files.exists("\(tree)/etc/a"))
    }
  }

  @Test func ostreeLayout() throws {
    let state = [
      #"d /run/media 0755 root root -"#,
      #"d /var/roothome 0700 root root -"#,
      #"d /var/home 0755 0 0 -"#,
      #"d /var/lib 0755 0 0 -"#,
      #"d /var/mnt 0755 0 0 -"#,
      #"d /var/opt 0755 0 0 -"#,
      #"d /var/srv 0755 0 0 -"#,
      #"L+ /var/lib/dpkg - - - - ../../usr/lib/sysimage/dpkg"#,
      #"L+ /var/opt/a\x20tool - - - - ../../usr/lib/opt/a\x20tool"#,
    ].map { $0 + #"\n"# }.joined()
    try expect(
      "ostree.layout", "{}",
      before: [
        "/boot/vmlinuz-6.1": "kernel", "/boot/initrd.img-6.1": "initramfs", "/boot/config-6.1": "c",
        "/etc/hostname": "h", "/home/ann/note": "n", "/opt/a tool/x": "x", "/root/.profile": "p",
        "/var/lib/dpkg/status": "s", "/usr/lib/modules/6.1/modules.dep": "m",
      ],
      changes: [
        #"- /boot/config-6.1 -0644 0:0 'c'"#,
        #"- /boot/initrd.img-6.1 -0644 0:0 'initramfs'"#,
        #"- /boot/vmlinuz-6.1 -0644 0:0 'kernel'"#,
        #"- /etc d0755 0:0"#,
        #"- /etc/hostname -0644 0:0 'h'"#,
        #"- /home d0755 0:0"#,
        #"- /home/ann d0755 0:0"#,
        #"- /home/ann/note -0644 0:0 'n'"#,
        #"- /opt d0755 0:0"#,
        #"- /opt/a tool d0755 0:0"#,
        #"- /opt/a tool/x -0644 0:0 'x'"#,
        #"- /root d0755 0:0"#,
        #"- /root/.profile -0644 0:0 'p'"#,
        #"- /var/lib/dpkg d0755 0:0"#,
        #"- /var/lib/dpkg/status -0644 0:0 's'"#,
        #"+ /home l0777 0:0 -> var/home"#,
        #"+ /media l0777 0:0 -> run/media"#,
        #"+ /mnt l0777 0:0 -> var/mnt"#,
        #"+ /opt l0777 0:0 -> var/opt"#,
        #"+ /ostree l0777 0:0 -> sysroot/ostree"#,
        #"+ /root l0777 0:0 -> var/roothome"#,
        #"+ /srv l0777 0:0 -> var/srv"#,
        #"+ /sysroot d0755 0:0"#,
        #"+ /usr/etc d0755 0:0"#,
        #"+ /usr/etc/hostname -0644 0:0 'h'"#,
        #"+ /usr/lib/modules/6.1/initramfs.img -0644 0:0 'initramfs'"#,
        #"+ /usr/lib/modules/6.1/vmlinuz -0644 0:0 'kernel'"#,
        #"+ /usr/lib/opt d0755 0:0"#,
        #"+ /usr/lib/opt/a tool d0755 0:0"#,
        #"+ /usr/lib/opt/a tool/x -0644 0:0 'x'"#,
        #"+ /usr/lib/sysimage d0755 0:0"#,
        #"+ /usr/lib/sysimage/dpkg d0755 0:0"#,
        #"+ /usr/lib/sysimage/dpkg/status -0644 0:0 's'"#,
        #"+ /usr/lib/tmpfiles.d d0755 0:0"#,
        "+ /usr/lib/tmpfiles.d/ostree-state.conf -0644 0:0 '\(state)'",
        #"+ /var/home d0755 0:0"#,
        #"+ /var/home/ann d0755 0:0"#,
        #"+ /var/home/ann/note -0644 0:0 'n'"#,
        #"+ /var/lib/dpkg l0777 0:0 -> ../../usr/lib/sysimage/dpkg"#,
        #"+ /var/mnt d0755 0:0"#,
        #"+ /var/opt d0755 0:0"#,
        #"+ /var/opt/a tool l0777 0:0 -> ../../usr/lib/opt/a tool"#,
        #"+ /var/roothome d0755 0:0"#,
        #"+ /var/roothome/.profile -0644 0:0 'p'"#,
        #"+ /var/srv d0755 0:0"#,
      ])
    try expect(
      "ostree.layout", "{}", before: ["/etc/hostname": "h"],
      failure: """
        ostree.layout: cannot arrange the kernel for OSTree: the tree has none in /boot
          help: install one kernel, such as linux-image-amd64
        """)
    try expect(
      "ostree.layout", "{}", before: ["/boot/vmlinuz-6.1": "", "/boot/vmlinuz-6.12": ""],
      failure: """
        ostree.layout: cannot arrange the kernel for OSTree: the tree has several: 6.12, 6.1
          help: install one kernel, such as linux-image-amd64
        """)
  }

  @Test func hostname() throws {
    try expect(
      "hostname", #"{"name": "web.example.org"}"#, before: ["/etc/hostname": "old\n"],
      changes: [
        "- /etc/hostname -0644 0:0 'old\\n'",
        "+ /etc/hostname -0644 0:0 'web.example.org\\n'",
        "+ /etc/hosts -0644 0:0 '127.0.0.1\\tlocalhost\\n127.0.1.1\\tweb.example.org web\\n\\n"
          + "::1\\tlocalhost ip6-localhost ip6-loopback\\nff02::1\\tip6-allnodes\\n"
          + "ff02::2\\tip6-allrouters\\n'",
      ])
  }

  @Test func `a machine without a name of its own has the usual lines alone`() throws {
    try expect(
      "hostname", #"{"name": "localhost"}"#, before: ["/etc/x": ""],
      changes: [
        "+ /etc/hostname -0644 0:0 'localhost\\n'",
        "+ /etc/hosts -0644 0:0 '127.0.0.1\\tlocalhost\\n\\n"
          + "::1\\tlocalhost ip6-localhost ip6-loopback\\nff02::1\\tip6-allnodes\\n"
          + "ff02::2\\tip6-allrouters\\n'",
      ])
  }

  @Test func fstab() throws {
    try expect(
      "fstab",
      """
      {"mounts": [
        {"source": "UUID=1-2", "target": "/", "type": "ext4", "options": "rw", "pass": 1},
        {"source": "UUID=3-4", "target": "/srv/my data", "type": "ext4", "options": "", "pass": 2},
        {"source": "UUID=5-6", "target": "none", "type": "swap", "options": "sw", "pass": 0}
      ]}
      """, before: ["/etc/hostname": "a\n"],
      changes: [
        "+ /etc/fstab -0644 0:0 '# <file system>\\t<mount point>\\t<type>\\t<options>\\t<dump>"
          + "\\t<pass>\\nUUID=1-2\\t/\\text4\\trw\\t0\\t1\\n"
          + "UUID=3-4\\t/srv/my\\040data\\text4\\tdefaults\\t0\\t2\\n"
          + "UUID=5-6\\tnone\\tswap\\tsw\\t0\\t0\\n'",
        "+ /srv d0755 0:0",
        "+ /srv/my data d0755 0:0",
      ])
  }

  @Test func timezone() throws {
    let before = ["/usr/share/zoneinfo/Europe/Berlin": "TZif2", "/etc/hostname": "a\n"]
    try expect(
      "timezone", #"{"zone": "Europe/Berlin"}"#, before: before,
      changes: ["+ /etc/localtime l0777 0:0 -> /usr/share/zoneinfo/Europe/Berlin"])
    try expect(
      "timezone", #"{"zone": "Europe/Berlni"}"#, before: before,
      failure: """
        timezone: cannot set the time zone 'Europe/Berlni': the tree has no \
        /usr/share/zoneinfo/Europe/Berlni
          help: did you mean 'Europe/Berlin'? old names are in the package tzdata-legacy
        """)
    try expect(
      "timezone", #"{"zone": "UTC"}"#, before: ["/etc/hostname": "a\n"],
      failure: """
        timezone: cannot set the time zone: the tree has no /usr/share/zoneinfo
          help: install the package tzdata
        """)
  }

  @Test func keyboard() throws {
    let rules = ["/usr/share/X11/xkb/rules/base.lst": "! layout\n  us  English\n  de  German\n"]
    try expect(
      "keyboard", #"{"layout": "de", "variant": "nodeadkeys"}"#,
      before: rules.merging(["/etc/default/locale": ""]) { first, _ in first },
      changes: [
        "+ /etc/default/keyboard -0644 0:0 '# KEYBOARD CONFIGURATION FILE\\n\\n"
          + "# Consult the keyboard(5) manual page.\\n\\nXKBMODEL=\"pc105\"\\nXKBLAYOUT=\"de\"\\n"
          + "XKBVARIANT=\"nodeadkeys\"\\nXKBOPTIONS=\"\"\\n\\nBACKSPACE=\"guess\"\\n'"
      ])
    try expect(
      "keyboard", #"{"layout": "us,dd"}"#, before: rules,
      failure: """
        keyboard: cannot set the keyboard layout 'dd': the tree's XKB has no such layout
          help: did you mean 'de'? /usr/share/X11/xkb/rules/base.lst in the tree lists all layouts
        """)
  }

  @Test func locale() throws {
    try expect(
      "locale", #"{"default": "C.UTF-8", "generate": []}"#, before: ["/etc/default/keyboard": ""],
      changes: [
        "+ /etc/default/locale l0777 0:0 -> ../locale.conf",
        "+ /etc/locale.conf -0644 0:0 'LANG=C.UTF-8\\n'",
      ])
    try expect(
      "locale", #"{"default": "de_DE.UTF-8", "generate": ["de_ED.UTF-8 UTF-8"]}"#,
      before: [
        "/usr/share/i18n/SUPPORTED": "de_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n",
        "/usr/sbin/locale-gen": "",
      ],
      failure: """
        locale: cannot generate the locale 'de_ED.UTF-8 UTF-8': the tree's C library does not know it
          help: did you mean 'de_DE.UTF-8 UTF-8'? /usr/share/i18n/SUPPORTED in the tree lists all \
        locales
        """)
    try expect(
      "locale", #"{"default": "de_DE.UTF-8", "generate": ["de_DE.UTF-8 UTF-8"]}"#,
      before: ["/etc/hostname": "a\n"],
      failure: """
        locale: cannot generate locales: the tree has no /usr/sbin/locale-gen
          help: install the package locales
        """)
  }

  @Test func files() throws {
    try withTemporaryDirectory { content in
      try fill(content, ["/aa": "hello\n"])
      let before = ["/etc/passwd": "ada:x:1000:1001::/:/bin/sh\n", "/etc/group": "staff:x:50:\n"]
      try expect(
        "files",
        """
        {"files": [
          {"source": "aa", "destination": "/opt/a/b", "mode": "4750", "owner": "ada", \
        "group": "staff"},
          {"source": "aa", "destination": "/etc/c", "mode": "0600", "owner": "7", "group": "8"}
        ]}
        """, before: before, inputs: ["files": content],
        changes: [
          "+ /etc/c -0600 7:8 'hello\\n'", "+ /opt d0755 0:0", "+ /opt/a d0755 0:0",
          "+ /opt/a/b -4750 1000:50 'hello\\n'",
        ])
      try withTemporaryDirectory { tree in
        try fill(tree, before)
        try Tree(root: tree).makeDirectories("/home/ada", mode: 0o700, owner: 1000, group: 1001)
        let result = try run(
          "files",
          #"""
          {"files": [
            {"source": "aa", "destination": "/home/ada/.config/a/b", "mode": "0600", "owner": "ada"},
            {"source": "aa", "destination": "/home/ada/.local/c", "mode": "0644"},
            {"source": "aa", "destination": "/srv/d/e", "mode": "0600", "owner": "ada"}
          ], "directories": [
            {"path": "/home/ada/own/folder", "mode": "0700", "owner": "ada", "group": "0"}
          ]}
          """#, on: tree, inputs: ["files": content])
        #expect(result.status == .exit(0), "\(result.log)")
        for (path, owner) in [
          ("/home/ada/.config", 1000), ("/home/ada/.config/a", 1000), ("/home/ada/own", 1000),
          ("/home/ada/.local", 0), ("/srv/d", 0),
        ] as [(String, UInt32)] {
          #expect(try Files.information(tree + path).st_uid == owner, "\(path)")
        }
        #expect(try Files.information(tree + "/home/ada/.config").st_gid == 1001)
      }
      try withTemporaryDirectory { tree in
        try fill(tree, before)
        let result = try run(
          "files",
          #"{"files": [{"source": "aa", "destination": "/c", "mode": "0644", "owner": "ado"}]}"#,
          on: tree, inputs: ["files": content])
        #expect(result.status == .exit(1))
        #expect(
          result.log == """
            files: cannot write /c: the tree has no user 'ado'
              help: did you mean 'ada'? a number works too

            """)
      }
    }
  }

  @Test func initramfs() throws {
    try expect(
      "initramfs", "{}", before: ["/etc/hostname": "a\n"],
      failure: """
        initramfs: cannot build an initramfs: the tree has no kernel in /boot
          help: install a kernel: the package linux-image-amd64
        """)
    try expect(
      "initramfs", "{}", before: ["/boot/vmlinuz-6.12": ""],
      failure: """
        initramfs: cannot build an initramfs: the tree has no /usr/sbin/update-initramfs
          help: install the package initramfs-tools
        """)
    try expect(
      "initramfs", #"{"generator":"dracut"}"#, before: ["/boot/vmlinuz-6.12": ""],
      failure: """
        initramfs: cannot build an initramfs: the tree has no /usr/bin/dracut
          help: install the package dracut
        """)
  }

  @Test func units() throws {
    try expect(
      "systemd", #"{"enable": ["shh"]}"#,
      before: ["/usr/bin/systemctl": "", "/usr/lib/systemd/system/ssh.service": ""],
      failure: """
        systemd: cannot set up the unit 'shh.service': the tree has no such unit
          help: did you mean 'ssh.service'?
        """)
  }
}
