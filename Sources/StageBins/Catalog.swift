package import Model

/// Every stage that comes with particle-os, sorted by name.
package let catalog: [any StageContract.Type] = [
  Btrfs.self, ContainerRoot.self, ContainerStore.self, Cpio.self, DebianPackages.self, Disk.self,
  EROFS.self,
  FileCopies.self, Fstab.self, GCEImage.self, Grub.self, Hostname.self, Initramfs.self,
  LiveISO.self, Keyboard.self, Locale.self, Normalise.self,
  OCIImage.self, OSTreeCommit.self, OSTreeDeploy.self, OSTreeLayout.self, OVA.self, QemuImg.self,
  RootImage.self, Script.self, Squashfs.self,
  Syslinux.self, Systemd.self, SystemdBoot.self, TarArchive.self, Timezone.self,
  UnifiedKernel.self, Users.self, VirtualDisk.self, Xfs.self,
]
