package dev.dwindle.backend.onnxruntime;

import dev.dwindle.backend.Availability;
import java.nio.file.Path;

/** Whether ONNX Runtime is there, found out when it is first asked: this class links without the package. */
final class Presence {
  private static final String ENTRANCE = "ai.onnxruntime.OrtEnvironment";

  /** Where ONNX Runtime's own loader looks first; unset, it unpacks its jar. */
  private static final String FOLDER = "onnxruntime.native.path";

  private Presence() {}

  /** Holds the answer, so that a library that does not load is tried once. */
  private static final class Found {
    static final Availability ANSWER = find();
  }

  static Availability availability() {
    return Found.ANSWER;
  }

  private static Availability find() {
    try {
      Class.forName(ENTRANCE, false, Presence.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return new Availability.No("ONNX Runtime's Java package is not on the class path;"
          + " add the jar of com.microsoft.onnxruntime:onnxruntime");
    }
    String folder = System.getProperty(FOLDER);
    String damage = folder == null ? null : NativeFiles.damage(Path.of(folder));
    if (damage != null) return new Availability.No("ONNX Runtime's library is damaged: " + damage);
    try {
      Library.version();
      return new Availability.Yes();
    } catch (LinkageError | RuntimeException e) {
      return new Availability.No("ONNX Runtime's library does not load: " + reason(e));
    }
  }

  /** The innermost cause, which alone says what the system refused. */
  private static String reason(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : oneLine(cause.getMessage());
  }

  /** A message of several lines in one. */
  static String oneLine(String message) {
    return message.lines().map(String::strip).filter(line -> !line.isEmpty()).reduce((a, b) -> a + " " + b).orElse("");
  }
}
