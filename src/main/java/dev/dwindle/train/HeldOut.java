package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.Metric;
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
   * @param reference the model that metrics of agreement compare with
   */
  HeldOut(Samples samples, Metric metric, Model reference, Backend backend, int threads) {
    this.metric = metric;
    this.backend = backend;
    options = CompileOptions.DEFAULT.withThreads(threads);
    try (Stream<Sample> stream = samples.stream()) {
      stream.forEach(this.samples::add);
    }
    references = outputs(reference);
  }

  /** What the metric says of a model, and in words. */
  Trainer.Score score(Model model) {
    List<List<Tensor>> outputs = outputs(model);
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
