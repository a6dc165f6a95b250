package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.catalog.Backends;
import dev.dwindle.data.DataSet;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Samples;
import dev.dwindle.measure.AccuracyComparison;
import dev.dwindle.measure.ArithmeticProbe;
import dev.dwindle.measure.DeviceCheck;
import dev.dwindle.measure.LatencyComparison;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.measure.LayerComparison;
import dev.dwindle.measure.Machine;
import dev.dwindle.measure.Metric;
import dev.dwindle.measure.Metrics;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Agreement;
import dev.dwindle.result.Emulated;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.result.Latency;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.rewrite.Emulation;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Measures a model and what became of it on one device after the other. */
final class Measurement {
  private static final int LAYER_SAMPLES = 16;
  private static final int AGREEMENT_SAMPLES = 8;
  /** Emulation is slow. */
  private static final int PREDICTED_SAMPLES = 200;
  /** The device whose kernels are held to the plain meaning. */
  private static final String PLAIN = "cpu";

  private final ModelPair models;
  private final DataSet data;
  private final Validation.Plan plan;
  private final CompileOptions options;
  private final List<Accuracy> told;

  Measurement(ModelPair models, DataSet data, Validation.Plan plan) {
    this.models = models;
    this.data = data;
    this.plan = plan;
    options = CompileOptions.DEFAULT.withThreads(plan.threads());
    told = told(models, data);
  }

  /** What programs of the user's own say of both files, whatever the device. */
  private static List<Accuracy> told(ModelPair models, DataSet data) {
    List<Accuracy> told = new ArrayList<>();
    for (MetricSpec spec : data.metrics()) {
      if (spec instanceof MetricSpec.Command command) {
        told.add(CommandMetric.compare(command, models.original(), models.compressed()));
      }
    }
    return told;
  }

  /** Measures on a device. */
  Measured on(String device) {
    Progress progress = plan.devices().size() == 1 ? plan.progress() : plan.progress().at(device);
    try (Backend backend = Backends.open(device)) {
      boolean plain = device.equals(PLAIN);
      IntegerArithmetic arithmetic = plain ? null : ArithmeticProbe.of(backend);
      MachineInfo machine = Machine.describe(
          plain ? backend.device() : backend.device().withFacts(arithmetic.facts()));
      List<Accuracy> accuracy = accuracy(backend, progress);
      List<LayerFidelity> layers = new LayerComparison(backend, options).compare(models.before(), models.after(),
          data.evaluation(), LAYER_SAMPLES, progress);
      Map<String, Tensor> inputs = Inputs.of(models.before(), data.evaluation());
      Latency latency = new LatencyComparison(backend, options, plan.effort()).compare(models.before(), models.after(),
          inputs, progress);
      // Elsewhere profiling may take another session of the whole model.
      if (plain) latency = latency.withSteps(new StepProfile(backend, options).of(new Request(models.after(), inputs)));
      Agreement agreement = plain ? null : agreement(backend, arithmetic, progress);
      return new Measured(device, machine, accuracy, latency, layers, agreement);
    }
  }

  private List<Accuracy> accuracy(Backend backend, Progress progress) {
    List<Accuracy> results = new ArrayList<>();
    List<Metric> metrics = Metrics.of(data.metrics());
    if (!metrics.isEmpty()) {
      results.addAll(new AccuracyComparison(backend, options).compare(models.before(), models.after(),
          data.evaluation(), metrics, progress));
    }
    boolean first = data.metrics().getFirst() instanceof MetricSpec.Command;
    for (int i = 0; i < told.size(); i++) results.add(i == 0 && first ? 0 : results.size(), told.get(i));
    return results;
  }

  private Agreement agreement(Backend device, IntegerArithmetic arithmetic, Progress progress) {
    try (Backend plain = Backends.open(PLAIN)) {
      Agreement found = new DeviceCheck(device, plain, options, data.evaluation().limit(AGREEMENT_SAMPLES), arithmetic)
          .check(models.before(), models.after(), progress);
      return found.emulated() != null && found.emulated().matters()
          ? found.withEmulated(predicted(found.emulated(), plain, arithmetic, progress)) : found;
    }
  }

  private Emulated predicted(Emulated emulated, Backend plain, IntegerArithmetic arithmetic, Progress progress) {
    List<Metric> metrics = Metrics.of(data.metrics());
    if (metrics.isEmpty()) return emulated;
    Samples samples = data.evaluation().limit(PREDICTED_SAMPLES);
    return emulated.withAccuracy(samples.count(), new AccuracyComparison(plain, options).compare(models.before(),
        Emulation.of(models.after(), arithmetic), samples, metrics, progress));
  }
}
