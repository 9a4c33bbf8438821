package import Model

/// Arranges a finished system as OSTree deploys it: nothing but `/usr` and what `/etc` starts with is
/// the system's, and all else is kept in `/var` (ostree.readthedocs.io, "Adapting existing mainstream
/// distributions").
///
/// The kernel and its initramfs, which dracut made, go to `/usr/lib/modules/RELEASE`; `/etc` to
/// `/usr/etc`; `/home`, `/root`, `/opt`, `/srv` and `/mnt` to `/var`, with links in their places; dpkg's
/// database to `/usr/lib/sysimage/dpkg`, as it changes with the system and not with the machine.
package struct OSTreeLayout: StageContract {
  package static let name = "ostree.layout"
  package static let version = 1
  package static let summary = "Arrange a system for deployment with OSTree."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(make: { OSTreeLayout() })

  package init() {}
}
