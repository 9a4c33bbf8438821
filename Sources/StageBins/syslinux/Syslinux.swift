package import Model

/// Puts what SYSLINUX reads into the folder `/boot/syslinux`, which is a FAT file system of its own:
/// its configuration, and a kernel and an initramfs for every kernel in `/boot`.
///
/// SYSLINUX itself is put there by the stage `disk`, as its place on the disk matters.
package struct Syslinux: StageContract {
  package var commandLine: String
  /// In seconds; 0 boots at once.
  package var timeout: Int
  /// Whether it also speaks on the first serial port (115200 8n1).
  package var serial: Bool

  /// Where its file system is in the tree.
  package static let folder = "/boot/syslinux"

  package static let name = "syslinux"
  package static let version = 1
  package static let summary = "Put SYSLINUX's configuration and kernels into the tree."
  package static let stance = Stance.onTree
  package static let buildPackages = ["syslinux [amd64]", "syslinux-common [amd64]"]
  package static let schema = Schema<Self>.object(
    Field("command-line", { $0.commandLine }, .string, "The kernel's command line."),
    Field(
      "timeout", { $0.timeout }, .integer(0...3600), default: 0,
      "How many seconds the prompt waits."),
    Field("serial", { $0.serial }, .bool, default: true, "Whether to use ttyS0, too."),
    make: { Syslinux(commandLine: $0, timeout: $1, serial: $2) })

  package init(commandLine: String, timeout: Int, serial: Bool) {
    self.commandLine = commandLine
    self.timeout = timeout
    self.serial = serial
  }
}

extension Syslinux {
  /// Where a system has the program that keeps SYSLINUX's files current.
  package static let menuProgram = "/usr/lib/particle/syslinux-menu"

  /// That program, which hooks of kernels and of initramfs-tools start: it does what this stage does.
  ///
  /// FAT has no links, and a copy may be cut off: a file gets its name when it is whole.
  package static let menuText = #"""
    #!/bin/sh
    # Puts the kernels of /boot where SYSLINUX finds them, and writes its menu, the newest first.
    set -eu
    folder=/boot/syslinux
    [ -e "$folder/syslinux.cfg" ] || exit 0
    . /etc/default/syslinux
    kernels=$(cd /boot && ls | sed -n 's/^vmlinuz-//p' | sort -rV)
    [ -n "$kernels" ] || exit 0
    for file in "$folder"/linux-* "$folder"/initrd-*; do
      name=${file##*/}
      [ -e "/boot/vmlinuz-${name#*-}" ] || rm -f "$file"
    done
    place() {
      cmp -s "$1" "$2" && return
      cp "$1" "$folder/new"
      mv -f "$folder/new" "$2"
    }
    menu() {
      [ "$SERIAL" != yes ] || echo "serial 0 115200"
      if [ "$TIMEOUT" = 0 ]; then echo "prompt 0"; else printf 'prompt 1\ntimeout %d0\n' "$TIMEOUT"; fi
      echo "default $(printf '%s\n' $kernels | head -n 1)"
      for kernel in $kernels; do
        printf 'label %s\n  linux /linux-%s\n' "$kernel" "$kernel"
        [ ! -e "/boot/initrd.img-$kernel" ] || echo "  initrd /initrd-$kernel"
        printf '  append %s\n' "$ARGUMENTS"
      done
    }
    for kernel in $kernels; do
      place "/boot/vmlinuz-$kernel" "$folder/linux-$kernel"
      [ ! -e "/boot/initrd.img-$kernel" ] || place "/boot/initrd.img-$kernel" "$folder/initrd-$kernel"
    done
    menu >"$folder/new"
    mv -f "$folder/new" "$folder/syslinux.cfg"
    sync -f "$folder"

    """#
}
