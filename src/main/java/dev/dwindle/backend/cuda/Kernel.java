package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DType;

/**
 * A kernel of {@code native/cuda}.
 *
 * @param file without its ending
 */
record Kernel(String file, String name) {
  /** The same over numbers of another type: FLOAT, FLOAT16 or BFLOAT16, as {@code real.cuh} has them. */
  Kernel over(DType dtype) {
    String variant = KernelSource.variant(dtype);
    return new Kernel(file + variant, name + variant);
  }
}
