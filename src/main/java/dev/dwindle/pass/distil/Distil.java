package dev.dwindle.pass.distil;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Real;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.pass.Settings.Text;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.Cost;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.train.Course;
import dev.dwindle.train.FloatTrainable;
import dev.dwindle.train.Student;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Knowledge distillation (Hinton et al., 2015): puts a smaller network, a student, in the place of the model, after it has learned from it. The student is given by the
 * user, or made from the model within a budget.
 */
public final class Distil implements Pass {
  private static final Settings.Schema SETTINGS = schema();

  private static Settings.Schema schema() {
    List<Setting> all = new ArrayList<>(List.of(
        new Setting("student", new Text(), "",
            "an ONNX file with the inputs and outputs of the model; none: it is made from the model"),
        new Setting("budget", new Real(0.001, 1), 0.25,
            "what a student that is made from the model may cost, as a share of the model"),
        new Setting("budget_of", new Choice(List.of("multiply_adds", "parameters", "latency")), "multiply_adds",
            "what the budget counts; latency is measured on the device"),
        new Setting("by", new Choice(List.of("channels", "blocks", "rank")), "channels",
            "what such a student has less of: channels of all layers, residual blocks, or the rank of each layer"),
        new Setting("start", new Choice(List.of("weights", "random")), "weights",
            "whether the student begins with the weights that it has (a made one: the strongest of the model's) or with random ones")));
    all.addAll(Course.settings(40, 3e-3, 0.1, 4));
    return Settings.Schema.of(all.toArray(Setting[]::new));
  }

  @Override
  public String name() {
    return "distil";
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
    Model teacher = graph.model();
    Map<String, String> figures = new LinkedHashMap<>();
    Model small = Candidate.of(teacher, context, figures);
    FloatTrainable learner = FloatTrainable.of(prepared(small, context), false, false);
    Course.Outcome outcome = Course.run(context, teacher, learner);
    Model trained = learner.with(outcome.state());
    Simplification.simplify(trained.graph());
    figures.putAll(outcome.figures());
    figures.put("teacher", cost(teacher));
    figures.put("student costs", cost(trained));
    teacher.become(trained);
    Map<String, String> changed = new LinkedHashMap<>();
    for (Node node : trained.graph().nodes()) changed.put(node.label(), "student");
    return new PassResult(name(), "a student in the place of its teacher, " + outcome.figures().get("trained"), changed,
        Map.of(), figures, outcome.curves());
  }

  /** As it begins: with normalizations, where their place is, and with weights of its own or random ones. */
  private static Model prepared(Model small, PassContext context) {
    Model normalized = context.settings().word("student").isEmpty() ? Student.normalized(small) : small;
    return context.settings().word("start").equals("weights") ? normalized
        : Student.redraw(normalized, context.seed());
  }

  private static String cost(Model model) {
    return String.format(Locale.ROOT, "%,d multiply-adds, %,d parameters", Cost.multiplyAdds(model),
        Cost.parameters(model));
  }
}
