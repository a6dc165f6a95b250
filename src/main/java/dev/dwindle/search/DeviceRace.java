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

/** A race on the device, with the same inputs for all. */
final class DeviceRace implements Race {
  /** Largest number of bytes of constants that are compiled at once. */
  private static final long MOST_BYTES = 1L << 30;

  private final PassContext context;
  private final Map<String, Tensor> inputs;
  private final Effort effort;

  DeviceRace(PassContext context, Map<String, Tensor> inputs, Effort effort) {
    this.context = context;
    this.inputs = inputs;
    this.effort = effort;
  }

  /** All at once where they fit. */
  @Override
  public Results run(Model first, List<Supplier<Model>> others) {
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
