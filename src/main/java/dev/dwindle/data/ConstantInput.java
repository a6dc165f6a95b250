package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An input that is the same in every run: a setting, or the first value of a state that is carried on. */
record ConstantInput(Tensor value) implements InputRule {
  private static final long MOST_ELEMENTS = 1 << 24;

  /** {@code {constant: NUMBER or LIST, shape: [...], dtype: ...}}; one number fills the shape. */
  static ConstantInput read(Map<String, Yaml> keys) {
    Yaml constant = keys.get("constant");
    List<Double> numbers = constant.list().stream().map(Yaml::ratio).toList();
    Shape shape = constant.isScalar() ? Shape.SCALAR : Shape.of(numbers.size());
    if (keys.containsKey("shape")) {
      Yaml dims = keys.get("shape");
      shape = Shape.of(dims.list().stream().mapToLong(Yaml::whole).toArray());
      if (shape.size() > MOST_ELEMENTS) {
        throw dims.error("found " + shape + ", expected at most " + MOST_ELEMENTS + " elements");
      }
    }
    if (numbers.size() != 1 && numbers.size() != shape.size()) {
      throw constant
          .error("found " + numbers.size() + " numbers, expected 1 or " + shape.size() + " for shape " + shape);
    }
    double[] values = new double[shape.intSize()];
    Arrays.setAll(values, i -> numbers.get(numbers.size() == 1 ? 0 : i));
    DType dtype = keys.containsKey("dtype") ? Cast.dtype(keys.get("dtype")) : DType.FLOAT;
    return new ConstantInput(Cast.tensor(dtype, shape, values, constant.where()));
  }

  @Override
  public Set<String> fields() {
    return Set.of();
  }

  @Override
  public Tensor make(Row row) {
    return value;
  }
}
