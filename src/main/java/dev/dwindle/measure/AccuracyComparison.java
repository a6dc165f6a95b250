package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.SampleFeed;
import dev.dwindle.backend.SharedRuns;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Accuracy;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Accuracy of two models on the same samples of a device, two samples at a time; memory does not grow with the samples. */
public final class AccuracyComparison {
  private final Backend backend;
  private final CompileOptions options;

  public AccuracyComparison(Backend backend, CompileOptions options) {
    this.backend = backend;
    this.options = options;
  }

  /** Runs both models on every sample; one result for each metric, in order. */
  public List<Accuracy> compare(Model original, Model compressed, Samples samples, List<Metric> metrics,
      Progress progress) {
    if (samples.count() == 0) {
      throw new InvalidInputException(
          "accuracy: found no evaluation samples, expected at least 1; name an evaluation part");
    }
    List<Observed> observed = metrics.stream().map(Observed::new).toList();
    progress.begin("accuracy", samples.count());
    int cores = options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
    // Two samples at once gain more than two threads on one; a sequence is run in its order.
    boolean shared = cores > 1 && samples.carried().isEmpty();
    CompileOptions each = shared ? options.withThreads(cores / 2) : options;
    try (Executable first = backend.compile(original.graph(), each);
        Executable second = backend.compile(compressed.graph(), each);
        Stream<Sample> stream = samples.stream()) {
      new SharedRuns<>(() -> new Pair(first, original, second, compressed, samples.carried()), stream.iterator(),
          (sample, outputs) -> {
            observed.forEach(o -> o.add(sample, outputs.compressed(), outputs.original()));
            progress.advance(1);
          }).run(done -> shared);
    }
    progress.end();
    return observed.stream().map(Observed::accuracy).toList();
  }

  /** The outputs of both models for a sample. */
  private record Outputs(List<Tensor> original, List<Tensor> compressed) {}

  /** Runs both models on a sample. */
  private static final class Pair implements SharedRuns.Request<Outputs> {
    private final Model original;
    private final Model compressed;
    private final Bound first;
    private final Bound second;
    private final SampleFeed feedFirst;
    private final SampleFeed feedSecond;

    Pair(Executable ofOriginal, Model original, Executable ofCompressed, Model compressed,
        Map<String, String> carried) {
      this.original = original;
      this.compressed = compressed;
      first = ofOriginal.bind();
      second = ofCompressed.bind();
      feedFirst = new SampleFeed(first, original.graph(), carried);
      feedSecond = new SampleFeed(second, compressed.graph(), carried);
    }

    @Override
    public Outputs run(Sample sample) {
      feedFirst.run(sample);
      feedSecond.run(sample);
      return new Outputs(outputs(first, original), outputs(second, compressed));
    }

    @Override
    public void close() {
      first.close();
      second.close();
    }
  }

  /** What a metric has seen of both models. */
  private record Observed(Metric metric, List<double[]> original, List<double[]> compressed) {
    Observed(Metric metric) {
      this(metric, new ArrayList<>(), new ArrayList<>());
    }

    void add(Sample sample, List<Tensor> outputs, List<Tensor> reference) {
      double[] before = metric.observe(sample, reference, reference);
      double[] after = metric.observe(sample, outputs, reference);
      if (before != null) {
        original.add(before);
        compressed.add(after);
      }
    }

    Accuracy accuracy() {
      return new Accuracy(
          metric.name(), metric.unit(), metric.higherIsBetter(), metric.point(), original.size(),
          metric.isRelative() ? null : metric.estimate(original), metric.estimate(compressed),
          metric.isRelative() ? null : metric.difference(original, compressed));
    }
  }

  private static List<Tensor> outputs(Bound bound, Model model) {
    return model.graph().outputs().stream().map(v -> bound.outputs().get(v.name())).toList();
  }
}
