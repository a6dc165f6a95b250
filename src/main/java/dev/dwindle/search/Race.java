package dev.dwindle.search;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.check.Gates;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.LatencyComparison;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.measure.Runs;
import dev.dwindle.pass.PassContext;
import dev.dwindle.result.Estimate;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Models timed in turn on the device, each held against the first. */
final class Race {
  /** Largest number of bytes of constants that are compiled at once. */
  private static final long MOST_BYTES = 1L << 30;

  /**
   * How a model did.
   *
   * @param time its time over that of the first model
   * @param noSlower the probability of such times where it takes {@link Gates#SAME_TIME} times as long as the first model, or longer
   * @param firstNoSlower the same the other way round
   */
  record Result(Estimate time, double noSlower, double firstNoSlower) {
    /** Such as {@code 0.62 times the time [0.60, 0.64]}. */
    String text() {
      return String.format(Locale.ROOT, "%.2f times the time [%.2f, %.2f]", time.value(), time.low(), time.high());
    }
  }

  /** The results of all models but the first, as a journal keeps them. */
  record Results(List<Result> results) {}

  private final PassContext context;
  private final Map<String, Tensor> inputs;
  private final Effort effort;

  Race(PassContext context, Map<String, Tensor> inputs, Effort effort) {
    this.context = context;
    this.inputs = inputs;
    this.effort = effort;
  }

  /** Times the first model beside the others, all at once where they fit. */
  Results run(Model first, List<Supplier<Model>> others) {
    long bytes = first.graph().constants().stream().mapToLong(constant -> constant.tensor().byteSize()).sum();
    int atOnce = (int) Math.clamp(MOST_BYTES / Math.max(1, bytes), 2, 16);
    List<Result> results = new ArrayList<>();
    for (int from = 0; from < others.size(); from += atOnce) {
      List<Request> requests = new ArrayList<>(List.of(new Request(first, inputs)));
      others.subList(from, Math.min(others.size(), from + atOnce))
          .forEach(each -> requests.add(new Request(each.get(), inputs)));
      Runs runs = new LatencyComparison(context.backend(), CompileOptions.DEFAULT.withThreads(context.threads()),
          effort)
          .measure(requests, context.progress());
      for (int i = 1; i < requests.size(); i++) {
        results.add(new Result(runs.speedup(i, 0), runs.pNoSlower(i, 0, Gates.SAME_TIME),
            runs.pNoSlower(0, i, Gates.SAME_TIME)));
      }
    }
    return new Results(results);
  }
}
