// System calls that the C library has no function for, or only one with variable arguments.
// Only the kernel's headers are included: the C library's types belong to Swift's Glibc module.
#pragma once
#include <asm/unistd.h>
#include <linux/ioctl.h>
#include <linux/openat2.h>

long syscall(long number, ...);

int *__errno_location(void);

int mallopt(int parameter, int value);

/// mallopt(3) with M_ARENA_MAX: how many heaps the threads share.
static inline void particle_limit_heaps(int count) { mallopt(-8, count); }

/// openat2(2). Where something is renamed or mounted anywhere on the machine while the kernel follows a "..", it cannot tell whether
/// that leads outside, and says EAGAIN: it is to be asked again.
static inline int particle_open_resolved(int root, const char *path, struct open_how *how) {
  // Only a file that another process has a lease on says the same for long.
  for (int tries = 0; tries < 100000; tries++) {
    int raw = (int)syscall(__NR_openat2, root, path, how, sizeof *how);
    if (raw >= 0 || *__errno_location() != 11) return raw;
    syscall(__NR_sched_yield);
  }
  return -1;
}

/// openat2(2) with RESOLVE_IN_ROOT: every path is resolved as if `root` were "/".
/// `flags` as for open(2); O_CLOEXEC (02000000) is added; `mode` counts with O_CREAT (0100) only.
static inline int particle_open_in_root(int root, const char *path, int flags, unsigned mode) {
  struct open_how how = {0};
  how.flags = (unsigned)(flags | 02000000);
  how.mode = (flags & 0100) ? mode : 0;
  how.resolve = RESOLVE_IN_ROOT;
  return particle_open_resolved(root, path, &how);
}

/// openat2(2) with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS: no link on the way is followed,
/// and nothing leads out of `root`. `flags` and `mode` as above.
///
/// Reading leaves the time of the last access as it is (O_NOATIME, 01000000), because a later stage could see it. The kernel
/// only allows that to the file's owner; anyone else opens it as usual. O_PATH (010000000) reads nothing.
static inline int particle_open_beneath(int root, const char *path, int flags, unsigned mode) {
  const int isReading = (flags & 3) == 0 && (flags & 010000000) == 0;
  struct open_how how = {0};
  how.flags = (unsigned)(flags | 02000000 | (isReading ? 01000000 : 0));
  how.mode = (flags & 0100) ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  int raw = particle_open_resolved(root, path, &how);
  if (raw >= 0 || !isReading || *__errno_location() != 1) return raw;
  how.flags &= ~(unsigned)01000000;
  return particle_open_resolved(root, path, &how);
}

/// The same, and not into what is mounted there: RESOLVE_NO_XDEV.
static inline int particle_open_within_mount(int root, const char *path, int flags) {
  struct open_how how = {0};
  how.flags = (unsigned)(flags | 02000000);
  how.resolve =
      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  return particle_open_resolved(root, path, &how);
}

/// fallocate(2) with FALLOC_FL_PUNCH_HOLE and FALLOC_FL_KEEP_SIZE.
static inline int particle_punch_hole(int file, long start, long size) {
  return (int)syscall(__NR_fallocate, file, 3, start, size);
}

/// Takes the flags `i` (immutable) and `a` (append only) of chattr(1) from an open file: 0 when it had one of them
/// and has none any more.
static inline int particle_make_changeable(int file) {
  const unsigned long get = _IOR('f', 1, long), set = _IOW('f', 2, long);
  const unsigned fixed = 0x10 | 0x20;
  unsigned flags = 0;
  if (syscall(__NR_ioctl, file, get, &flags) != 0 || !(flags & fixed)) return -1;
  flags &= ~fixed;
  return (int)syscall(__NR_ioctl, file, set, &flags);
}

/// memfd_create(2), closed on exec.
static inline int particle_memory_file(const char *name) {
  return (int)syscall(__NR_memfd_create, name, 1u /* MFD_CLOEXEC */);
}

int posix_spawn_file_actions_addchdir_np(void *actions, const char *path);

/// posix_spawn_file_actions_addchdir_np(3), which Swift's Glibc module leaves out: 0, or the error's number.
static inline int particle_spawn_in(void *actions, const char *path) {
  return posix_spawn_file_actions_addchdir_np(actions, path);
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
static const unsigned long PARTICLE_MS_NOEXEC = 8;
static const unsigned long PARTICLE_MS_REMOUNT = 32;
static const unsigned long PARTICLE_MS_BIND = 4096;
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

/// personality(2): what the kernel pretends to this process's programs; PER_LINUX is 0, and pretends nothing.
static inline int particle_set_personality(unsigned long personality) {
  return (int)syscall(__NR_personality, personality);
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

/// renameat2(2) with RENAME_NOREPLACE: fails where something has the new name.
static inline int particle_rename_to_free(const char *a, const char *b) {
  return (int)syscall(__NR_renameat2, -100, a, -100, b, 1u);
}

/// close_range(2) to the last one: closes them.
static inline int particle_close_from(unsigned first) {
  return (int)syscall(__NR_close_range, first, ~0u, 0u);
}

/// The same with CLOSE_RANGE_CLOEXEC: they are closed in the programs that this one starts.
static inline int particle_close_on_exec_from(unsigned first) {
  return (int)syscall(__NR_close_range, first, ~0u, 4u);
}

/// setns(2) with CLONE_NEWIPC: this thread sees that namespace's System V memory.
static inline int particle_enter_ipc_namespace(int file) {
  return (int)syscall(__NR_setns, file, 0x08000000);
}

/// fcntl(2) with F_DUPFD_CLOEXEC: the same file at the first free number from `least` on.
static inline int particle_duplicate_from(int file, int least) {
  return (int)syscall(__NR_fcntl, file, 1030 /* F_DUPFD_CLOEXEC */, least);
}

/// posix_spawn_file_actions_addclosefrom_np(3), which the C library shows only to GNU sources; `actions` is a
/// posix_spawn_file_actions_t.
int particle_spawn_closing_from(void *actions, int first)
    __asm__("posix_spawn_file_actions_addclosefrom_np");

/// Any system call with up to four words, for tests that try what is refused: its result, or -1.
static inline long particle_call(long number, long a, long b, long c, long d) {
  return syscall(number, a, b, c, d);
}

/// Starts a program as posix_spawn(3) does, but in a control group from its first moment (clone3(2) with
/// CLONE_INTO_CGROUP): moving it there later makes the kernel wait for all processors.
///
/// It is in a process group of its own, with no signal held back or ignored, and has open what `files` says:
/// pairs of its number and ours, by its numbers, none of ours being one of its others. Returns its number, or -1;
/// where the program itself can't be started, the process ends with status 127.
static inline int particle_spawn_in_group(
    int group, const char *path, char *const *words, char *const *variables, const int *files,
    int count) {
  // struct clone_args: flags, exit_signal, cgroup; with CLONE_VFORK the caller goes on when the program runs.
  unsigned long long how[11] = {0x200000000ull | 0x4000ull, 0, 0, 0, 17};
  how[10] = (unsigned long long)group;
  long process = syscall(__NR_clone3, how, sizeof how);
  if (process != 0) return (int)process;
  // The kernel's struct sigaction of SIG_DFL, and an empty set.
  unsigned long usual[8] = {0};
  for (int number = 1; number <= 64; number++)
    syscall(__NR_rt_sigaction, number, usual, (void *)0, 8ul);
  syscall(__NR_rt_sigprocmask, 2, usual, (void *)0, 8ul);
  syscall(__NR_setpgid, 0, 0);
  int next = 3;
  for (int index = 0; index < count; index++) {
    int theirs = files[2 * index], ours = files[2 * index + 1];
    if (theirs == ours) syscall(__NR_fcntl, ours, 2 /* F_SETFD */, 0);
    else syscall(__NR_dup3, ours, theirs, 0);
  }
  for (int index = 0; index < count; index++) {
    int theirs = files[2 * index];
    for (; next < theirs; next++) syscall(__NR_close, next);
    if (next == theirs) next++;
  }
  syscall(__NR_close_range, next, ~0u, 0u);
  syscall(__NR_execve, path, words, variables);
  syscall(__NR_exit_group, 127);
  return -1;
}
