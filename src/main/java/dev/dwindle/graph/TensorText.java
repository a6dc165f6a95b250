package dev.dwindle.graph;

import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Types and elements of tensors in the text form: {@code float[2,3]}, {@code {1, 2}}, {@code random(7)}. */
final class TensorText {
  private final TextScanner text;

  TensorText(TextScanner text) {
    this.text = text;
  }

  /** A type if one comes next, else null and nothing is taken. */
  ValueType type() {
    int start = text.position();
    if (text.takes("?[")) {
      return new TensorType(null, dims());
    }
    if (!text.seesWord()) {
      return null;
    }
    String word = text.word();
    if ((word.equals("seq") || word.equals("optional")) && text.takes("(")) {
      ValueType element = type();
      text.expect(")");
      return word.equals("seq") ? new ValueType.SequenceType(element) : new ValueType.OptionalType(element);
    }
    DType dtype = dtype(word);
    if (dtype == null || !text.takes("[")) {
      text.back(start);
      return null;
    }
    return new TensorType(dtype, dims());
  }

  private static DType dtype(String word) {
    for (DType type : DType.values()) {
      if (type.text().equals(word)) {
        return type;
      }
    }
    return null;
  }

  /** Dimensions up to the closing bracket; {@code ?} alone is an unknown rank. */
  private List<Dim> dims() {
    if (text.takes("?]")) {
      return null;
    }
    List<Dim> dims = new ArrayList<>();
    while (!text.takes("]")) {
      if (text.takes("?")) {
        dims.add(Dim.unknown());
      } else {
        String dim = text.item();
        dims.add(dim.matches("\\d+") ? Dim.of(Long.parseLong(dim)) : Dim.symbol(dim));
      }
      if (!text.sees("]")) {
        text.expect(",");
      }
    }
    return dims;
  }

  /**
   * The elements of a tensor of this type: all of them, or one for all, or {@code random(seed)} for normal ones (whole
   * numbers of the type's range for integers).
   */
  Tensor elements(ValueType type) {
    if (!(type instanceof TensorType tensor) || tensor.dtype() == null || !tensor.isStatic()) {
      throw text.flaw("a type of known shape before the elements");
    }
    Shape shape = tensor.shape();
    if (text.takes("random(")) {
      long seed = Long.parseLong(text.number());
      text.expect(")");
      return random(tensor.dtype(), shape, new Random(seed));
    }
    text.expect("{");
    List<String> items = new ArrayList<>();
    boolean strings = tensor.dtype() == DType.STRING;
    while (!text.takes("}")) {
      items.add(strings ? text.string() : text.seesWord() ? text.word() : text.number());
      if (!text.sees("}")) {
        text.expect(",");
      }
    }
    if (items.size() == 1 && !strings) {
      items = Collections.nCopies(shape.intSize(), items.getFirst());
    }
    if (items.size() != shape.size()) {
      throw text
          .flaw(shape.size() + " elements of " + tensor + " before this, or one for all; there are " + items.size());
    }
    return of(tensor.dtype(), shape, items);
  }

  private static Tensor of(DType dtype, Shape shape, List<String> items) {
    if (dtype == DType.STRING) {
      return Tensor.ofStrings(shape, items.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList());
    }
    if (dtype == DType.FLOAT) {
      float[] values = new float[items.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) real(items.get(i));
      }
      return Tensor.of(shape, values);
    }
    if (dtype.isFloating()) {
      return Elements.ofDoubles(dtype, shape,
          items.stream().mapToDouble(TensorText::real).toArray());
    }
    return Elements.ofLongs(dtype, shape, items.stream().mapToLong(s -> whole(dtype, s)).toArray());
  }

  /** The number behind its text, also {@code inf}, {@code -inf} and {@code nan}. */
  static double real(String number) {
    return switch (number) {
      case "inf", "+inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.parseDouble(number);
    };
  }

  private static long whole(DType dtype, String number) {
    return switch (number) {
      case "true" -> 1;
      case "false" -> 0;
      default -> dtype == DType.UINT64 ? Long.parseUnsignedLong(number) : Long.parseLong(number);
    };
  }

  private static Tensor random(DType dtype, Shape shape, Random random) {
    if (dtype.isFloating()) {
      return Elements.ofDoubles(dtype, shape, random.doubles(shape.intSize(), -1, 1).toArray());
    }
    long low = dtype == DType.BOOL ? 0 : Math.max(dtype.min(), -1000);
    long high = dtype == DType.BOOL ? 1 : dtype.bits() == 64 ? 1000 : Math.min(dtype.max(), 1000);
    return Elements.ofLongs(dtype, shape, random.longs(shape.intSize(), low, high + 1).toArray());
  }
}
