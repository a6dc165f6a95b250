package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;
import java.util.stream.Stream;

/** A number format in which weights are stored, by its name in recipes. */
public enum WeightFormat {
  FLOAT("float", DType.FLOAT),
  FP16("fp16", DType.FLOAT16),
  BF16("bf16", DType.BFLOAT16),
  FP8("fp8", DType.FLOAT8E4M3FN),
  FP8_E5M2("fp8_e5m2", DType.FLOAT8E5M2),
  INT8("int8", DType.INT8),
  INT4("int4", DType.INT4);

  private final String word;
  private final DType dtype;

  WeightFormat(String word, DType dtype) {
    this.word = word;
    this.dtype = dtype;
  }

  /** The name in recipes. */
  public String word() {
    return word;
  }

  /** All names. */
  public static List<String> words() {
    return Stream.of(values()).map(WeightFormat::word).toList();
  }

  /** The format of this name. */
  public static WeightFormat of(String word) {
    return Stream.of(values()).filter(f -> f.word.equals(word)).findFirst().orElseThrow(
        () -> new InvalidInputException("format '" + word + "': unknown, expected one of " + words()));
  }

  /** Whether numbers are stored as they are, rounded, without a scale. */
  public boolean isPlain() {
    return dtype.bits() >= 16;
  }

  /** The type of stored elements; integers with a zero point are unsigned. */
  public DType dtype(boolean symmetric) {
    if (symmetric || !dtype.isInteger()) {
      return dtype;
    }
    return dtype == DType.INT4 ? DType.UINT4 : DType.UINT8;
  }
}
