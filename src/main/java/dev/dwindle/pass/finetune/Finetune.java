package dev.dwindle.pass.finetune;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.ConstantFolding;
import dev.dwindle.rewrite.Equalization;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.Course;
import dev.dwindle.train.FakeQuantization;
import dev.dwindle.train.FakeQuantization.Kind;
import dev.dwindle.train.FloatTrainable;
import dev.dwindle.train.Trainable;
import dev.dwindle.train.TrainingStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Trains a compressed model so that it does again what the original does. What passes before it did stays: weights that are quantized stay quantized, with the rounding
 * in the forward pass (Jacob et al., 2018) and steps that are learned (Esser et al., 2020); weights that are zero stay zero; weights that share values go on sharing them.
 */
public final class Finetune implements Pass {
  private static final Settings.Schema SETTINGS = schema();

  private static Settings.Schema schema() {
    List<Setting> all = new ArrayList<>(List.of(
        new Setting("scales", new Choice(List.of("learned", "frozen")), "learned",
            "whether the steps of quantized weights and activations are trained too"),
        new Setting("statistics", new Choice(List.of("frozen", "batch")), "frozen",
            "whether batch normalizations keep their statistics or take those of each batch"),
        new Setting("zeros", new Choice(List.of("hold", "free")), "hold",
            "whether zeros in weights, which pruning left, stay zero")));
    all.addAll(Course.settings(5, 3e-4, 0, 2));
    return Settings.Schema.of(all.toArray(Setting[]::new));
  }

  @Override
  public String name() {
    return "finetune";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public boolean trains() {
    return true;
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    Model original = context.training().original();
    return isQuantized(graph) ? quantized(graph.model(), original, context) : inFloat(graph.model(), original, context);
  }

  private static boolean isQuantized(Graph graph) {
    return graph.nodes().stream().anyMatch(node -> node.is("DequantizeLinear"));
  }

  private PassResult inFloat(Model model, Model original, PassContext context) {
    // A weight in a Constant node is a constant, too; what is computed of constants stays, such as a look-up in a codebook.
    ConstantFolding.fold(model.graph(), ShapeInference.of(model.graph()), node -> !node.is("Constant"));
    boolean holds = context.settings().word("zeros").equals("hold");
    FloatTrainable trainable = FloatTrainable.of(model, freezes(context), holds);
    Course.Outcome outcome = Course.run(context, original, trainable);
    Map<String, String> figures = new LinkedHashMap<>(outcome.figures());
    if (!trainable.held().isEmpty()) figures.put("zeros", trainable.held() + " stayed zero");
    return done(model, trainable.with(outcome.state()), outcome, figures);
  }

  private PassResult quantized(Model model, Model original, PassContext context) {
    Model simple = original.copy();
    Simplification.simplify(simple.graph());
    Equalization.repeat(model, simple);
    FakeQuantization fake = FakeQuantization.of(model, simple);
    Quantized trainable = new Quantized(fake,
        new TrainingStep.Scope(context.settings().word("scales").equals("learned") ? fake::isTrained
            : fake.without(Kind.WEIGHT_SCALE, Kind.ACTIVATION_SCALE), freezes(context)));
    Course.Outcome outcome = Course.run(context, teacher(model, original, simple, context), trainable);
    return done(model, fake.back(outcome.state()), outcome, outcome.figures());
  }

  /** The original, in which the same channels are divided, so that its values are those of the same names: as it is where that will do, else simplified. */
  private static Model teacher(Model model, Model original, Model simple, PassContext context) {
    if (!Equalization.isIn(model)) return original;
    Model teacher = original.copy();
    Equalization.repeat(model, teacher);
    if (Equalization.unlike(model, teacher).isEmpty()) return teacher;
    Set<String> unlike = Equalization.unlike(model, simple);
    boolean compares = !context.settings().pairs("features").isEmpty() || context.settings().real("attention") > 0;
    if (compares && !unlike.isEmpty()) {
      throw new InvalidInputException("finetune: the channels of " + unlike
          + " are divided as the original's cannot be, expected no features or attention, or quantize with equalization: false");
    }
    return simple;
  }

  private static boolean freezes(PassContext context) {
    return context.settings().word("statistics").equals("frozen");
  }

  private PassResult done(Model model, Model trained, Course.Outcome outcome, Map<String, String> figures) {
    Map<String, String> changed = new LinkedHashMap<>();
    for (Node node : trained.graph().nodes()) {
      if (readsOtherConstants(node, model.graph())) changed.put(node.label(), "trained");
    }
    model.become(trained);
    return new PassResult(name(), changed.size() + " nodes trained, " + outcome.figures().get("trained"), changed,
        Map.of(), figures, outcome.curves());
  }

  private static boolean readsOtherConstants(Node node, Graph before) {
    return node.inputs().stream().filter(value -> value != null && value.isConstant()).anyMatch(value -> {
      Value old = before.value(value.name());
      return old == null || !old.isConstant() || !same(old.tensor(), value.tensor());
    });
  }

  private static boolean same(Tensor one, Tensor other) {
    return one == other || Arrays.equals(one.bytes(), other.bytes());
  }

  /** A model in QDQ form, with the rounding in its forward pass. */
  private record Quantized(FakeQuantization fake, TrainingStep.Scope scope) implements Trainable {
    @Override
    public Model model() {
      return fake.model();
    }

    @Override
    public Model with(Map<String, Tensor> state) {
      return fake.model(state);
    }

    @Override
    public Model finished(Map<String, Tensor> state) {
      return fake.back(state);
    }
  }
}
