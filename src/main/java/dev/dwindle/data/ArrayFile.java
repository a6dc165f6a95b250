package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * An array in a file, read row by row along its first axis.
 *
 * @param where the file, and the entry in an archive
 * @param dtype type of its elements
 * @param shape with the rows as first dimension
 * @param bigEndian whether the elements' bytes stand highest first
 * @param opener opens the file at its first element
 */
record ArrayFile(String where, DType dtype, Shape shape, boolean bigEndian, Opener opener) {
  /** Opens a file at its first element. */
  interface Opener {
    InputStream open() throws IOException;
  }

  /** Deflate makes at most this much of one byte. */
  private static final long MOST_OUT_OF_A_BYTE = 1032;

  ArrayFile {
    if (shape.rank() == 0) {
      throw new InvalidInputException(
          where + ": found a single number, expected an array whose first axis counts rows");
    }
  }

  long rows() {
    return shape.dim(0);
  }

  Shape rowShape() {
    return Shape.of(Arrays.copyOfRange(shape.dims(), 1, shape.rank()));
  }

  /** Fails where packed bytes of a file cannot hold the elements that its header promises. */
  ArrayFile requireIn(long packedBytes) {
    long needed = dtype.bytes(shape.size());
    if (needed / MOST_OUT_OF_A_BYTE > packedBytes) {
      throw new InvalidInputException(
          where + ": found " + packedBytes + " packed bytes, expected enough for " + needed + " of " + shape
              + "; the file is damaged");
    }
    if (dtype.bytes(rowShape().size()) > Integer.MAX_VALUE - 16) {
      throw new InvalidInputException(
          where + ": found rows of " + rowShape() + ", expected at most 2^31 - 17 bytes each");
    }
    return this;
  }

  /** The next row of a stream that the opener gave. */
  Tensor next(InputStream in) throws IOException {
    Shape row = rowShape();
    int bytes = Math.toIntExact(dtype.bytes(row.size()));
    byte[] data = in.readNBytes(bytes);
    if (data.length < bytes) {
      throw new EOFException("the data ends early, expected " + shape + " of " + dtype.text());
    }
    if (bigEndian) {
      swap(data, dtype.bits() / 8);
    }
    return Tensor.of(dtype, row, data);
  }

  private static void swap(byte[] data, int width) {
    for (int i = 0; i < data.length; i += width) {
      for (int a = i, b = i + width - 1; a < b; a++, b--) {
        byte kept = data[a];
        data[a] = data[b];
        data[b] = kept;
      }
    }
  }
}
