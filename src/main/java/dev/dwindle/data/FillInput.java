package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.Set;

/**
 * An input of the row's length that holds one number throughout, such as an attention mask: {@code [1, length]};
 * padding is zero.
 *
 * @param value the number
 * @param length of the row
 * @param dtype element type
 */
record FillInput(double value, NumbersInput.Length length, DType dtype) implements InputRule {
  @Override
  public Set<String> fields() {
    return Set.of(length.field());
  }

  @Override
  public Tensor make(Row row) {
    int real = length.of(row);
    double[] values = new double[length.padded(real)];
    Arrays.fill(values, 0, real, value);
    return Cast.tensor(dtype, Shape.of(1, values.length), values, row.where());
  }
}
