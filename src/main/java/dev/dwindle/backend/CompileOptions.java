package dev.dwindle.backend;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * How a graph is to be compiled.
 *
 * @param shapes shapes of inputs by name; an input that is missing keeps its declared shape, and where that is not known
 *     the first {@link Bound#set} decides
 * @param precision arithmetic of floating-point nodes
 * @param threads worker threads; 0 for as many as the device has cores
 * @param profile whether to time each node
 */
public record CompileOptions(Map<String, Shape> shapes, Precision precision, int threads, boolean profile) {
  /** Precision of floating-point arithmetic on a device. */
  public enum Precision {
    F32,
    /** FP32 of which products keep 11 bits of the mantissa (NVIDIA). */
    TF32,
    BF16,
    F16;

    /** As users write it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The precision that a word names, in upper or lower case.
     *
     * @param where it stands, for the message
     * @throws InvalidInputException where it names none
     */
    public static Precision of(String where, String word) {
      return Arrays.stream(values()).filter(each -> each.word().equalsIgnoreCase(word)).findFirst()
          .orElseThrow(() -> new InvalidInputException(where + ": found precision '" + word + "', expected one of "
              + String.join(", ", Arrays.stream(values()).map(Precision::word).toList())));
    }
  }

  /** Declared shapes, FP32, all cores, no profile. */
  public static final CompileOptions DEFAULT = new CompileOptions(Map.of(), Precision.F32, 0, false);

  public CompileOptions {
    shapes = Map.copyOf(shapes);
    if (threads < 0) {
      throw new IllegalArgumentException("threads: found " + threads + ", expected 0 or more");
    }
  }

  public CompileOptions withShapes(Map<String, Shape> other) {
    return new CompileOptions(other, precision, threads, profile);
  }

  public CompileOptions withPrecision(Precision other) {
    return new CompileOptions(shapes, other, threads, profile);
  }

  public CompileOptions withThreads(int other) {
    return new CompileOptions(shapes, precision, other, profile);
  }

  public CompileOptions withProfile(boolean other) {
    return new CompileOptions(shapes, precision, threads, other);
  }
}
