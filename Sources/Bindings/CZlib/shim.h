#pragma once
#include <zlib.h>

/// inflateInit2, a macro; 32 more bits than the window's tell zlib to expect a gzip header.
static inline int particle_inflate_gzip(z_stream *stream) {
  return inflateInit2(stream, 15 + 32);
}
