package dev.dwindle.search;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.SampleFeed;
import dev.dwindle.backend.SharedRuns;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.measure.Metric;
import dev.dwindle.measure.Metrics;
import dev.dwindle.measure.Noise;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.Accuracy;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** Runs tries on one device over the samples that choices are made on, and holds them against the original, which is run once. */
final class DeviceTrials {
  /** Samples by which tries are compared with each other: few tell them apart. */
  private static final int COMPARED = 16;
  private static final long MOST_SAMPLE_BYTES = 1L << 29;

  private final Model original;
  private final PassContext context;
  private final MetricSpec spec;
  private final Samples samples;
  private List<double[]> originals;
  private List<float[]> references;

  /**
   * @param samples to choose on
   * @param spec the metric that decides
   */
  DeviceTrials(Model original, PassContext context, Samples samples, MetricSpec spec) {
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
    context.progress().begin(stage, samples.count());
    run(model, samples, (sample, outputs) -> {
      List<Tensor> list = outputs(model, outputs);
      double[] each = metric.observe(sample, list, list);
      if (each != null) observed.add(each);
      context.progress().advance(1);
    });
    context.progress().end();
    return observed;
  }

  /**
   * How far the outputs of a try are from the original's: squared differences relative to the squares, over some samples, the mean of the
   * outputs; the largest number where that is not finite. Large numbers of one output, such as distances beside probabilities, so do not hide the others.
   */
  double distance(Model model) {
    if (references == null) references = floats(original);
    List<float[]> outputs = floats(model);
    Noise[] noise = new Noise[references.size() / (int) Math.min(COMPARED, samples.count())];
    Arrays.setAll(noise, output -> new Noise());
    for (int i = 0; i < references.size(); i++) noise[i % noise.length].add(references.get(i), outputs.get(i));
    double mean = Arrays.stream(noise).mapToDouble(Noise::power).average().orElse(0);
    return Double.isFinite(mean) ? mean : Double.MAX_VALUE;
  }

  private List<float[]> floats(Model model) {
    List<float[]> all = new ArrayList<>();
    run(model, samples.limit(COMPARED), (sample, outputs) -> {
      for (Tensor output : outputs(model, outputs)) {
        if (output.dtype().isFloating()) all.add(Elements.floats(output));
      }
    });
    return all;
  }

  private static List<Tensor> outputs(Model model, Map<String, Tensor> outputs) {
    return model.graph().outputs().stream().map(Value::name).map(outputs::get).toList();
  }

  private void run(Model model, Samples some, BiConsumer<Sample, Map<String, Tensor>> each) {
    int cores = context.threads() > 0 ? context.threads() : Runtime.getRuntime().availableProcessors();
    boolean shared = cores > 1 && some.carried().isEmpty();
    Backend backend = context.backend();
    CompileOptions options = CompileOptions.DEFAULT.withThreads(shared ? cores / 2 : cores);
    try (Executable executable = backend.compile(model.graph(), options); Stream<Sample> stream = some.stream()) {
      if (shared) {
        SharedRuns.of(executable, model.graph(), stream.iterator(), each).run(done -> true);
      } else {
        inOrder(executable, model, some, stream, each);
      }
    }
  }

  private static void inOrder(Executable executable, Model model, Samples some, Stream<Sample> stream,
      BiConsumer<Sample, Map<String, Tensor>> each) {
    try (Bound bound = executable.bind()) {
      SampleFeed feed = new SampleFeed(bound, model.graph(), some.carried());
      stream.forEachOrdered(sample -> {
        feed.run(sample);
        each.accept(sample, bound.outputs());
      });
    }
  }
}
