internal import Model

/// The packages and layers that a build downloads, by digest.
func downloads(of lock: Lock) -> [Digest: Source] {
  var sources: [Digest: Source] = [:]
  for package in lock.system.packages + (lock.tools?.packages ?? []) {
    sources[package.digest] = package.source
  }
  for layer in lock.container?.layers ?? [] { sources[layer.digest] = layer.source }
  return sources
}
