internal import Compression
internal import Files
internal import Glibc
internal import Hashing
internal import Layers
internal import Model
package import StageContracts
package import StageKit
internal import Tar

@main extension ContainerStore: StageBody {
  package func run(in job: borrowing Job) throws {
    guard !job.tree.exists(Self.path) else {
      throw Failure(
        "create", Self.path, cause: "the tree already has it",
        remedy: "remove it first, in a files module")
    }
    let blobs = try job.input("blobs")
    let storage = try Storage(in: job.tree, at: Self.path, epoch: job.epoch)
    var layers: [String: LayerFolder] = [:]
    var layerNodes: [Node] = []
    for image in images {
      var below: LayerFolder?
      for (index, layer) in image.layers.enumerated() {
        let id = Self.id(of: layer, on: below?.id)
        if layers[id] == nil {
          let name = "layer \(index + 1) of \(image.layers.count) of \(image.name)"
          do throws(Failure) {
            let (folder, node) = try storage.add(
              layer, id: id, on: below, from: "\(blobs)/\(layer.blob.hex)", named: name)
            layers[id] = folder
            layerNodes.append(node)
          } catch { throw Failure("unpack", name, cause: "\(error)") }
        }
        below = layers[id]
      }
    }
    try storage.finish(layerNodes, try records(storage, blobs))
  }

  /// As podman has it: the same layer on the same ones is there once (containers/image, "storage").
  private static func id(of layer: Layer, on below: String?) -> String {
    guard let below else { return layer.archive.hex }
    return SHA256.digest(Array("\(below)+\(layer.archive.hex)".utf8)).hex
  }

  /// What `images.json` says; an image that is there by several names stands there once.
  private func records(_ storage: borrowing Storage, _ blobs: String) throws(Failure) -> [Node] {
    var seen: Set<Digest> = []
    var nodes: [Node] = []
    for image in images where seen.insert(image.configuration).inserted {
      let same = images.filter { $0.configuration == image.configuration }
      var data = [Storage.Datum("manifest", image.manifest)]
      for other in same where !data.contains(where: { $0.name == "manifest-\(other.manifest)" }) {
        data.append(Storage.Datum("manifest-\(other.manifest)", other.manifest))
      }
      data.append(Storage.Datum("\(image.configuration)", image.configuration))
      let id = image.configuration.hex
      let sizes = try storage.add(data, to: id, from: blobs)
      var top: String?
      for layer in image.layers { top = Self.id(of: layer, on: top) }
      var members: [(String, Node)] = [
        ("id", .string(id)), ("digest", .string("\(image.manifest)")),
        ("names", .list(same.map { .string($0.name) })),
        ("metadata", .string("{}")), ("created", .string("\(image.created)")),
        ("big-data-names", .list(data.map { .string($0.name) })),
        ("big-data-sizes", .object(zip(data, sizes).map { ($0.name, .integer($1)) })),
        ("big-data-digests", .object(data.map { ($0.name, .string("\($0.digest)")) })),
      ]
      if let top { members.append(("layer", .string(top))) }
      nodes.append(.object(members))
    }
    return nodes
  }
}
