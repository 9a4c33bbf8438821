import Files
import Model
import TestSupport
import Testing

extension EndToEnd.Machines {
  /// An initramfs by dracut: every build the same, and it brings the machine up.
  @Suite(
    .serialized, .removing("dracut"), .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
  struct Dracut {
    @Test func `dracut's initramfs is the same each time, and starts the system`() throws {
      let place = try Chain.shared.get().first.separate(in: "dracut")
      let manifest = scratch + "/dracut/dracut.json"
      let recipe = Places.repository + "/Tests/EndToEndTests/Recipes/dracut.yml"
      _ = try succeeding(["particle-compile", recipe, "-o", manifest])
      _ = try place.run(manifest, "particle-run of dracut.yml")
      // Again from nothing, at another time, by another name, with one processor.
      _ = try succeeding(["particle-run", manifest, "--store", place.store, "--check"])
      try Start().prove(
        place.out + "/disk.raw", "initramfs by dracut",
        [
          ("ls /boot/initrd.img-* | wc -l", "1"),
          ("lsinitrd /boot/initrd.img-* etc/modprobe.d/10-particle.conf", "blacklist pcspkr"),
          ("head -c 6 /boot/initrd.img-* | od -An -tx1", " fd 37 7a 58 5a 00"),
        ])
    }
  }
}
