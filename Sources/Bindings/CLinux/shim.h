// System calls that the C library has no function for, or only one with variable arguments.
// Only the kernel's headers are included: the C library's types belong to Swift's Glibc module.
#pragma once
#include <asm/unistd.h>
#include <linux/openat2.h>

long syscall(long number, ...);

int mallopt(int parameter, int value);

/// mallopt(3) with M_ARENA_MAX: how many heaps the threads share.
static inline void particle_limit_heaps(int count) { mallopt(-8, count); }

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

/// sendfile(2) from the file's position: the number of bytes, or -1.
static inline long particle_send_file(int target, int source, unsigned long count) {
  return syscall(__NR_sendfile, target, source, (long *)0, count);
}

/// copy_file_range(2) from and to a place: the number of bytes, or -1.
static inline long particle_copy_range(
    int source, long from, int target, long to, unsigned long count) {
  return syscall(__NR_copy_file_range, source, &from, target, &to, count, 0);
}

/// open(2)'s O_PATH, which the C library shows only to GNU sources.
static const int PARTICLE_O_PATH = 010000000;

/// unshare(2) with CLONE_NEWNS.
static inline int particle_unshare_mounts(void) {
  return (int)syscall(__NR_unshare, 0x00020000);
}

/// unshare(2) with CLONE_NEWUSER and CLONE_NEWNS.
static inline int particle_unshare_users_and_mounts(void) {
  return (int)syscall(__NR_unshare, 0x10000000 | 0x00020000);
}

/// pipe2(2), both ends closed on exec: the reading end, then the writing end.
static inline int particle_pipe(int *ends) {
  return (int)syscall(__NR_pipe2, ends, 02000000);
}

static inline int particle_mount(
    const char *source, const char *target, const char *type, unsigned long flags,
    const char *data) {
  return (int)syscall(__NR_mount, source, target, type, flags, data);
}

/// umount2(2) with MNT_DETACH: the mount leaves the tree at once, with those beneath it.
static inline int particle_unmount(const char *target) {
  return (int)syscall(__NR_umount2, target, 2);
}

static const unsigned long PARTICLE_MS_RDONLY = 1;
static const unsigned long PARTICLE_MS_NOSUID = 2;
static const unsigned long PARTICLE_MS_NODEV = 4;
static const unsigned long PARTICLE_MS_REC = 16384;
static const unsigned long PARTICLE_MS_PRIVATE = 1 << 18;

/// The ioctl FICLONE: the whole of `source` as a reflink in `target`.
static inline int particle_clone_file(int target, int source) {
  return (int)syscall(__NR_ioctl, target, 0x40049409, source);
}

static inline long particle_copy_file_range(
    int source, long long *source_offset, int target, long long *target_offset,
    unsigned long count) {
  return syscall(
      __NR_copy_file_range, source, source_offset, target, target_offset, count, 0u);
}


/// The type of the file system (`f_type` of statfs(2)); -1 on failure.
static inline long particle_filesystem_type(const char *path) {
  long buffer[64] = {0};
  if (syscall(__NR_statfs, path, buffer) != 0) return -1;
  return buffer[0];
}

static inline long particle_list_attributes(const char *path, char *names, unsigned long size) {
  return syscall(__NR_llistxattr, path, names, size);
}

static inline long particle_get_attribute(
    const char *path, const char *name, void *value, unsigned long size) {
  return syscall(__NR_lgetxattr, path, name, value, size);
}

static inline int particle_set_attribute(
    const char *path, const char *name, const void *value, unsigned long size) {
  return (int)syscall(__NR_lsetxattr, path, name, value, size, 0);
}

static inline int particle_remove_attribute(const char *path, const char *name) {
  return (int)syscall(__NR_lremovexattr, path, name);
}

/// lseek(2)'s whences for sparse files, which the C library shows only to GNU sources.
static const int PARTICLE_SEEK_DATA = 3;
static const int PARTICLE_SEEK_HOLE = 4;

/// pidfd_open(2): a file that can be read from when the process has ended.
static inline int particle_open_process(int process) {
  return (int)syscall(__NR_pidfd_open, process, 0u);
}

/// pidfd_send_signal(2).
static inline int particle_signal_process(int process, int number) {
  return (int)syscall(__NR_pidfd_send_signal, process, number, (void *)0, 0u);
}

/// unshare(2) with CLONE_NEWUTS: a host name of this process's own.
static inline int particle_unshare_host_name(void) {
  return (int)syscall(__NR_unshare, 0x04000000);
}

static inline int particle_set_host_name(const char *name, unsigned long length) {
  return (int)syscall(__NR_sethostname, name, length);
}

/// prctl(2) with PR_SET_PDEATHSIG: the signal that comes when the parent's thread ends.
static inline int particle_set_parent_death_signal(int number) {
  return (int)syscall(__NR_prctl, 1, (unsigned long)number, 0ul, 0ul, 0ul);
}

/// Keeps this process, and those it starts, on the first of the processors that it may use.
static inline int particle_use_one_processor(void) {
  unsigned char mask[1024] = {0};
  long size = syscall(__NR_sched_getaffinity, 0, sizeof mask, mask);
  if (size < 0) return -1;
  int found = 0;
  for (long byte = 0; byte < size; byte++) {
    unsigned char first = found ? 0 : (unsigned char)(mask[byte] & -mask[byte]);
    if (first) found = 1;
    mask[byte] = first;
  }
  return (int)syscall(__NR_sched_setaffinity, 0, (unsigned long)size, mask);
}

/// renameat2(2) with RENAME_EXCHANGE: two names change places, at once.
static inline int particle_exchange(const char *a, const char *b) {
  return (int)syscall(__NR_renameat2, -100, a, -100, b, 2u);
}
