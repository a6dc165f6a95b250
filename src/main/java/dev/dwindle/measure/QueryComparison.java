package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Energy;
import java.nio.file.Path;
import java.util.List;

/** Models that answer queries in turn: a query is so many requests at once, so many of them in flight, timed as one. */
public final class QueryComparison {
  private final Backend backend;
  private final CompileOptions options;
  private final int requests;
  private final int inFlight;

  public QueryComparison(Backend backend, CompileOptions options, int requests, int inFlight) {
    this.backend = backend;
    this.options = options;
    this.requests = requests;
    this.inFlight = inFlight;
  }

  /** Times the models' queries. */
  public Runs measure(List<Request> models, Length length, Progress progress) {
    return new Interleaving(Clock.SYSTEM, length).measure(models.size(), i -> source(models.get(i)), progress);
  }

  /** The milliseconds of a query of each model, roughly. */
  public double[] roughly(List<Request> models) {
    return models.stream().mapToDouble(model -> {
      try (ModelSource source = source(model); Load load = source.open()) {
        return WarmUp.of(Clock.SYSTEM, List.of(load)).millis()[0];
      }
    }).toArray();
  }

  /**
   * The energy of a query of each model, in joules.
   *
   * @param root below which {@code sys} is
   */
  public Energy energy(List<Request> models, Path root, Progress progress) {
    EnergyComparison comparison = new EnergyComparison(Clock.SYSTEM,
        new EnergyMeter(new SystemFiles(root), backend.energy()));
    return comparison.measure(models.size(), i -> source(models.get(i)), progress);
  }

  private ModelSource source(Request model) {
    return new ModelSource(backend, options, model, requests, inFlight);
  }
}
