package dev.dwindle.result;

import java.util.Arrays;
import java.util.List;

/** How requests come to a device: the scenarios of MLPerf Inference (Reddi et al. 2020). */
public enum Scenario {
  /** One request, and the next when it is done. */
  SINGLE_STREAM("single-stream", 90),
  /** A query of several samples at once, and the next when all of it is done. */
  MULTI_STREAM("multi-stream", 99),
  /** All samples are there at once. */
  OFFLINE("offline", 99),
  /** Requests arrive by themselves, at times that are independent of each other. */
  SERVER("server", 99);

  private final String word;
  private final double percent;

  Scenario(String word, double percent) {
    this.word = word;
    this.percent = percent;
  }

  /** As users write it. */
  public String word() {
    return word;
  }

  /** The percentile that is told unless another is asked for; offline none is. */
  public double percent() {
    return percent;
  }

  /** All of them, as users write them. */
  public static List<String> words() {
    return Arrays.stream(values()).map(Scenario::word).toList();
  }
}
