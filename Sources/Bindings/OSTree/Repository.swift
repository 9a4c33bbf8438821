internal import COSTree

/// An OSTree repository on disk.
package struct Repository: ~Copyable {
  private let object: OpaquePointer

  package init(path: String) {
    let file = g_file_new_for_path(path)
    defer { g_object_unref(UnsafeMutableRawPointer(file)) }
    object = ostree_repo_new(file)
  }

  deinit { g_object_unref(UnsafeMutableRawPointer(object)) }
}
