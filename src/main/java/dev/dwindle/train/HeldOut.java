package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.Metric;
import dev.dwindle.measure.Metrics;
import dev.dwindle.result.Curve;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Samples that are not trained on, and what a metric says of a model on them; samples and reference outputs are kept in memory. */
final class HeldOut {
  private final Metric metric;
  private final Backend backend;
  private final CompileOptions options;
  private final List<Sample> samples = new ArrayList<>();
  private final List<List<Tensor>> references;

  /**
   * Held-out samples.
   *
   * @param metrics to score by; where samples have no labels and the first needs some, agreement with the reference takes its place
   * @param reference the model that agreement is with
   */
  HeldOut(Samples samples, List<MetricSpec> metrics, Model reference, Backend backend, int threads) {
    this.backend = backend;
    options = CompileOptions.DEFAULT.withThreads(threads);
    try (Stream<Sample> stream = samples.stream()) {
      stream.forEach(this.samples::add);
    }
    metric = metric(metrics, this.samples);
    references = outputs(reference);
  }

  /** The metric's own figure behind a score. */
  double figure(Trainer.Score score) {
    return metric.higherIsBetter() ? score.value() : -score.value();
  }

  /** What a figure went through, beside the reference's own where labels judge both. */
  Curve curve(long first, List<Double> figures) {
    return new Curve("held-out " + metric.name(), metric.unit(), first, figures,
        metric.isRelative() ? null : figure(score(references)));
  }

  private static Metric metric(List<MetricSpec> metrics, List<Sample> samples) {
    boolean labelled = samples.stream().allMatch(sample -> sample.label() != null);
    for (MetricSpec spec : metrics) {
      List<Metric> known = !spec.needsLabels() || labelled ? Metrics.of(List.of(spec)) : List.of();
      if (!known.isEmpty()) return known.getFirst();
    }
    boolean classes = metrics.stream().anyMatch(MetricSpec.TopK.class::isInstance);
    List<Metric> agreement = Metrics.of(List.of(new MetricSpec.Agreement()));
    return classes ? agreement.getLast() : agreement.getFirst();
  }

  /** What the metric says of a model, and in words. */
  Trainer.Score score(Model model) {
    return score(outputs(model));
  }

  private Trainer.Score score(List<List<Tensor>> outputs) {
    List<double[]> observed = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      double[] seen = metric.observe(samples.get(i), outputs.get(i), references.get(i));
      if (seen != null) observed.add(seen);
    }
    double figure = metric.estimate(observed).value();
    String unit = metric.unit().isEmpty() ? "" : " " + metric.unit();
    return new Trainer.Score(metric.higherIsBetter() ? figure : -figure,
        String.format(Locale.ROOT, "held-out %s %.4g%s", metric.name(), figure, unit));
  }

  private List<List<Tensor>> outputs(Model model) {
    Graph graph = model.graph();
    List<List<Tensor>> all = new ArrayList<>();
    try (Executable executable = backend.compile(graph, options); Bound bound = executable.bind()) {
      for (Sample sample : samples) {
        graph.requiredInputs().forEach(input -> bound.set(input.name(), sample.inputs().get(input.name())));
        bound.run();
        all.add(graph.outputs().stream().map(v -> copy(bound.outputs().get(v.name()))).toList());
      }
    }
    return all;
  }

  private static Tensor copy(Tensor tensor) {
    return Tensor.of(tensor.dtype(), tensor.shape(), tensor.bytes());
  }
}
