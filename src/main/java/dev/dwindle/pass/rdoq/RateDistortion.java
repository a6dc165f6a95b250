package dev.dwindle.pass.rdoq;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.NarrowConstants;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Flag;
import dev.dwindle.pass.Settings.Real;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.pass.Settings.Words;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.OpsetLift;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;

/**
 * Rate-distortion optimized quantization: weights become whole multiples of one step a tensor, each chosen by what it errs and by the bits that a coder needs for it, and are
 * stored as INT8 behind DequantizeLinear. It is meant for {@code pack} behind it. What samples show of a layer's inputs, or what those of convolutions mostly are like, lets
 * weights make up for the errors of others.
 */
public final class RateDistortion implements Pass {
  private static final Settings.Schema SETTINGS = Settings.Schema.of(
      new Setting("step", new Real(0.001, 10), 0.5,
          "the step of a tensor, as a multiple of the root mean square of its weights; larger tensors take larger ones, small ones smaller ones"),
      new Setting("lambda", new Real(0, 1), 0.05,
          "what a bit is worth, in squared steps; 0 rounds to the nearest step"),
      new Setting("inputs", new Choice(List.of("samples", "assumed", "independent")), "samples",
          "what is known of the inputs of layers: second moments from samples, or without any as those of convolutions mostly are, or nothing"),
      new Setting("steps", new Choice(List.of("outputs", "size")), "outputs",
          "what else the step of a tensor comes from: how far the outputs of the model move, measured on samples, with as many bits in all; or its size alone"),
      new Setting("vectors", new Flag(), true,
          "whether constants of one axis, such as biases, are rounded to multiples of a power of two"),
      new Setting("exclude", new Words(), List.of(), "patterns of layers to leave alone"));

  /** A tensor of so many times the weights takes a step larger by this power of it. */
  private static final double GROWTH = 0.125;

  /** The step of vectors, as a share of that of tensors. */
  private static final double VECTORS = 1 / 16.0;

  /** The operator set that first has DequantizeLinear. */
  private static final int OPSET = 10;

  @Override
  public String name() {
    return "rdoq";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    Settings settings = context.settings();
    Map<String, String> figures = new LinkedHashMap<>();
    Patterns exclude = new Patterns(settings.words("exclude"));
    exclude.warn("exclude", NarrowConstants.allNodes(graph), figures);
    Selection selection = Selection.of(graph, exclude);
    if (!selection.weights().isEmpty()) {
      OpsetLift.lift(graph.model(), OPSET);
      // A lift may have put other nodes in the place of those that were found.
      selection = Selection.of(graph, exclude);
    }
    Map<Value, Levels> levels = levels(graph, selection, context);
    LevelStore store = new LevelStore();
    selection.weights().forEach((weight, readers) -> store.put(weight, levels.get(weight), readers));
    if (settings.flag("vectors")) selection.vectors().forEach(vector -> round(vector, settings.real("step") * VECTORS));
    return store.result(name(), selection.skipped(), figures);
  }

  private static Map<Value, Levels> levels(Graph graph, Selection selection, PassContext context) {
    double lambda = context.settings().real("lambda");
    int threads = context.threads() == 0 ? Runtime.getRuntime().availableProcessors() : context.threads();
    List<Subject> subjects = subjects(selection, Predictions.of(graph, selection, context), context);
    boolean measured = context.settings().word("steps").equals("outputs") && context.calibration().count() > 0;
    Map<Value, Levels> found = new LinkedHashMap<>();
    context.progress().begin("choosing levels", (measured ? 2 : 1) * subjects.size());
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      double[] factors = new double[subjects.size()];
      Arrays.fill(factors, 1);
      if (measured) factors = StepChoice.of(subjects, graph, lambda, context, pool);
      for (int i = 0; i < factors.length; i++) {
        found.put(subjects.get(i).weight(), subjects.get(i).levels(factors[i], lambda, pool));
        context.progress().advance(1);
      }
    }
    context.progress().end();
    return found;
  }

  private static List<Subject> subjects(Selection selection, Predictions predictions, PassContext context) {
    double mean = selection.weights().keySet().stream().mapToLong(w -> w.tensor().size()).average().orElse(1);
    List<Subject> subjects = new ArrayList<>();
    selection.weights().forEach((weight, readers) -> {
      Matrix matrix = Matrix.of(readers.getFirst());
      double step = context.settings().real("step") * Math.pow(weight.tensor().size() / mean, GROWTH);
      Prediction prediction = predictions.of(weight, matrix);
      subjects.add(prediction == null
          ? new Subject(weight, matrix.apart(), Prediction.NONE, step)
          : new Subject(weight, matrix, prediction, step));
    });
    return subjects;
  }

  /** Rounds a vector to multiples of a power of two, which leaves few bits to its mantissas. */
  private static void round(Value vector, double share) {
    float[] numbers = vector.tensor().floats();
    double squares = 0;
    for (float number : numbers) squares += (double) number * number;
    double size = share * Math.sqrt(squares / numbers.length);
    if (!(size > Float.MIN_NORMAL)) return;
    float step = (float) Math.scalb(1.0, Math.getExponent(size));
    for (int i = 0; i < numbers.length; i++) numbers[i] = (float) Math.rint(numbers[i] / step) * step;
    vector.graph().setConstant(vector, Constant.of(Tensor.of(vector.tensor().shape(), numbers)));
  }
}
