package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.SampleFeed;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Accuracy;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** Accuracy of two models on the same samples of a device, sample by sample; memory does not grow with the samples. */
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
    try (Executable first = backend.compile(original.graph(), options);
        Executable second = backend.compile(compressed.graph(), options);
        Bound a = first.bind();
        Bound b = second.bind();
        Stream<Sample> stream = samples.stream()) {
      SampleFeed feedA = new SampleFeed(a, original.graph(), samples.carried());
      SampleFeed feedB = new SampleFeed(b, compressed.graph(), samples.carried());
      for (Iterator<Sample> it = stream.iterator(); it.hasNext();) {
        Sample sample = it.next();
        feedA.run(sample);
        feedB.run(sample);
        List<Tensor> reference = outputs(a, original);
        List<Tensor> outputs = outputs(b, compressed);
        observed.forEach(o -> o.add(sample, outputs, reference));
        progress.advance(1);
      }
    }
    progress.end();
    return observed.stream().map(Observed::accuracy).toList();
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
