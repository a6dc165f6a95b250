package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.LatencyComparison;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.measure.Length;
import dev.dwindle.measure.Machine;
import dev.dwindle.measure.MachineWatch;
import dev.dwindle.measure.MachineWatch.Seen;
import dev.dwindle.measure.QueryComparison;
import dev.dwindle.measure.Runs;
import dev.dwindle.measure.ServerComparison;
import dev.dwindle.measure.ServerComparison.Served;
import dev.dwindle.measure.WarmUp.Outcome;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Entry;
import dev.dwindle.result.BenchResult.Rematch;
import dev.dwindle.result.BenchResult.Setting;
import dev.dwindle.result.BenchResult.Step;
import dev.dwindle.result.BenchResult.Versus;
import dev.dwindle.result.Energy;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.result.Scenario;
import dev.dwindle.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Speed of model files on a device in one of MLPerf's scenarios, the models measured in turn. */
public final class Benchmark {
  /** The best of so many is measured once more. */
  private static final int MANY = 3;
  /** Models are called different where chance makes such a difference less often. */
  private static final double LEVEL = 0.05;

  private final Backend backend;
  private final BenchPlan plan;
  private final CompileOptions options;
  private final int inFlight;
  private final boolean nodes;

  /** @param options where they leave the threads to the device, requests in flight beside each other get one each */
  public Benchmark(Backend backend, CompileOptions options, BenchPlan plan) {
    this.backend = backend;
    this.plan = plan;
    int cores = Runtime.getRuntime().availableProcessors();
    inFlight = plan.inFlight(Math.max(1, options.threads()), cores);
    nodes = options.profile();
    CompileOptions unprofiled = options.withProfile(false);
    this.options = inFlight == 1 ? unprofiled : unprofiled.withThreads(Math.max(1, options.threads()));
  }

  /**
   * Measures the models with made-up inputs.
   *
   * @param shapes of inputs whose own are not fully known, by name
   */
  public BenchResult run(List<Path> files, Map<String, Shape> shapes, Progress progress) {
    MachineInfo machine = Machine.describe(backend.device());
    List<Request> requests = new ArrayList<>();
    for (Path file : files) {
      Model model = OnnxReader.read(file);
      requests.add(new Request(model, Inputs.synthetic(model.graph(), shapes, plan.seed())));
    }
    MachineWatch watch = MachineWatch.begin(plan.root());
    Measured measured = plan.scenario() == Scenario.SERVER ? serve(requests, progress)
        : answer(BenchQueries.of(backend, options, plan, requests, inFlight), progress);
    Seen seen = watch.end();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      entries.add(named(measured.entries.get(i), files.get(i), requests.get(i)));
    }
    List<String> warnings = new ArrayList<>(measured.warnings);
    warnings.addAll(seen.warnings());
    return new BenchResult(BenchResult.SCHEMA, backend.name(), backend.precision().word(),
        options.threads(), measured.setting, machine, seen.before(), seen.after(), seen.use(),
        Machine.peakMemoryBytes(), measured.energy.missing(), measured.energy.of(), entries, measured.rematch(files),
        warnings);
  }

  /** What a scenario came to, before files are named; the best of many by its number. */
  private record Measured(
      Setting setting, List<Entry> entries, int best, Rematch again, Energy energy, List<String> warnings) {
    Rematch rematch(List<Path> files) {
      return again == null ? null
          : new Rematch(files.get(best).toString(), again.first(), again.best(), again.versus());
    }
  }

  private Entry named(Entry e, Path file, Request request) {
    List<Step> steps = nodes ? new StepProfile(backend, options).of(request) : List.of();
    return new Entry(file.toString(), e.shapes(), e.timing(), e.tail(), e.throughput(), e.versus(), e.joules(),
        e.server(), steps);
  }

  private Measured answer(BenchQueries queries, Progress progress) {
    int count = queries.models().size();
    QueryComparison comparison = new QueryComparison(backend, options, queries.requests(), inFlight);
    Length length = new Length(plan.wantedRuns(), plan.leastSeconds() * count, plan.mostSeconds());
    Runs runs = comparison.measure(queries.models(), length, progress);
    Energy energy = comparison.energy(queries.models(), plan.root(), progress);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Estimate joules = energy.joules().isEmpty() ? null : energy.joules().get(i).times(1.0 / queries.samples());
      entries.add(new Entry("", LatencyComparison.shapes(queries.models().get(i).inputs()), runs.timing(i),
          plan.scenario() == Scenario.OFFLINE ? null : runs.tail(i, plan.percent()),
          throughput(runs, i, queries.samples()), i == 0 ? null : versus(runs, i), joules, null, List.of()));
    }
    int best = best(entries);
    Rematch again = count < MANY || best == 0 ? null : rematch(comparison, queries.models(), best, length, progress);
    List<String> warnings = new ArrayList<>(queries.warnings());
    warnings.addAll(runs.warnings());
    Setting setting = setting(queries.samples(), queries.batch(), null, runs.warmUp());
    return new Measured(setting, entries, best, again, energy, warnings);
  }

  private static int best(List<Entry> entries) {
    int best = 0;
    for (int i = 1; i < entries.size(); i++) {
      double record = best == 0 ? 1 : entries.get(best).versus().speedup().value();
      if (entries.get(i).versus().speedup().value() > record) best = i;
    }
    return best;
  }

  private static Rematch rematch(
      QueryComparison comparison, List<Request> models, int best, Length length, Progress progress) {
    Runs runs = comparison.measure(List.of(models.getFirst(), models.get(best)), length, progress);
    return new Rematch("", runs.timing(0), runs.timing(1), versus(runs, 1));
  }

  private static Versus versus(Runs runs, int model) {
    Estimate speedup = runs.speedup(0, model);
    double p = runs.pValue(0, model);
    return new Versus(speedup, p, p > LEVEL ? "not told apart" : speedup.value() > 1 ? "faster" : "slower");
  }

  /** Samples a second. */
  private static Estimate throughput(Runs runs, int model, int samples) {
    Estimate millis = runs.timing(model).median();
    double each = samples * 1e3;
    return new Estimate(each / millis.value(), each / millis.high(), each / millis.low(), millis.confidence());
  }

  private Measured serve(List<Request> requests, Progress progress) {
    ServerComparison.Plan trials = new ServerComparison.Plan(plan.percent(), plan.boundMillis(), plan.leastSeconds(),
        plan.mostSeconds(), plan.seed(), inFlight);
    List<Served> all = new ServerComparison(backend, options, trials).measure(requests, progress);
    List<Entry> entries = new ArrayList<>();
    for (Served served : all) {
      String shapes = LatencyComparison.shapes(requests.get(entries.size()).inputs());
      entries.add(new Entry("", shapes, served.timing(), served.tail(), null, null, null, served.rate(), List.of()));
    }
    Outcome warmUp = all.getFirst().warmUp();
    Setting setting = setting(1, 1, plan.boundMillis(), warmUp);
    return new Measured(setting, entries, 0, null, new Energy(List.of(), "not measured in this scenario", ""),
        warmUp.warnings());
  }

  private Setting setting(int samples, int batch, Double bound, Outcome warmUp) {
    return new Setting(plan.scenario().word(), samples, inFlight, batch, plan.percent(), bound, plan.seed(),
        warmUp.seconds(), warmUp.steady());
  }
}
