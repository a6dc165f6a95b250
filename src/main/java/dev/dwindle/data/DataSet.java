package dev.dwindle.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Samples to calibrate with, samples to evaluate on, and what to score by. The files are checked when it is made
 * (headers, sizes, counts); data is read when the samples are.
 *
 * @param name what to call it: the description's file name without suffix
 * @param metrics at least one; the first decides gates
 * @param classes names of the classes, or empty
 * @param calibration samples to observe; may be none
 * @param evaluation samples to score, labelled where the metric needs it; may be none
 * @param training samples to train on, labelled or not; may be none
 * @param augmentation how training samples are varied
 */
public record DataSet(
    String name, List<MetricSpec> metrics, List<String> classes, Samples calibration, Samples evaluation,
    Samples training, Augmentation augmentation) {
  public DataSet {
    metrics = List.copyOf(metrics);
    classes = List.copyOf(classes);
  }

  /** The same with other samples to score. */
  public DataSet withEvaluation(Samples other) {
    return new DataSet(name, metrics, classes, calibration, other, training, augmentation);
  }

  /** The same with other samples to calibrate with. */
  public DataSet withCalibration(Samples other) {
    return new DataSet(name, metrics, classes, other, evaluation, training, augmentation);
  }

  /** The same with other samples to train on. */
  public DataSet withTraining(Samples other) {
    return new DataSet(name, metrics, classes, calibration, evaluation, other, augmentation);
  }

  /**
   * Reads a description; its keys are told in {@code docs/data.md}. Flaws are told with file and line. Raw {@code .pb}
   * tensors are refused.
   */
  public static DataSet read(Path file) {
    return read(file, null);
  }

  /** Reads a description that may also name raw {@code .pb} tensors. */
  public static DataSet read(Path file, ProtoTensors tensors) {
    String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
    Path folder = file.toAbsolutePath().getParent();
    return new Description(folder, tensors).dataSet(name,
        Yaml.parse(file.toString(), Yaml.text(file, "a data description in YAML")));
  }

  /**
   * A data set by flags instead of a file: the same keys, nested ones with dots, such as
   * {@code evaluation.cifar10=x.bin}, {@code inputs.image.scale=1/255}; values as in YAML.
   *
   * @param folder against which paths are taken
   */
  public static DataSet of(Map<String, String> settings, Path folder, ProtoTensors tensors) {
    return new Description(folder.toAbsolutePath(), tensors).dataSet("flags", Flags.yaml(settings));
  }
}
