package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.catalog.Backends;
import dev.dwindle.check.Gates;
import dev.dwindle.data.DataSet;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.AccuracyComparison;
import dev.dwindle.measure.DeviceCheck;
import dev.dwindle.measure.LatencyComparison;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.measure.LayerComparison;
import dev.dwindle.measure.Machine;
import dev.dwindle.measure.Metric;
import dev.dwindle.measure.Metrics;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Agreement;
import dev.dwindle.result.Decision;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.Latency;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Measures a compressed model against its original, both as files, on the same device and samples. */
public final class Validation {
  private static final int LAYER_SAMPLES = 16;
  private static final int AGREEMENT_SAMPLES = 8;
  /** The device whose kernels are held to the plain meaning. */
  private static final String PLAIN = "cpu";

  /**
   * How to measure.
   *
   * @param device as users write it
   * @param threads worker threads; 0 for all cores
   * @param command the command line, for the report
   */
  public record Plan(String device, int threads, Gates gates, Effort effort, String command, Progress progress) {
    public static final Plan STANDARD = new Plan("cpu", 0, Gates.NONE, Effort.STANDARD, "", Progress.SILENT);

    public Plan withDevice(String other) { return new Plan(other, threads, gates, effort, command, progress); }

    public Plan withThreads(int other) { return new Plan(device, other, gates, effort, command, progress); }

    public Plan withGates(Gates other) { return new Plan(device, threads, other, effort, command, progress); }

    public Plan withEffort(Effort other) { return new Plan(device, threads, gates, other, command, progress); }

    public Plan withCommand(String other) { return new Plan(device, threads, gates, effort, other, progress); }

    public Plan withProgress(Progress other) { return new Plan(device, threads, gates, effort, command, other); }
  }

  /**
   * What came before, for the report: how the compressed file was made.
   *
   * @param target whose profile the passes followed; null where it is not known
   * @param recipe its text; empty where it is not known
   */
  record Origin(String target, String recipe, long seed, List<PassResult> passes, List<Decision> decisions,
      Instant started) {
    static Origin unknown() {
      return new Origin(null, "", 0, List.of(), List.of(), Instant.now());
    }
  }

  private Validation() {}

  /** Compares two model files. */
  public static JobResult run(Path original, Path compressed, DataSet data, Plan plan) {
    return run(original, compressed, data, plan, Origin.unknown());
  }

  static JobResult run(Path original, Path compressed, DataSet data, Plan plan, Origin origin) {
    Preflight.requireDecidable(plan.gates(), data, true);
    Model before = OnnxReader.read(original);
    Model after = OnnxReader.read(compressed);
    requireSameDoors(original, before, compressed, after);
    for (Samples part : List.of(data.calibration(), data.evaluation())) {
      Preflight.requireInputs(data, part, Preflight.given(part), before.graph());
    }
    try (Backend backend = Backends.open(plan.device())) {
      MachineInfo machine = Machine.describe(backend.device());
      CompileOptions options = CompileOptions.DEFAULT.withThreads(plan.threads());
      List<Accuracy> accuracy = accuracy(original, before, compressed, after, data,
          new AccuracyComparison(backend, options), plan);
      List<LayerFidelity> layers = new LayerComparison(backend, options).compare(before, after, data.evaluation(),
          LAYER_SAMPLES, plan.progress());
      Latency latency = new LatencyComparison(backend, options, plan.effort()).compare(before, after,
          Inputs.of(before, data.evaluation()), plan.progress());
      Agreement agreement = backend.name().equals(PLAIN) ? null : agreement(backend, before, after, data, plan);
      return result(
          new Measured(accuracy, latency, layers, agreement), machine, ModelFiles.describe(original, before),
          ModelFiles.describe(compressed, after),
          plan, origin);
    }
  }

  private static Agreement agreement(Backend device, Model before, Model after, DataSet data, Plan plan) {
    try (Backend plain = Backends.open(PLAIN)) {
      return new DeviceCheck(device, plain, CompileOptions.DEFAULT.withThreads(plan.threads()),
          data.evaluation().limit(AGREEMENT_SAMPLES))
          .check(before, after, plan.progress());
    }
  }

  /** What was measured; latency is null where nothing was. */
  record Measured(List<Accuracy> accuracy, Latency latency, List<LayerFidelity> layers, Agreement agreement) {
    static final Measured NOTHING = new Measured(List.of(), null, List.of(), null);
  }

  static JobResult result(
      Measured measured, MachineInfo machine, ModelFile before, ModelFile after, Plan plan, Origin origin) {
    Accuracy deciding = measured.accuracy().isEmpty() ? null : measured.accuracy().getFirst();
    List<Gate> gates = plan.gates().judge(before, after, deciding, measured.latency());
    if (measured.agreement() != null) gates.add(Gates.of(measured.agreement()));
    double seconds = ChronoUnit.MILLIS.between(origin.started(), Instant.now()) / 1e3;
    return new JobResult(
        JobResult.SCHEMA, Version.text(), plan.command(), origin.started().truncatedTo(ChronoUnit.SECONDS).toString(),
        seconds,
        origin.target() == null ? TargetProfile.of(plan.device()).name() : origin.target(), origin.recipe(),
        origin.seed(), machine, before, after, origin.passes(), measured.accuracy(), measured.latency(),
        measured.layers(),
        Machine.peakMemoryBytes(), gates, origin.decisions(), measured.agreement(),
        Verdict.of(before, after, measured, gates));
  }

  private static List<Accuracy> accuracy(
      Path original, Model before, Path compressed, Model after, DataSet data, AccuracyComparison comparison,
      Plan plan) {
    List<Accuracy> results = new ArrayList<>();
    List<Metric> metrics = Metrics.of(data.metrics());
    if (!metrics.isEmpty()) {
      results.addAll(comparison.compare(before, after, data.evaluation(), metrics, plan.progress()));
    }
    for (MetricSpec spec : data.metrics()) {
      if (spec instanceof MetricSpec.Command command) {
        Accuracy told = CommandMetric.compare(command, original, compressed);
        results.add(data.metrics().getFirst() == spec ? 0 : results.size(), told);
      }
    }
    return results;
  }

  private static void requireSameDoors(Path original, Model before, Path compressed, Model after) {
    List<String> inputs = before.graph().requiredInputs().stream().map(v -> v.name()).toList();
    List<String> others = after.graph().requiredInputs().stream().map(v -> v.name()).toList();
    if (!inputs.equals(others) || before.graph().outputs().size() != after.graph().outputs().size()) {
      throw new InvalidInputException(
          compressed + ": has inputs " + others + " and " + after.graph().outputs().size()
              + " outputs, expected those of " + original
              + ": " + inputs + " and " + before.graph().outputs().size());
    }
  }
}
