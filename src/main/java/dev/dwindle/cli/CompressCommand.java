package dev.dwindle.cli;

import dev.dwindle.data.DataSet;
import dev.dwindle.engine.Compression;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.JobResult;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code compress MODEL -o OUT}: the main job. */
@Command(name = "compress", description = "Compresses a model by a recipe, measures it against the original on the device, and reports.")
final class CompressCommand implements Callable<Integer> {
  @Spec
  CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  Path model;

  @Option(names = {"-o", "--output"}, paramLabel = "OUT", required = true, description = "The compressed ONNX file.")
  Path output;

  @ArgGroup(exclusive = true, multiplicity = "1")
  How how;

  /** What to do: a recipe file, or one of the built-in recipes. */
  static final class How {
    @Option(names = "--recipe", paramLabel = "R.yaml", description = "Ordered passes with settings (see docs/recipes.md).")
    Path recipe;

    @Option(names = "--int8", description = "Folds, then quantizes to INT8 with the target's defaults.")
    boolean int8;

    @Option(names = "--int8-weights", description = "Folds, then stores weights as INT8; needs no data, as those below.")
    boolean int8Weights;

    @Option(names = "--int4", description = "Folds, then stores weights as INT4 in blocks of 64.")
    boolean int4;

    @Option(names = "--fp8", description = "Folds, then stores weights as FP8 (E4M3FN).")
    boolean fp8;

    @Option(names = "--fp8-e5m2", description = "Folds, then stores weights as FP8 (E5M2).")
    boolean fp8E5m2;

    @Option(names = "--fp16", description = "Folds, then stores constants as FP16 where they allow it.")
    boolean fp16;

    @Option(names = "--bf16", description = "Folds, then stores constants as BF16 where they allow it.")
    boolean bf16;

    Recipe read() {
      return recipe != null ? Recipe.read(recipe) : Recipe.builtIn(name());
    }

    private String name() {
      if (int8Weights) return "int8-weights";
      if (int4) return "int4";
      if (fp8) return "fp8";
      if (fp8E5m2) return "fp8-e5m2";
      if (fp16) return "fp16";
      return bf16 ? "bf16" : "int8";
    }
  }

  @Mixin
  DataOptions data;
  @Mixin
  DeviceOptions device;
  @Mixin
  GateOptions gates;
  @Mixin
  ReportOptions report;

  @Option(names = "--target", paramLabel = "T", description = "Target whose profile the passes follow: cpu, onnxruntime, openvino, tensorrt (default: the device).")
  String target;

  @Option(names = "--no-measure", description = "Writes the model without measuring it.")
  boolean noMeasure;

  @Override
  public Integer call() {
    Recipe recipe = how.read();
    DataSet set = noMeasure ? data.read() : data.require();
    device.compileOptions();
    Compression job = Compression.of(model).recipe(recipe).data(set).device(device.device).target(target)
        .threads(device.threads)
        .gates(gates.gates()).effort(gates.effort())
        .progress(TerminalProgress.create()).command(CommandText.of(spec));
    if (noMeasure) job.withoutMeasuring();
    OutputFolder.require(output);
    List<Path> reports = report.files(output, model, output);
    JobResult result = job.writeTo(output);
    return report.tell(result, reports, spec.commandLine().getOut());
  }
}
