package dev.dwindle.cli;

import dev.dwindle.data.DataSet;
import dev.dwindle.engine.Compression;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.JobResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** {@code quickstart}: the whole way once, on the sample that the program carries. */
final class QuickstartCommand implements Callable<Integer> {
  private final Options options;
  private static final Map<String, String> DISTIL = Map.of("epochs", "40", "rate", "0.008", "variants", "40");

  private final Argument<Path> folder;
  private final Argument<Boolean> distil;
  private final DeviceOptions device;
  private final ReportOptions report;

  QuickstartCommand(Options options) {
    this.options = options;
    options.describe(
        "Compresses a small sample model to INT8, or into a student of it, measures it, and writes a report.");
    folder = options.option("--folder", "DIR", Path.class, "dwindle-quickstart",
        "Where the sample goes (default: ${DEFAULT-VALUE}).");
    distil = options.flag("--distil", "Trains a student of a quarter of the multiply-adds instead; a minute or two.");
    device = new DeviceOptions(options);
    report = new ReportOptions(options);
  }

  @Override
  public Integer call() {
    PrintWriter out = options.out();
    device.compileOptions();
    SampleFiles.copyTo(folder.get());
    Path output = folder.get().resolve(distil.get() ? "glyphs-small.onnx" : "glyphs-int8.onnx");
    Path model = folder.get().resolve("glyphs.onnx");
    Path data = folder.get().resolve("glyphs.yaml");
    Recipe recipe = distil.get() ? Recipe.of("distil", new TreeMap<>(DISTIL), 0) : Recipe.int8();
    if (!report.json()) {
      tell(out, model, data, output);
      out.println();
      out.flush();
    }
    JobResult result = Compression.of(model).recipe(recipe).data(DataSet.read(data)).device(device.device())
        .threads(device.threads())
        .effort(new Effort(500, 5)).progress(TerminalProgress.create()).command(CommandText.of(options.spec()))
        .writeTo(output);
    return report.tell(result, report.files(output), out);
  }

  private void tell(PrintWriter out, Path model, Path data, Path output) {
    if (distil.get()) {
      out.println(
          "A net of a quarter of the multiply-adds learns from one that reads letters, on images without labels. The same by hand:");
      StringBuilder settings = new StringBuilder();
      new TreeMap<>(DISTIL).forEach((name, value) -> settings.append(" --set ").append(name).append('=').append(value));
      out.println("  dwindle distil " + model + " -o " + output + " --data " + data + settings);
    } else {
      out.println("A small net that reads letters, quantized to INT8. The same by hand:");
      out.println("  dwindle compress " + model + " -o " + output + " --int8 --data " + data);
    }
  }
}
