package dev.dwindle.cli;

import dev.dwindle.data.DataSet;
import dev.dwindle.engine.Compression;
import dev.dwindle.result.JobResult;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code compress MODEL -o OUT}: the main job. */
final class CompressCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Path> model;
  private final Argument<Path> output;
  private final RecipeOptions recipe;
  private final DataOptions data;
  private final DevicesOptions devices;
  private final GateOptions gates;
  private final ReportOptions report;
  private final Argument<String> target;
  private final Argument<Boolean> evenIfSlower;
  private final Argument<Boolean> noMeasure;
  private final TrainingOptions training;

  CompressCommand(Options options) {
    this.options = options;
    options.describe(
        "Compresses a model by a recipe, measures it against the original on the device or devices, and reports.");
    model = options.parameter("MODEL", Path.class, "An ONNX file.");
    output = options.required("-o, --output", "OUT", Path.class, "The compressed ONNX file.");
    recipe = options.oneOf(RecipeOptions::new);
    data = new DataOptions(options);
    devices = new DevicesOptions(options);
    gates = new GateOptions(options);
    report = new ReportOptions(options);
    target = options.option("--target", "T", String.class,
        "Target whose profile the passes follow: cpu, onnxruntime, openvino, tensorrt (default: the device).");
    evenIfSlower = options.flag("--even-if-slower",
        "Keeps what makes the model smaller even where the device runs it more slowly.");
    noMeasure = options.flag("--no-measure", "Writes the model without measuring it.");
    training = new TrainingOptions(options);
  }

  @Override
  public Integer call() {
    Compression job = Compression.of(model.get()).readAhead();
    recipe.tell(job);
    DataSet set = noMeasure.get() ? data.read() : data.require();
    job.data(set).devices(devices.devices()).target(target.get())
        .threads(devices.threads())
        .gates(gates.gates()).effort(gates.effort())
        .progress(TerminalProgress.create()).command(CommandText.of(options.spec()));
    if (evenIfSlower.get()) job.evenIfSlower();
    if (noMeasure.get()) job.withoutMeasuring();
    training.tell(job);
    OutputFolder.require(output.get());
    List<Path> reports = report.files(output.get(), model.get(), output.get());
    JobResult result = job.writeTo(output.get());
    return report.tell(result, reports, options.out());
  }
}
