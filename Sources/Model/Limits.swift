/// How much of a foreign archive, image or tree is read before it is refused.
///
/// Whoever made it may want to fill the memory, the disk, or an afternoon. Each limit is far above what honest files have,
/// or is the kernel's own, and a refusal says which of them was met.
package enum Limits {
  /// Bytes of a file's name: the kernel's NAME_MAX.
  package static let name = 255

  /// Bytes of a path or of what a symbolic link says: the kernel's PATH_MAX, without the NUL at its end.
  ///
  /// It also bounds how deep a tree from an archive can be.
  package static let path = 4095

  /// Bytes of one file.
  ///
  /// Hashing a file without stored data, all of it a hole, takes ten minutes at this size.
  package static let file = 1 << 40

  /// Bytes of the holes in all files of one archive, which it does not have to store: see `file`.
  package static let holes = 1 << 40

  /// Pieces of data between the holes of one file.
  ///
  /// They cost memory; the map of a file of this size in pieces of 256 KiB fits.
  package static let extents = 1 << 22

  /// Bytes that an archive says of one entry in headers of their own (pax, GNU's long names), all of them together.
  ///
  /// Linux has 64 KiB of names and of each value of a file's extended attributes.
  package static let headers = 16 << 20

  /// Bytes of the value of an extended attribute: the kernel's XATTR_SIZE_MAX.
  package static let attribute = 1 << 16

  /// Files of one archive, image or layer: some ten times those of a desktop.
  package static let entries = 1 << 23

  /// Bytes that are said of all files of an image, without what is in them.
  package static let listing = 1 << 30

  /// Seconds since 1970 of a file's time, from the first second of the year 1 to the last of 9999: what RFC 3339 can
  /// write.
  package static let times = -62_135_596_800...253_402_300_799

  /// Bytes of a Debian package's files that are decompressed in memory.
  ///
  /// Those that come first into an empty tree have less than 64 MiB each.
  package static let package = 1 << 30

  /// Bytes of a Debian package's control or copyright file; the longest copyright file has less than 2 MiB.
  package static let control = 16 << 20

  /// Bytes of the control file of a package that a recipe names.
  ///
  /// apt reads no paragraph of 5 MB; the longest of Debian 13's has less than 100 KiB.
  package static let paragraph = 1 << 20

  /// What may be decompressed whatever it was before: more has to be no larger than `expansion` times what was read.
  package static let decompressed = 1 << 28

  /// How many times as much something may come to that is larger than `decompressed`.
  ///
  /// Layers and archives shrink to a third; only zeros shrink to less than a hundredth.
  package static let expansion = 200

  /// Bytes of memory for undoing xz, whose files may ask for 4 GiB; `xz -9` asks for 65 MiB.
  package static let decoder = 1 << 29

  /// Bytes of a JSON document in a container image.
  ///
  /// Registries take manifests of up to 4 MiB; configurations may have more.
  package static let document = 16 << 20

  /// Manifests and indexes of one layout, which may name each other.
  package static let documents = 1000

  /// Layers of one container image; the drivers of containers/storage end at 500.
  package static let layers = 500

  /// Archives that follow each other in one file, and compressions around each other: an initramfs has three of the
  /// one and one of the other.
  ///
  /// A file can be its own compressed form, so there would be no end.
  package static let nested = 16

  /// Bytes of a file in a tree that a stage reads into memory.
  package static let text = 256 << 20

  /// Seconds for a program that takes files out of an image, and of its processor time.
  package static let toolSeconds = 1800

  /// Bytes of memory for such a program.
  package static let toolMemory = 4 << 30
}
