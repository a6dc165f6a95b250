package dev.dwindle.backend.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import dev.dwindle.tensor.DType;
import java.util.Map;

/**
 * Which element types pass ONNX Runtime's Java door. Unsigned integers of more than 8 bits pass as signed ones of the same
 * bits, with a Cast inside; FP8 and types below 8 bits do not pass, and stand inside of graphs only.
 */
final class ElementTypes {
  private static final Map<DType, OnnxJavaType> JAVA = Map.ofEntries(
      Map.entry(DType.FLOAT, OnnxJavaType.FLOAT), Map.entry(DType.DOUBLE, OnnxJavaType.DOUBLE),
      Map.entry(DType.FLOAT16, OnnxJavaType.FLOAT16), Map.entry(DType.BFLOAT16, OnnxJavaType.BFLOAT16),
      Map.entry(DType.INT8, OnnxJavaType.INT8), Map.entry(DType.UINT8, OnnxJavaType.UINT8),
      Map.entry(DType.INT16, OnnxJavaType.INT16), Map.entry(DType.UINT16, OnnxJavaType.INT16),
      Map.entry(DType.INT32, OnnxJavaType.INT32), Map.entry(DType.UINT32, OnnxJavaType.INT32),
      Map.entry(DType.INT64, OnnxJavaType.INT64), Map.entry(DType.UINT64, OnnxJavaType.INT64),
      Map.entry(DType.BOOL, OnnxJavaType.BOOL), Map.entry(DType.STRING, OnnxJavaType.STRING));

  private static final Map<DType, DType> SIGNED = Map.of(
      DType.UINT16, DType.INT16, DType.UINT32, DType.INT32, DType.UINT64, DType.INT64);

  private ElementTypes() {}

  static boolean pass(DType type) {
    return JAVA.containsKey(type);
  }

  /** The Java package's name of a type that passes. */
  static OnnxJavaType java(DType type) {
    return JAVA.get(type);
  }

  /** The type under which another passes: itself, or the signed one of the same bits. */
  static DType door(DType type) {
    return SIGNED.getOrDefault(type, type);
  }

  /** Whether a type passes only under another. */
  static boolean needsCast(DType type) {
    return SIGNED.containsKey(type);
  }
}
