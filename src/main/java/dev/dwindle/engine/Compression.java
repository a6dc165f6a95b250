package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.check.Gates;
import dev.dwindle.check.Limit;
import dev.dwindle.data.DataSet;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.ArithmeticProbe;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.pack.Packing;
import dev.dwindle.pack.Preset;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.pass.Progress;
import dev.dwindle.pass.Training;
import dev.dwindle.pass.TrainingFiles;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.OutputFile;
import dev.dwindle.result.PackedModel;
import dev.dwindle.result.Version;
import dev.dwindle.rewrite.SparseConstants;
import dev.dwindle.search.Saturation;
import dev.dwindle.search.Search;
import dev.dwindle.search.SizeBudget;
import dev.dwindle.tensor.Background;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The library's front door: a model file, a recipe, data and a device in; a smaller model file and the proof out. Settings
 * are given one by one; {@link #writeTo} does the work.
 */
public final class Compression {
  /** How long models are timed where many are compared to choose: they take turns, so that what warms up late is the same for all. */
  private static final Effort CHOOSING = new Effort(300, 10, 5);

  private final Path model;
  private Recipe recipe = Recipe.int8();
  private DataSet data;
  private String target;
  private boolean measure = true;
  private boolean slower;
  private boolean resume;
  private double checkpointSeconds = TrainingFiles.SECONDS;
  private Path log;
  private long memory;
  private int trainingThreads;
  private Validation.Plan plan = Validation.Plan.STANDARD;
  private Background<Model> ahead;
  private SizeBudget budget;
  private JobResult replayed;

  private Compression(Path model) {
    this.model = model;
  }

  /** The compression of a model file to INT8 on the processor, unless told otherwise. */
  public static Compression of(Path model) {
    return new Compression(model);
  }

  /** Begins to read the model now, in a thread of its own; what is wrong with it is thrown by {@link #writeTo}. */
  public Compression readAhead() {
    ahead = Background.of("model", () -> OnnxReader.read(model));
    return this;
  }

  public Compression recipe(Recipe other) {
    recipe = other;
    return this;
  }

  /** A recipe that is made to fit a budget, before anything else is done. */
  public Compression budget(SizeBudget size) {
    budget = size;
    return this;
  }

  /** What an earlier job found, instead of a recipe: its recipe, with the choices that it made by measuring, none of which is made again. */
  public Compression replay(String source, JobResult earlier) {
    recipe = Recipe.parse(source, earlier.recipe());
    replayed = earlier;
    return this;
  }

  /** Samples to calibrate with and to evaluate on. */
  public Compression data(DataSet set) {
    data = set;
    return this;
  }

  /** The device to compress for and to measure on, such as {@code cpu}. */
  public Compression device(String device) {
    return devices(List.of(device));
  }

  /** Several devices to compress for: the file must hold on each of them. Calibration runs on the first. */
  public Compression devices(List<String> devices) {
    plan = plan.withDevices(devices);
    return this;
  }

  /**
   * The target whose profile the passes follow where it is not the only device, such as {@code onnxruntime}: what is measured is then
   * measured on the device, and the report says that it is not the target.
   */
  public Compression target(String profile) {
    target = profile;
    return this;
  }

  /** Worker threads; 0 for all cores. */
  public Compression threads(int threads) {
    plan = plan.withThreads(threads);
    return this;
  }

  /** Bounds that the result must hold; see {@link JobResult#gates}. */
  public Compression gates(Gates gates) {
    plan = plan.withGates(gates);
    return this;
  }

  /** How long latency is measured. */
  public Compression effort(Effort effort) {
    plan = plan.withEffort(effort);
    return this;
  }

  public Compression progress(Progress progress) {
    plan = plan.withProgress(progress);
    return this;
  }

  /** The command line that the report shows. */
  public Compression command(String command) {
    plan = plan.withCommand(command);
    return this;
  }

  /** Takes what makes the model smaller even where it makes it slower on the device. */
  public Compression evenIfSlower() {
    slower = true;
    return this;
  }

  /**
   * Insists that there is training to go on with; without this a job that was killed goes on, too, but one that is another begins anew.
   *
   * @throws InvalidInputException by {@link #writeTo}, where there is none
   */
  public Compression resume() {
    resume = true;
    return this;
  }

  /** Seconds between two checkpoints of training, 120 unless told otherwise; more than 0. */
  public Compression checkpointEvery(double seconds) {
    if (!(seconds > 0)) throw new InvalidInputException("checkpoint: found " + seconds + " s, expected more than 0");
    checkpointSeconds = seconds;
    return this;
  }

  /** The most bytes that the values of one step of training may take: what does not fit is computed twice. Otherwise as many as the process has. */
  public Compression memory(long bytes) {
    if (bytes <= 0) throw new InvalidInputException("memory: found " + bytes + " bytes, expected more than 0");
    memory = bytes;
    return this;
  }

  /** Threads of training, whatever the device is measured with: 1 to 1024, otherwise as many as there are cores. What is learned does not depend on them. */
  public Compression trainingThreads(int threads) {
    if (threads < 1 || threads > 1024) {
      throw new InvalidInputException("training threads: found " + threads + ", expected 1 to 1024");
    }
    trainingThreads = threads;
    return this;
  }

  /** A folder for event files of TensorBoard, which show how training goes. */
  public Compression log(Path folder) {
    log = folder;
    return this;
  }

  /** Writes the model without measuring it; gates on accuracy and latency are then refused. */
  public Compression withoutMeasuring() {
    measure = false;
    return this;
  }

  /**
   * Runs the recipe, writes the compressed model, and measures what was written against the original.
   *
   * @throws InvalidInputException where model, recipe or data do not allow it; nothing is written then, unless it is packing or measuring that
   *     fails
   */
  public JobResult writeTo(Path output) {
    Instant started = Instant.now();
    requireOther(output);
    plan = plan.withDevices(Devices.names(plan.devices()));
    requireOneTarget();
    if (budget != null || recipe.packing() != null) requirePackable(packedBeside(output));
    if (budget != null) recipe = budgeted();
    TrainingFiles files = new TrainingFiles(recipe.trains() ? output : null, 1, checkpointSeconds, resume, log);
    files.require();
    if (!recipe.trains() && (resume || log != null || memory > 0 || trainingThreads > 0)) {
      throw new InvalidInputException(
          (resume ? "--resume" : log != null ? "--log" : memory > 0 ? "--memory" : "--training-threads")
              + ": the recipe has no pass that trains, expected one such as distil");
    }
    Preflight.requireDecidable(plan.gates(), data, measure);
    Preflight.requireEvaluation(data, measure);
    TargetProfile profile = target == null ? TargetProfile.of(plan.devices()) : TargetProfile.of(target);
    Samples calibration = data == null ? Samples.none() : data.calibration();
    Background<Set<String>> given = Background.of("first", () -> Preflight.given(calibration));
    Model original = original();
    if (measure && data != null) Preflight.requireReadable(original, recipe, profile, plan.devices());
    Background<ModelFile> described = Background.of("hash", () -> ModelFiles.describe(model, original));
    Preflight.requireInputs(data, calibration, given.get(), original.graph());
    if (measure && data != null) {
      Preflight.requireInputs(data, data.evaluation(), Preflight.given(data.evaluation()), original.graph());
    }
    if (recipe.trains() && data != null) {
      Preflight.requireInputs(data, data.training(), Preflight.given(data.training()), original.graph());
    }
    ModelFile before = described.get();
    requireSameOriginal(before);
    Search search;
    Search.Found found;
    try (Devices devices = Devices.open(plan.devices())) {
      if (target == null && replayed == null) profile = profile.withArithmetic(arithmetic(devices.all()));
      PassContext context = new PassContext(null, profile, devices.all().getFirst(), calibration, plan.threads(),
          recipe.seed(), plan.progress()).withTraining(Training.of(original, data, files, memory, trainingThreads));
      Saturation.Choice suited = Saturation.choose(original, recipe, context);
      Recipe recipe = suited.recipe();
      Search.Goals goals = Search.Goals.of(recipe, data, plan.gates(), profile, slower || target != null);
      search = replayed == null && measure && goals.any()
          ? search(original, recipe, before, context, devices.all(), goals, output) : null;
      // Each model that holds the gates is written at once, so that who loses patience has the best so far.
      found = search == null ? as(replayed, recipe, new Pipeline(recipe.steps()).run(original, context))
          : search.run((better, smaller) -> write(smaller, better, before, context.target(), output));
      if (suited.decision() != null) found = found.after(suited.decision());
    }
    write(found.outcome().model(), found.recipe(), before, profile, output);
    PackedModel packed = packed(found.recipe(), output);
    Validation.Origin origin = new Validation.Origin(profile.name(), found.recipe().text(), recipe.seed(),
        found.outcome().results(), found.decisions(), packed, bound(),
        !slower && target == null, started);
    if (measure && data != null) {
      DataSet judging = found.reported() == null ? data : data.withEvaluation(found.reported());
      JobResult result = Validation.run(model, output, judging, plan, origin);
      if (search != null) search.end();
      files.done();
      return result;
    }
    try (Devices devices = Devices.open(plan.devices())) {
      ModelFile after = ModelFiles.describe(output, found.outcome().model()).withPacked(packed);
      files.done();
      return Validation.result(List.of(Measured.nothing(devices.all().getFirst())), before, after, plan, origin);
    }
  }

  /** Percent of the original's bytes that the packed file may take, also where that was so in the job that is replayed; null where there is no such bound. */
  private Limit bound() {
    if (budget != null) return budget.limit();
    return replayed == null ? null
        : replayed.gates().stream().filter(gate -> gate.name().equals(Gates.PACKED_SIZE)).findFirst()
            .map(gate -> Limit.parse(Gates.PACKED_SIZE, gate.expected(), List.of("%"))).orElse(null);
  }

  /** Where the file goes that a recipe packs: beside the model's. */
  private static Path packedBeside(Path output) {
    return output.resolveSibling(output.getFileName().toString().replaceFirst("(\\.onnx)?$", ".dwz"));
  }

  private void requirePackable(Path packed) {
    requireOther(packed);
    if (Files.isDirectory(packed)) {
      throw new InvalidInputException(packed + ": is a folder, expected a file that may be written over");
    }
  }

  /** What an earlier job packed goes before another file stands beside it. */
  private static void forgetPacked(Path output) {
    Path packed = packedBeside(output);
    try {
      Files.deleteIfExists(packed);
    } catch (IOException e) {
      throw new InvalidInputException(packed + ": cannot be removed: " + OutputFile.reason(e), e);
    }
  }

  private PackedModel packed(Recipe recipe, Path output) {
    if (recipe.packing() == null) return null;
    Path packed = packedBeside(output);
    plan.progress().begin("packing", 0);
    int workers = plan.threads() > 0 ? plan.threads() : Runtime.getRuntime().availableProcessors();
    Preset preset = Preset.valueOf(recipe.packing().toUpperCase(Locale.ROOT));
    long bytes = Packing.pack(output, packed, preset, workers).packed();
    plan.progress().end();
    return new PackedModel(packed.toString(), recipe.packing(), bytes);
  }

  private Model original() {
    return ahead == null ? OnnxReader.read(model) : ahead.get();
  }

  private Recipe budgeted() {
    boolean trains = data != null && (data.training().count() > 0 || data.calibration().count() > 0);
    long bytes = ModelFiles.describe(model, original(), false).bytes();
    return budget.recipe(original(), bytes, trains, plan.threads(), plan.progress());
  }

  /** What the integer units do of devices that integers are to make faster. */
  private static IntegerArithmetic arithmetic(List<Backend> devices) {
    return devices.stream().filter(device -> TargetProfile.of(device.name()).gainsSpeed()).map(ArithmeticProbe::of)
        .reduce(IntegerArithmetic.EXACT, IntegerArithmetic::and);
  }

  /** What the recipe makes; the choices behind it are those of the earlier job, and so are the samples that they were not made on. */
  private Search.Found as(JobResult earlier, Recipe recipe, Pipeline.Outcome outcome) {
    boolean chosen = earlier != null && Decision.byAccuracy(earlier.decisions()) && data != null;
    return new Search.Found(recipe, outcome, earlier == null ? List.of() : earlier.decisions(),
        chosen ? data.evaluation().half(true) : null);
  }

  private void requireSameOriginal(ModelFile before) {
    if (replayed == null || before.sha256().equals(replayed.original().sha256())) return;
    throw new InvalidInputException(model + ": is not the model of the job to replay, expected SHA-256 "
        + replayed.original().sha256() + " as of " + replayed.original().path());
  }

  /** Its journal is kept until the result is measured, so that a job that dies then searches no more. */
  private Search search(Model original, Recipe recipe, ModelFile before, PassContext context,
      List<Backend> backends, Search.Goals goals, Path output) {
    Path journal = output.resolveSibling(output.getFileName() + ".journal");
    String job = String.join(" ", Version.text(), before.sha256(), context.target().name(),
        backends.stream().map(Backend::device).toList().toString(), context.target().arithmetic().facts().toString(),
        plan.threads() + " threads",
        plan.gates().toString());
    List<Search.Device> devices = backends.stream()
        .map(backend -> new Search.Device(backend, goals.speed() && TargetProfile.of(backend.name()).gainsSpeed()))
        .toList();
    return new Search(original, recipe, context, devices, data, plan.gates(), goals,
        Inputs.of(original, data.evaluation()), CHOOSING, journal, job);
  }

  private static void write(Model compressed, Recipe recipe, ModelFile before, TargetProfile profile, Path output) {
    sign(compressed, recipe, before, profile);
    if (!profile.sparseTensors()) SparseConstants.makeDense(compressed.graph());
    if (recipe.packing() == null) {
      OnnxWriter.write(compressed, output);
    } else {
      forgetPacked(output);
      OnnxWriter.writeOneFile(compressed, output);
    }
  }

  private void requireOneTarget() {
    if (target == null || plan.devices().size() == 1) return;
    throw new InvalidInputException("target '" + target + "': found beside devices " + plan.devices()
        + ", expected it with one device only; several are followed all at once");
  }

  private void requireOther(Path output) {
    try {
      if (Files.exists(model) && Files.exists(output) && Files.isSameFile(model, output)) {
        throw new InvalidInputException(output
            + ": is the model itself, expected another file; the original is what the result is measured against");
      }
    } catch (IOException e) {
      throw new InvalidInputException(output + ": cannot be compared with " + model + " (" + e.getMessage() + ")", e);
    }
  }

  /** What made the file, so that it can be made again; no dates and no measurements, so that equal jobs give equal bytes. */
  private static void sign(Model compressed, Recipe recipe, ModelFile before, TargetProfile profile) {
    compressed.metadata().put("dwindle.version", Version.text());
    compressed.metadata().put("dwindle.recipe", recipe.text());
    compressed.metadata().put("dwindle.seed", Long.toString(recipe.seed()));
    compressed.metadata().put("dwindle.target", profile.name());
    compressed.metadata().put("dwindle.original.sha256", before.sha256());
  }
}
