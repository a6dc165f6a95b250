package dev.dwindle.pass;

import dev.dwindle.data.Augmentation;
import dev.dwindle.data.DataSet;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import java.util.List;

/**
 * What a pass that trains may use beside its {@link PassContext}.
 *
 * @param original the model before all passes; null outside of a pipeline
 * @param samples to train on, labelled or not; may be none
 * @param augmentation how they are varied
 * @param metrics that held-out samples are scored by
 * @param files where training keeps what it has reached
 * @param memory bytes that the values of a step may take at most; 0 for as many as there are
 * @param threads that work on a step, whatever the device is measured with; 0 for all cores. What is learned does not depend on them
 */
public record Training(Model original, Samples samples, Augmentation augmentation, List<MetricSpec> metrics,
    TrainingFiles files, long memory, int threads) {
  /** Nothing to train on. */
  public static final Training NONE = new Training(null, Samples.none(), Augmentation.NONE, List.of(),
      TrainingFiles.NONE, 0, 0);

  /** The training part of a data set, or where it has none its calibration part as it is. */
  public static Training of(Model original, DataSet data, TrainingFiles files, long memory, int threads) {
    if (data == null)
      return new Training(original, Samples.none(), Augmentation.NONE, List.of(), files, memory, threads);
    boolean own = data.training().count() > 0;
    return new Training(original, own ? data.training() : data.calibration(),
        own ? data.augmentation() : Augmentation.NONE,
        data.metrics(), files, memory, threads);
  }

  /** The same for one step of a recipe. */
  Training at(int step, Model model) {
    return new Training(original == null ? model : original, samples, augmentation, metrics, files.at(step), memory,
        threads);
  }
}
