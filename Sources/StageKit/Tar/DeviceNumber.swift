package import Glibc

/// The two halves of a device's number, as the kernel packs them for user space (`makedev(3)`,
/// whose macros Swift cannot see).
package enum DeviceNumber {
  package static func split(_ number: dev_t) -> (major: Int, minor: Int) {
    let major = (number >> 8) & 0xfff | (number >> 32) & 0xffff_f000
    let minor = number & 0xff | (number >> 12) & 0xffff_ff00
    return (Int(major), Int(minor))
  }

  package static func join(major: Int, minor: Int) -> dev_t {
    let (major, minor) = (dev_t(major), dev_t(minor))
    return (major & 0xfff) << 8 | (major & 0xffff_f000) << 32 | minor & 0xff
      | (minor & 0xffff_ff00) << 12
  }
}
