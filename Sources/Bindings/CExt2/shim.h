#include <ext2fs/ext2fs.h>

/* unix_io_manager is a variable, which Swift cannot be sure that nobody writes. */
static inline errcode_t particle_ext2_open(const char *path, ext2_filsys *system) {
  return ext2fs_open2(path, 0, EXT2_FLAG_64BITS | EXT2_FLAG_SOFTSUPP_FEATURES, 0, 0,
                      unix_io_manager, system);
}
