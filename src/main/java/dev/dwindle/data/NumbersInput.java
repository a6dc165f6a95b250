package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * An input that is numbers of a row, with a batch axis of 1 before them.
 *
 * @param from the field
 * @param length where it ends, or null for whole
 * @param scaling of each number, the same for all
 * @param dtype element type, or null for the source's
 */
record NumbersInput(String from, Length length, Scaling scaling, DType dtype) implements InputRule {
  /**
   * A variable length along the first axis of a row.
   *
   * @param field the field that tells it
   * @param pad the length to which zeros fill up, or 0 for none
   */
  record Length(String field, int pad) {
    static Length read(Map<String, Yaml> keys) {
      if (!keys.containsKey("length")) {
        if (keys.containsKey("pad")) {
          throw keys.get("pad").error("found 'pad' without 'length', expected both");
        }
        return null;
      }
      long pad = keys.containsKey("pad") ? keys.get("pad").whole() : 0;
      if (pad < 0 || pad > 1 << 24) {
        throw keys.get("pad").error("found " + pad + ", expected 1 to " + (1 << 24));
      }
      return new Length(keys.get("length").text(), (int) pad);
    }

    /** How many are real, at most as many as are kept. */
    int of(Row row) {
      Tensor tensor = row.field(field).numbers();
      double value = tensor.size() == 1 ? Cast.doubles(tensor)[0] : -1;
      if (!(value >= 0 && value <= 1 << 24)) {
        throw new InvalidInputException(
            row.where() + ": found " + (tensor.size() == 1 ? value : tensor) + " as length '" + field
                + "', expected one whole number of at least 0");
      }
      return pad > 0 ? Math.min((int) value, pad) : (int) value;
    }

    /** How many there are with padding. */
    int padded(int real) {
      return pad > 0 ? pad : real;
    }
  }

  @Override
  public Set<String> fields() {
    return length == null ? Set.of(from) : Set.of(from, length.field());
  }

  @Override
  public Tensor make(Row row) {
    Tensor tensor = row.field(from).numbers();
    if (length != null) {
      int real = length.of(row);
      if (tensor.shape().rank() == 0 || real > tensor.shape().dim(0)) {
        throw new InvalidInputException(
            row.where() + ": found length " + real + " for '" + from + "' of shape " + tensor.shape()
                + ", expected at most as many");
      }
      tensor = Cast.resized(tensor, real, length.padded(real));
    }
    boolean same = dtype == null || dtype == tensor.dtype();
    if (!same || !scaling.isIdentity()) {
      double[] values = Cast.doubles(tensor);
      for (int i = 0; i < values.length; i++) {
        values[i] = scaling.apply(values[i], 0);
      }
      tensor = Cast.tensor(dtype == null ? DType.FLOAT : dtype, tensor.shape(), values, row.where());
    }
    return row.batched() ? tensor : tensor.reshape(batched(tensor.shape()));
  }

  /** A shape with a batch axis of 1 before it. */
  static Shape batched(Shape shape) {
    long[] dims = new long[shape.rank() + 1];
    Arrays.fill(dims, 1);
    System.arraycopy(shape.dims(), 0, dims, 1, shape.rank());
    return Shape.of(dims);
  }
}
