// The first process of a stage's sandbox: `particle-init LIFELINE PROGRAM [ARGUMENT…]`.
//
// bubblewrap becomes this program (`--as-pid-1`), so that nothing of the host is in the stage's /proc: bubblewrap's own
// process is outside. It starts the stage, reaps what the stage leaves behind, and ends as the stage ended; when it ends,
// the kernel kills all that is left in its process namespace.
//
// LIFELINE is the number of a pipe whose writing end only the runner holds, or `-` where nobody watches. It is in C
// because it starts once for every stage: 0.3 ms, where a program with Swift's libraries takes 2 ms.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what) {
  dprintf(2, "particle-init: cannot %s: %s\n", what, strerror(errno));
  return 1;
}

/// Whether the runner is gone. bubblewrap has asked for the signal at its own end before it became this program, so
/// whoever ends after this look takes the sandbox along.
static int isAlone(int lifeline) {
  struct pollfd end = {.fd = lifeline};
  return poll(&end, 1, 0) > 0 && (end.revents & POLLHUP);
}

/// A limit that does not depend on whoever started the runner, as far as that allows it.
static void limit(int resource, rlim_t usual, rlim_t most) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) return;
  struct rlimit fixed = {.rlim_cur = usual, .rlim_max = most};
  if (now.rlim_max < most) fixed.rlim_max = now.rlim_max;
  if (fixed.rlim_max < usual) fixed.rlim_cur = fixed.rlim_max;
  setrlimit(resource, &fixed);
}

int main(int count, char **words) {
  if (count < 3) {
    errno = EINVAL;
    return fail("start a stage");
  }
  if (strcmp(words[1], "-") != 0 && isAlone(atoi(words[1]))) return 1;
  // Whatever is open beside the three streams is nothing of the stage's.
  if (syscall(SYS_close_range, 3u, ~0u, 0u) != 0 && errno != ENOSYS) return fail("close files");
  // The owner of this process is the stage's, too: without this it could look into it and change it.
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return fail("protect its memory");
  umask(022);
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_NOFILE, 1024, 4096);
  limit(RLIMIT_STACK, 8 << 20, RLIM_INFINITY);
  const int unlimited[] = {RLIMIT_AS, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_RSS};
  for (size_t i = 0; i < sizeof unlimited / sizeof *unlimited; i++)
    limit(unlimited[i], RLIM_INFINITY, RLIM_INFINITY);

  pid_t stage = fork();
  if (stage < 0) return fail("start a process");
  if (stage == 0) {
    execv(words[2], words + 2);
    int error = errno;
    // The kernel says the same of a script whose interpreter does not exist.
    bool isScript = error == ENOENT && access(words[2], F_OK) == 0;
    dprintf(2, "particle-init: cannot start %s: %s\n", words[2],
            isScript ? "its interpreter is not in the tree that it runs in" : strerror(error));
    _exit(127);
  }
  // It holds nothing open that the stage may wait for the end of.
  syscall(SYS_close_range, 0u, ~0u, 0u);
  for (;;) {
    int status;
    pid_t ended = wait(&status);
    if (ended == stage)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended < 0 && errno != EINTR) return 1;
  }
}
