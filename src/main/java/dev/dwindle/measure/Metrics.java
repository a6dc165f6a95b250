package dev.dwindle.measure;

import dev.dwindle.data.MetricSpec;
import java.util.ArrayList;
import java.util.List;

/** The computation behind each metric that a data set can name. */
public final class Metrics {
  private Metrics() {}

  /** The metrics of these specifications, in order; agreement becomes several, a command none. */
  public static List<Metric> of(List<MetricSpec> specs) {
    List<Metric> metrics = new ArrayList<>();
    for (MetricSpec spec : specs) {
      switch (spec) {
        case MetricSpec.TopK s -> metrics.add(new TopKMetric(s));
        case MetricSpec.Spearman s -> metrics.add(new SpearmanMetric(s));
        case MetricSpec.Perplexity s -> metrics.add(new PerplexityMetric(s));
        case MetricSpec.RocAuc s -> metrics.add(new RocAucMetric(s));
        case MetricSpec.ImageMap s -> metrics.add(new ImageMapMetric(s));
        case MetricSpec.Agreement s -> {
          metrics.add(new AgreementMetric());
          metrics.add(new ArgMaxAgreementMetric());
        }
        case MetricSpec.Command s -> {
          // A command is given the model file by the engine; it sees no outputs.
        }
      }
    }
    return metrics;
  }
}
