package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.TooLargeException;
import dev.dwindle.graph.Graph;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;

/** What a step of training takes on a device, and what there is for it. */
final class StepMemory {
  /** The share of what is left that values may take: samples are read, and held-out ones run, beside them. */
  private static final double SHARE = 0.8;

  private final Backend backend;
  private final CompileOptions options;
  private final long most;
  private final Map<Graph, Long> measured = new IdentityHashMap<>();

  /** @param most bytes; 0 for what the process has left, where the device tells what it takes */
  StepMemory(Backend backend, int threads, long most) {
    this.backend = backend;
    this.options = CompileOptions.DEFAULT.withThreads(threads);
    this.most = most;
  }

  /** The step, or where it takes too much one that computes a part twice; where no limit was given and none fits, the one that takes least, which may fit all the same. */
  TrainingStep fit(TrainingStep step) {
    boolean isUnknown = most == 0 && bytes(step.model().graph()) < 0;
    if (isUnknown) return step;
    return most > 0 ? step.within(most, this::bytes) : Recomputation.withinOrLeast(step, left(), this::bytes);
  }

  private long bytes(Graph graph) {
    return measured.computeIfAbsent(graph, this::measure);
  }

  private long measure(Graph graph) {
    try {
      return backend.bytes(graph, options);
    } catch (TooLargeException e) {
      return Long.MAX_VALUE;
    }
  }

  /** What the heap has beside what is still needed: that is only known after a collection. */
  private static long left() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (long) (SHARE * (runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory())));
  }

  /** For a report. */
  String words(TrainingStep step, boolean twice) {
    long bytes = bytes(step.model().graph());
    String kind = bytes < 0 ? " of values alive at once" : "";
    return String.format(Locale.ROOT, "%,.1f MB", (bytes < 0 ? Recomputation.bytes(step) : bytes) / 1e6) + kind
        + (twice ? ", a part of the forward pass computed twice" : "");
  }
}
