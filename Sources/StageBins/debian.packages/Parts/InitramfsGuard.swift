internal import Model
internal import StageKit

/// Runs `body` while packages' triggers leave an initramfs alone that is there already: the stage
/// for it builds it once, from the finished tree. (Where there is none, they make none: the
/// environment says `INITRD=No` to the kernel's scripts, and the trigger only renews what it finds.)
func withoutInitramfsUpdates(in tree: borrowing Tree, _ body: () throws -> Void) throws {
  let switchFile = "/etc/initramfs-tools/update-initramfs.conf"
  let hasInitramfs = try tree.names(in: "/boot").contains { $0.hasPrefix("initrd.img-") }
  guard hasInitramfs, tree.exists(switchFile) else { return try body() }
  let before = try tree.read(switchFile)
  try tree.write(switchFile, "update_initramfs=no\n")
  try body()
  try tree.write(switchFile, before)
}
