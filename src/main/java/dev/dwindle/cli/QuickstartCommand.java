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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quickstart}: the whole way once, on the sample that the program carries. */
@Command(name = "quickstart", description = "Compresses a small sample model to INT8, measures it, and writes a report.")
final class QuickstartCommand implements Callable<Integer> {
  @Spec
  CommandSpec spec;

  @Option(names = "--folder", paramLabel = "DIR", defaultValue = "dwindle-quickstart", description = "Where the sample goes (default: ${DEFAULT-VALUE}).")
  Path folder;

  @Mixin
  DeviceOptions device;
  @Mixin
  ReportOptions report;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    device.compileOptions();
    SampleFiles.copyTo(folder);
    Path output = folder.resolve("glyphs-int8.onnx");
    Path model = folder.resolve("glyphs.onnx");
    Path data = folder.resolve("glyphs.yaml");
    if (!report.json) {
      out.println("A small net that reads letters, quantized to INT8. The same by hand:");
      out.println("  dwindle compress " + model + " -o " + output + " --int8 --data " + data);
      out.println();
      out.flush();
    }
    JobResult result = Compression.of(model).recipe(Recipe.int8()).data(DataSet.read(data)).device(device.device)
        .threads(device.threads)
        .effort(new Effort(500, 5)).progress(TerminalProgress.create()).command(CommandText.of(spec)).writeTo(output);
    return report.tell(result, report.files(output), out);
  }
}
