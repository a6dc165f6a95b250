package dev.dwindle.op;

import java.util.Arrays;

/**
 * How a window slides over an input of known size: one entry for each spatial axis in every array (none of which may be
 * changed). Output position {@code o} reads input positions {@code o * stride - padBegin + k * dilation}.
 */
public record WindowGeometry(int[] input, int[] kernel, int[] strides, int[] dilations, int[] padBegin, int[] padEnd,
    int[] output) {

  /** Number of spatial axes. */
  public int rank() {
    return input.length;
  }

  /** Positions of the input, all axes together. */
  public int inputSize() {
    return product(input);
  }

  /** Elements of the kernel, all axes together. */
  public int kernelSize() {
    return product(kernel);
  }

  /** Positions of the output, all axes together. */
  public int outputSize() {
    return product(output);
  }

  /** Whether no output position reads padding. */
  public boolean isUnpadded() {
    for (int i = 0; i < rank(); i++) {
      if (padBegin[i] > 0 || overhang(i) > 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether every output position reads just the input position of the same index. */
  public boolean isPointwise() {
    return isUnpadded() && kernelSize() == 1 && Arrays.equals(input, output)
        && Arrays.stream(strides).allMatch(s -> s == 1);
  }

  /** By how many positions the last window reaches beyond the end of the input; negative where it ends before. */
  int overhang(int axis) {
    return lastRead(axis) + 1 - input[axis];
  }

  private int lastRead(int axis) {
    return (output[axis] - 1) * strides[axis] - padBegin[axis] + (kernel[axis] - 1) * dilations[axis];
  }

  private static int product(int[] sizes) {
    int product = 1;
    for (int size : sizes) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }
}
