// Moves elements without a change. A thread for each word, as far as there are threads.
#include "dwindle.cuh"

KERNEL(copy, const unsigned char* from, unsigned char* to, i64 bytes) {
  FOR_EACH(i, bytes) to[i] = from[i];
}
