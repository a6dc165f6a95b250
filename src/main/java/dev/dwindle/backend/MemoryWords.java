package dev.dwindle.backend;

import java.util.regex.Pattern;

/** What native libraries say where memory ran out: most have no status of its own for it. */
public final class MemoryWords {
  /** The words of the C++ library, of OpenVINO, ONNX Runtime, OpenCL and Level Zero. */
  private static final Pattern WORDS = Pattern.compile("bad_alloc|bad allocation|out.of.(host.|device.)?memory"
      + "|(can.?not|can't|could not|failed to|unable to) (re)?allocate|allocation.failure|not enough memory"
      + "|exceeded max size of memory|OUT_OF_RESOURCES", Pattern.CASE_INSENSITIVE);

  private MemoryWords() {}

  /** Whether a library's message says so. */
  public static boolean isIn(String message) {
    return WORDS.matcher(message).find();
  }
}
