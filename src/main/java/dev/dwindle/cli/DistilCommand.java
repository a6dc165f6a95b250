package dev.dwindle.cli;

import dev.dwindle.engine.Compression;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.JobResult;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code distil TEACHER -o OUT}: a recipe of one pass, with its settings as options. */
final class DistilCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Path> teacher;
  private final Argument<Path> output;
  private final Argument<Path> student;
  private final Argument<String> budget;
  private final Map<String, Argument<? extends Number>> numbers = new LinkedHashMap<>();
  private final Argument<Map<String, String>> settings;
  private final Argument<Long> seed;
  private final DataOptions data;
  private final DevicesOptions devices;
  private final GateOptions gates;
  private final ReportOptions report;
  private final Argument<Boolean> noMeasure;
  private final TrainingOptions training;

  DistilCommand(Options options) {
    this.options = options;
    options
        .describe("Trains a small model to do what a large one does, measures it against the large one, and reports.");
    teacher = options.parameter("TEACHER", Path.class, "The large model, an ONNX file.");
    output = options.required("-o, --output", "OUT", Path.class, "The trained student, an ONNX file.");
    student = options.option("--student", "S.onnx", Path.class,
        "The small model, with the inputs and outputs of the large one (default: made from the large one).");
    budget = options.option("--budget", "25%", String.class,
        "What a made student may cost, as a share of the teacher: 25%% (of multiply-adds), 10%%:parameters, 50%%:latency.");
    numbers.put("epochs",
        options.option("--epochs", "N", Long.class, "How often the training samples are gone through."));
    numbers.put("batch", options.option("--batch", "N", Long.class, "Samples of a step."));
    numbers.put("rate", options.option("--rate", "R", Double.class, "The greatest learning rate."));
    numbers.put("labels", options.option("--labels", "W", Double.class,
        "Share of the loss that labels have where there are some, 0 to 1."));
    numbers.put("temperature", options.option("--temperature", "T", Double.class, "Of soft targets."));
    settings = options.map("--set", "SETTING=VALUE", "Any other setting of the pass 'distil' (see docs/recipes.md).");
    seed = options.option("--seed", "N", Long.class, "Of everything random.");
    data = new DataOptions(options);
    devices = new DevicesOptions(options);
    gates = new GateOptions(options);
    report = new ReportOptions(options);
    noMeasure = options.flag("--no-measure", "Writes the student without measuring it.");
    training = new TrainingOptions(options);
  }

  @Override
  public Integer call() {
    Compression job = Compression.of(teacher.get()).readAhead();
    job.recipe(Recipe.of("distil", texts(), seed.get() == null ? 0 : seed.get()));
    job.data(data.require()).devices(devices.devices()).threads(devices.threads()).gates(gates.gates())
        .effort(gates.effort()).progress(TerminalProgress.create()).command(CommandText.of(options.spec()));
    if (noMeasure.get()) job.withoutMeasuring();
    training.tell(job);
    OutputFolder.require(output.get());
    List<Path> reports = report.files(output.get(), teacher.get(), output.get());
    JobResult result = job.writeTo(output.get());
    return report.tell(result, reports, options.out());
  }

  /** The settings that were given, as a recipe would write them. */
  private Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    if (student.get() != null)
      texts.put("student", '"' + student.get().toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"');
    if (budget.get() != null) budget(texts);
    numbers.forEach((name, number) -> {
      if (number.get() != null) texts.put(name, number.get().toString());
    });
    settings.get().forEach((name, value) -> {
      if (texts.put(name, value) != null) {
        throw new InvalidInputException("--set " + name + ": is given twice, expected --set or an option of its own");
      }
    });
    return texts;
  }

  private void budget(Map<String, String> texts) {
    if (student.get() != null) {
      throw new InvalidInputException(
          "--budget: found beside --student, expected one of them; a given student is as large as it is");
    }
    String[] parts = budget.get().split(":", 2);
    if (!parts[0].matches("\\d{1,3}(\\.\\d+)?%")) {
      throw new InvalidInputException("--budget: found '" + budget.get()
          + "', expected a share of the teacher such as 25%, 10%:parameters or 50%:latency");
    }
    texts.put("budget", Double.toString(Double.parseDouble(parts[0].substring(0, parts[0].length() - 1)) / 100));
    if (parts.length > 1) texts.put("budget_of", parts[1]);
  }
}
