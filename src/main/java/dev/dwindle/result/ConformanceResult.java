package dev.dwindle.result;

import java.util.Map;

/**
 * What a device made of the ONNX project's node tests.
 *
 * @param tests by name, in order
 */
public record ConformanceResult(Map<String, Outcome> tests) {
  /** How one test ended. */
  public enum Status {
    PASS,
    FAIL,
    UNSUPPORTED;

    /** The word in a JSON file. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * One test.
   *
   * @param reason one line where it did not pass, else null
   * @param fallback where another device ran a part of it: why, in one line; else null
   */
  public record Outcome(Status status, String reason, String fallback) {
    public static final Outcome PASSED = new Outcome(Status.PASS, null, null);

    public static Outcome failed(String reason) {
      return new Outcome(Status.FAIL, reason, null);
    }

    public static Outcome unsupported(String reason) {
      return new Outcome(Status.UNSUPPORTED, reason, null);
    }

    public Outcome withFallback(String why) {
      return new Outcome(status, reason, why);
    }
  }

  /** How many tests ended this way. */
  public long count(Status status) {
    return tests.values().stream().filter(t -> t.status() == status).count();
  }

  /** How many tests passed with every node on the device itself. */
  public long countWhole() {
    return tests.values().stream().filter(t -> t.status() == Status.PASS && t.fallback() == null).count();
  }
}
