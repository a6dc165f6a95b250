package dev.dwindle.backend.cpu.kernel;

/**
 * A run of floats inside a heap array: where a kernel reads an activation or writes one.
 *
 * @param array the memory, shared with other slices of the same plan
 * @param offset index of the first element
 */
public record Slice(float[] array, int offset) {
  public Slice {
    if (offset < 0 || offset > array.length) {
      throw new IndexOutOfBoundsException(
          "slice: offset " + offset + " lies outside an array of " + array.length + " floats");
    }
  }

  /** The whole of an array. */
  public static Slice of(float... values) {
    return new Slice(values, 0);
  }

  /** The slice that begins {@code floats} further on. */
  public Slice plus(int floats) {
    return new Slice(array, offset + floats);
  }

  /** Refuses, with both numbers, a slice that has fewer than {@code floats} elements left. */
  void require(int floats, String role) {
    if (floats > array.length - offset) {
      throw new IndexOutOfBoundsException(
          "%s: %d floats at offset %d do not fit an array of %d"
              .formatted(role, floats, offset, array.length));
    }
  }
}
