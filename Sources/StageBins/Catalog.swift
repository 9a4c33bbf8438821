package import Model

/// Every stage that comes with particle-os, sorted by name.
package let catalog: [any StageContract.Type] = [
  DebianPackages.self, Disk.self, FileCopies.self, Fstab.self, Grub.self,
  Hostname.self, Initramfs.self, Keyboard.self, Locale.self, Normalise.self, QemuImg.self,
  RootImage.self, Script.self, Syslinux.self, Systemd.self, SystemdBoot.self, TarArchive.self,
  Timezone.self, UnifiedKernel.self, Users.self, Xfs.self,
]
