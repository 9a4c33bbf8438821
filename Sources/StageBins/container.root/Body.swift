internal import Layers
internal import Model
package import StageContracts
package import StageKit
internal import Tar

@main extension ContainerRoot: StageBody {
  package func run(in job: borrowing Job) throws {
    let folder = try job.input("layers")
    var root = try ContainerLayers(into: job.tree.root)
    for (index, name) in layers.enumerated() {
      let layer = "layer \(index + 1) of \(layers.count) (\(name))"
      do throws(Failure) {
        var archive = try TarReader(layer: "\(folder)/\(name)", named: layer)
        try root.add(&archive)
      } catch {
        throw Failure("unpack", layer, cause: "\(error)")
      }
    }
    try root.finish()
  }
}
