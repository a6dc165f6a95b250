package dev.dwindle.search;

import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.measure.Metric;
import dev.dwindle.measure.Metrics;
import dev.dwindle.measure.OutputDistance;
import dev.dwindle.measure.SampleRuns;
import dev.dwindle.pass.PassContext;
import dev.dwindle.result.Accuracy;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Runs tries on one device over some samples, and holds them against the original, which is run once. */
final class DeviceTrials {
  /** Samples by which tries are compared with each other: few tell them apart. */
  private static final int COMPARED = 16;
  private static final long MOST_SAMPLE_BYTES = 1L << 29;

  private final Model original;
  private final PassContext context;
  private final MetricSpec spec;
  private final Supplier<Samples> samples;
  private OutputDistance distance;
  private List<double[]> originals;

  /**
   * @param samples to run, asked for when they are needed
   * @param spec the metric that decides
   */
  DeviceTrials(Model original, PassContext context, Supplier<Samples> samples, MetricSpec spec) {
    this.original = original;
    this.context = context;
    this.spec = spec;
    this.samples = samples;
  }

  /** The samples, decoded once where they fit into memory. */
  static Samples inMemory(Samples samples) {
    if (!samples.carried().isEmpty()) return samples;
    try (Stream<Sample> stream = samples.stream()) {
      long bytes = stream.findFirst().map(DeviceTrials::bytes).orElse(0L);
      if (bytes * samples.count() > Math.min(MOST_SAMPLE_BYTES, Runtime.getRuntime().maxMemory() / 4)) return samples;
    }
    try (Stream<Sample> stream = samples.stream()) {
      return Samples.of(stream.toList());
    }
  }

  private static long bytes(Sample sample) {
    return sample.inputs().values().stream().mapToLong(Tensor::byteSize).sum();
  }

  /** The device. */
  String device() {
    return context.backend().name();
  }

  /** The metric of the original and of a try, and their difference. */
  Accuracy accuracy(Model model, String stage) {
    Metric metric = Metrics.of(List.of(spec)).getFirst();
    if (originals == null) originals = observed(original, "accuracy of the original");
    List<double[]> observed = observed(model, stage);
    return new Accuracy(metric.name(), metric.unit(), metric.higherIsBetter(), metric.point(), observed.size(),
        metric.estimate(originals), metric.estimate(observed), metric.difference(originals, observed));
  }

  private List<double[]> observed(Model model, String stage) {
    Metric metric = Metrics.of(List.of(spec)).getFirst();
    List<double[]> observed = new ArrayList<>();
    context.progress().begin(stage, samples.get().count());
    SampleRuns.run(model, context, samples.get(), (sample, outputs) -> {
      List<Tensor> list = outputs(model, outputs);
      double[] each = metric.observe(sample, list, list);
      if (each != null) observed.add(each);
      context.progress().advance(1);
    });
    context.progress().end();
    return observed;
  }

  /** How far the outputs of a try are from the original's, over some samples; the stage is empty where the caller tells its progress. */
  double distance(Supplier<Model> model, String stage) {
    if (stage.isEmpty()) return distance(model.get());
    context.progress().begin(stage, 1);
    double found = distance(model.get());
    context.progress().advance(1);
    context.progress().end();
    return found;
  }

  private double distance(Model model) {
    if (distance == null) distance = new OutputDistance(original, context, samples.get().limit(COMPARED));
    return distance.of(model);
  }

  private static List<Tensor> outputs(Model model, Map<String, Tensor> outputs) {
    return model.graph().outputs().stream().map(Value::name).map(outputs::get).toList();
  }
}
