internal import Files
internal import Model
internal import TestSupport
internal import Testing

/// The disks of `Recipes/disks.yml`, built once; some of them only in a full test.
struct Disks: Sendable {
  /// The images.
  static let names =
    ["entries", "verity", "mbr", "syslinux", "btrfs"]
    + (FullTest.isOn ? ["unified", "erofs", "mbr-efi", "xfs"] : [])

  static let manifest = scratch + "/disks/disks.json"

  let place: Chain.Place

  static let shared = Result { () throws(Failure) in try Disks() }

  private init() throws(Failure) {
    // The downloads of the first chain are most of these.
    place = try Chain.shared.get().first.separate(in: "disks")
    let manifest = Self.manifest
    let recipe = Places.repository + "/Tests/EndToEndTests/Recipes/disks.yml"
    _ = try succeeding(["particle-compile", recipe, "-o", manifest])
    _ = try place.run(manifest, "particle-run of disks.yml", only: Self.exports)
  }

  static var exports: [String] { names.map { "\($0).raw" } }

  func image(_ name: String) -> String { "\(place.out)/\(name).raw" }

  /// The types of an image's partitions, as sfdisk writes them.
  func types(of name: String) throws -> [String] {
    try Partition.all(of: image(name)).map(\.type)
  }

  /// A partition of an image in a file of its own.
  func partition(_ number: Int, of name: String) throws -> String {
    let copy = "\(scratch)/disks/\(name)-\(number)"
    try Partition.all(of: image(name))[number - 1].copy(to: copy)
    return copy
  }
}
