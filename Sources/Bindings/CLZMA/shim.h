#pragma once
#include <lzma.h>

/// LZMA_STREAM_INIT, a macro that Swift cannot see.
static inline lzma_stream particle_lzma_stream(void) {
  lzma_stream stream = LZMA_STREAM_INIT;
  return stream;
}
