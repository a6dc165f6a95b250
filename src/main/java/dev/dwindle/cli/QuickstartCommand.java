package dev.dwindle.cli;

import dev.dwindle.data.DataSet;
import dev.dwindle.engine.Compression;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.JobResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code quickstart}: the whole way once, on the sample that the program carries. */
final class QuickstartCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Path> folder;
  private final DeviceOptions device;
  private final ReportOptions report;

  QuickstartCommand(Options options) {
    this.options = options;
    options.describe("Compresses a small sample model to INT8, measures it, and writes a report.");
    folder = options.option("--folder", "DIR", Path.class, "dwindle-quickstart",
        "Where the sample goes (default: ${DEFAULT-VALUE}).");
    device = new DeviceOptions(options);
    report = new ReportOptions(options);
  }

  @Override
  public Integer call() {
    PrintWriter out = options.out();
    device.compileOptions();
    SampleFiles.copyTo(folder.get());
    Path output = folder.get().resolve("glyphs-int8.onnx");
    Path model = folder.get().resolve("glyphs.onnx");
    Path data = folder.get().resolve("glyphs.yaml");
    if (!report.json()) {
      out.println("A small net that reads letters, quantized to INT8. The same by hand:");
      out.println("  dwindle compress " + model + " -o " + output + " --int8 --data " + data);
      out.println();
      out.flush();
    }
    JobResult result = Compression.of(model).recipe(Recipe.int8()).data(DataSet.read(data)).device(device.device())
        .threads(device.threads())
        .effort(new Effort(500, 5)).progress(TerminalProgress.create()).command(CommandText.of(options.spec()))
        .writeTo(output);
    return report.tell(result, report.files(output), out);
  }
}
