package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Latency;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Latency of several models on one device: one request at a time, static shapes, in turn (A B, B A, B A, A B, ...), so that a
 * drifting machine hits all alike.
 */
public final class LatencyComparison {
  /**
   * How long to measure.
   *
   * @param runs wanted runs of each model, 459 for P99
   * @param seconds bound on the time of all counted runs together; the runs that fit are counted, at least 10
   * @param warmUpSeconds bound on the time of all runs before them
   */
  public record Effort(int runs, double seconds, double warmUpSeconds) {
    public static final Effort STANDARD = new Effort(500, 20);

    /** With no bound on warming up but each model's own. */
    public Effort(int runs, double seconds) {
      this(runs, seconds, Double.POSITIVE_INFINITY);
    }
  }

  private final Backend backend;
  private final CompileOptions options;
  private final Effort effort;

  public LatencyComparison(Backend backend, CompileOptions options, Effort effort) {
    this.backend = backend;
    this.options = options;
    this.effort = effort;
  }

  /** A model with the inputs of every run. */
  public record Request(Model model, Map<String, Tensor> inputs) {
    /** The shapes of the inputs by name. */
    public Map<String, Shape> shapes() {
      return inputs.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().shape()));
    }
  }

  /** Measures two models on the same inputs. */
  public Latency compare(Model original, Model compressed, Map<String, Tensor> inputs, Progress progress) {
    Runs runs = measure(List.of(new Request(original, inputs), new Request(compressed, inputs)), progress);
    return new Latency(
        backend.name(), backend.precision().word(), shapes(inputs), options.threads(),
        runs.timing(0), runs.timing(1), runs.speedup(0, 1), runs.warnings());
  }

  /** Times the models in turn, in blocks that each have buffers of their own. */
  public Runs measure(List<Request> requests, Progress progress) {
    Length length = new Length(effort.runs(), 0, effort.seconds(), effort.warmUpSeconds());
    return new QueryComparison(backend, options, 1, 1).measure(requests, length, progress);
  }

  /** Input shapes in words, such as {@code input [1,3,32,32]}. */
  public static String shapes(Map<String, Tensor> inputs) {
    return inputs.entrySet().stream().sorted(Map.Entry.comparingByKey())
        .map(e -> e.getKey() + " " + e.getValue().shape())
        .collect(Collectors.joining(", "));
  }
}
