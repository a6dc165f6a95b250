package dev.dwindle.backend.cuda;

import java.lang.foreign.MemorySegment;

/**
 * A kernel with all that it needs to run.
 *
 * @param arguments native: the address of each argument's bytes, in the kernel's order
 */
record Launch(Kernel kernel, Grid grid, MemorySegment arguments) {}
