import Files
import Processes
import StageContracts
import TestSupport
import Testing

/// What the stages that write images refuse before they start a program of the build tree.
@Suite(.needsRoot) struct ImageTests {
  @Test func theMenuHasTheNewestKernelFirst() throws {
    try withTemporaryDirectory { tree in
      try fill(
        tree,
        [
          "/boot/vmlinuz-6.9.0-1-amd64": "", "/boot/vmlinuz-6.12.3-amd64": "",
          "/boot/vmlinuz-6.12.3~rc1-amd64": "", "/boot/initrd.img-6.12.3-amd64": "",
          "/etc/os-release": "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n",
        ])
      let result = try run(
        "grub",
        #"""
        {"boot-uuid": "1-2", "firmware": [], "command-line": "root=UUID=1-2 ro a;b=$5 c=\"d e\"",
         "serial": true}
        """#, on: tree)
      #expect(result.status == .exit(0), "\(result.log)")
      #expect(
        try Files.readText("\(tree)/boot/grub/grub.cfg") == """
          set default=0
          set timeout=0
          if serial --unit=0 --speed=115200; then
            terminal_input console serial
            terminal_output console serial
          fi
          search --no-floppy --fs-uuid --set=root 1-2
          menuentry 'Debian GNU/Linux 13 (trixie)' {
            linux /boot/vmlinuz-6.12.3-amd64 root=UUID=1-2 ro 'a;b=$5' 'c=d e'
            initrd /boot/initrd.img-6.12.3-amd64
          }
          menuentry 'Debian GNU/Linux 13 (trixie), with Linux 6.12.3~rc1-amd64' {
            linux /boot/vmlinuz-6.12.3~rc1-amd64 root=UUID=1-2 ro 'a;b=$5' 'c=d e'
          }
          menuentry 'Debian GNU/Linux 13 (trixie), with Linux 6.9.0-1-amd64' {
            linux /boot/vmlinuz-6.9.0-1-amd64 root=UUID=1-2 ro 'a;b=$5' 'c=d e'
          }

          """)
    }
  }

  @Test func theMenuOfDeploymentsIsReadByGRUBAsWritten() throws {
    try withTemporaryDirectory { folder in
      try fill(
        folder,
        [
          "/menu": OSTreeDeploy.menuText,
          "/loader/entries/ostree-1.conf": #"""
          title Debian (ostree:0)
          version 1
          options root=UUID=1-2 rw ds=a;s=b price=$5 c="d;e $f" g\h
          linux /ostree/vmlinuz
          initrd /ostree/initramfs.img

          """#,
        ])
      _ = try Command(["sh", "\(folder)/menu", "-o", "\(folder)/loader/grub.cfg"]).runChecked()
      #expect(
        try Files.readText("\(folder)/loader/grub.cfg") == #"""
          menuentry 'Debian (ostree:0)' {
            linux /ostree/vmlinuz root=UUID=1-2 rw ds=a\;s=b price=\$5 c="d;e \$f" g\\h
            initrd /ostree/initramfs.img
          }

          """#)
    }
  }

  @Test func aTreeWithoutAKernelCannotBoot() throws {
    try withTemporaryDirectory { tree in
      let result = try run("grub", #"{"boot-uuid": "1-2", "firmware": ["bios"]}"#, on: tree)
      #expect(result.status == .exit(1))
      #expect(
        result.log == """
          grub: cannot set up GRUB: the tree has no kernel in /boot
            help: install a kernel: the package linux-image-amd64

          """)
    }
  }

  private func disk(size: String, root: String) -> String {
    """
    {"file": "/disk.raw", \(size) "id": "00000000-0000-4000-8000-000000000001",
     "partitions": [{"id": "00000000-0000-4000-8000-000000000002", "type": "root", "label": "root",
       \(root) "filesystem": {"type": "ext4", "uuid": "00000000-0000-4000-8000-000000000003",
       "label": "root", "mount-point": "/"}}]}
    """
  }

  @Test(arguments: [
    (
      #""size": "8MiB","#, #""size": "7MiB","#,
      """
      disk: cannot fit the partitions on the disk: the disk has 8 MiB, but they need 9 MiB
        help: make the disk larger by 1 MiB, or leave its size out
      """
    ),
    (
      #""size": "8MiB","#, "",
      """
      disk: cannot fit / on the partition 'root': the partition has 6 MiB, and at least 8 MiB more \
      are needed
        help: make the partition larger, or leave its size out
      """
    ),
  ])
  func whatDoesNotFitIsToldByHowMuch(_ size: String, _ root: String, _ message: String) throws {
    try withTemporaryDirectory { system in
      try fill(system, ["/a": String(repeating: "x", count: 9 << 20)])
      try withTemporaryDirectory { tree in
        let result = try run(
          "disk", disk(size: size, root: root), on: tree, inputs: ["tree": system])
        #expect(result.status == .exit(1))
        #expect(result.log == message + "\n")
        #expect(try listing(of: tree).isEmpty)
      }
    }
  }
}
