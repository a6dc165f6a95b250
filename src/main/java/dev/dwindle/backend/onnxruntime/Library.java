package dev.dwindle.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import dev.dwindle.backend.MemoryWords;
import dev.dwindle.tensor.DeviceMemoryException;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;

/** ONNX Runtime's library in this process, loaded when this class is: the process has one environment, which is never closed. */
final class Library {
  /** Its errors reach the caller as exceptions; it need not print them as well. */
  static final OrtLoggingLevel QUIET = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;

  static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment(QUIET, "dwindle");

  /** A call that may fail. */
  interface Call<T> {
    T run() throws OrtException;
  }

  /** A call that may fail and gives nothing. */
  interface Action {
    void run() throws OrtException;
  }

  private Library() {}

  static String version() {
    return ENVIRONMENT.getVersion();
  }

  /** What can execute nodes in this package, in its own words. */
  static List<String> providers() {
    return OrtEnvironment.getAvailableProviders().stream().map(OrtProvider::getName).sorted().toList();
  }

  /** What a call gives; where it fails, one line that says what was wanted and what the library says. */
  static <T> T check(String wanted, Call<T> call) {
    try {
      return call.run();
    } catch (OrtException e) {
      throw failure(wanted, e);
    }
  }

  private static DwindleException failure(String wanted, OrtException e) {
    String words = plain(e.getMessage());
    return MemoryWords.isIn(words)
        ? new DeviceMemoryException("device '" + OnnxRuntimeBackend.NAME + "': out of memory: " + words
            + "; end other programs, or take a smaller batch or model", e)
        : new InvalidInputException(wanted + ": ONNX Runtime " + version() + " says: " + words, e);
  }

  /** Does what a call does; fails as {@link #check}. */
  static void perform(String wanted, Action action) {
    check(wanted, () -> {
      action.run();
      return null;
    });
  }

  /** The library's message without the dressing of its code, of its source file and of the model's place. */
  static String plain(String message) {
    return Presence.oneLine(message).replaceFirst("^Error code - \\w+ - message: ", "")
        .replaceAll("\\[ONNXRuntimeError] : \\d+ : \\w+ : ", "")
        .replaceFirst("^Load model from .* failed: ?", "")
        .replaceAll("\\S+:\\d+ [^()]*\\([^()]*\\)(?: const)? ", "");
  }
}
