package dev.dwindle.cli;

import dev.dwindle.data.DataSet;
import dev.dwindle.engine.Compression;
import dev.dwindle.pack.Packing;
import dev.dwindle.pack.Preset;
import dev.dwindle.result.JobResult;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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
    Path packed = recipe.size() == null ? null : packed();
    JobResult result = job.writeTo(output.get());
    int code = report.tell(result, reports, options.out());
    return packed == null ? code : Math.max(code, pack(packed));
  }

  /** Where the packed file goes: beside the other. */
  private Path packed() {
    String name = output.get().getFileName().toString();
    Path packed = output.get().resolveSibling(name.replaceFirst("(\\.onnx)?$", ".dwz"));
    OutputFolder.require(packed, model.get(), output.get());
    return packed;
  }

  /** Packs what was written, and says whether it is within the budget. */
  private int pack(Path packed) {
    long original = size(model.get());
    Packing.Result result = Packing.pack(output.get(), packed, Preset.SMALL,
        Runtime.getRuntime().availableProcessors());
    boolean within = result.packed() <= recipe.size().share() * original;
    options.out().printf(Locale.ROOT, "packed: %s, %,d bytes, %.2f %% of the original, %.1f times smaller%s%n", packed,
        result.packed(), 100.0 * result.packed() / original, (double) original / result.packed(),
        within ? "" : ": more than the budget");
    return within ? ExitCode.DONE : ExitCode.GATE;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }
}
