// System calls that the C library has no function for, or only one with variable arguments.
// Only the kernel's headers are included: the C library's types belong to Swift's Glibc module.
#pragma once
#include <asm/unistd.h>
#include <linux/openat2.h>

long syscall(long number, ...);

/// openat2(2) with RESOLVE_IN_ROOT: every path is resolved as if `root` were "/".
/// `flags` as for open(2); O_CLOEXEC (02000000) is added; `mode` counts with O_CREAT (0100) only.
static inline int particle_open_in_root(int root, const char *path, int flags, unsigned mode) {
  struct open_how how = {0};
  how.flags = (unsigned)(flags | 02000000);
  how.mode = (flags & 0100) ? mode : 0;
  how.resolve = RESOLVE_IN_ROOT;
  return (int)syscall(__NR_openat2, root, path, &how, sizeof how);
}

/// memfd_create(2), closed on exec.
static inline int particle_memory_file(const char *name) {
  return (int)syscall(__NR_memfd_create, name, 1u /* MFD_CLOEXEC */);
}

/// llistxattr(2): the names, each with its NUL; the number of bytes, or -1.
static inline long particle_list_xattrs(const char *path, char *names, unsigned long room) {
  return syscall(__NR_llistxattr, path, names, room);
}

/// lgetxattr(2): the number of bytes of the value, or -1.
static inline long particle_get_xattr(const char *path, const char *name, void *value,
                                      unsigned long room) {
  return syscall(__NR_lgetxattr, path, name, value, room);
}

/// lsetxattr(2).
static inline int particle_set_xattr(const char *path, const char *name, const void *value,
                                     unsigned long size) {
  return (int)syscall(__NR_lsetxattr, path, name, value, size, 0);
}

/// open(2)'s O_PATH, which the C library shows only to GNU sources.
static const int PARTICLE_O_PATH = 010000000;
