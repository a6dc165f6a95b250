package dev.dwindle.train;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a student is to learn: from labels, from what its teacher gives, and from inner values of both.
 *
 * @param goals of the student's training
 * @param sources the teacher's value that says what the value of each goal should be; null where labels do
 * @param words what it comes to, for the report
 */
record Objectives(List<TrainingStep.Goal> goals, List<String> sources, String words) {
  /** From here on the axes of ReduceL2 are an input. */
  private static final int AXES_AS_INPUT = 18;

  /**
   * How outputs are compared.
   *
   * @param loss {@code auto}, {@code divergence}, {@code mse} or {@code cosine}
   * @param temperature of the divergence
   * @param labels the share of the loss that labels have where there are some, from 0 to 1
   * @param classes whether samples have classes, or a metric counts them: outputs of two axes are then logits
   * @param labelled whether each sample has a class
   * @param mixed whether samples are mixtures, of which each class has a share
   */
  record Wish(String loss, double temperature, double labels, boolean classes, boolean labelled, boolean mixed) {}

  /**
   * Inner values that should be alike.
   *
   * @param values of the teacher, by those of the student
   * @param loss {@code mse}, {@code cosine} or {@code attention}
   * @param weight of each, beside 1 for all else together
   */
  record Features(Map<String, String> values, String loss, double weight) {}

  /**
   * What comes of it all.
   *
   * @param teacher takes what is computed besides of its values
   * @param mask the input that says which places of values count; null where all do
   */
  static Objectives of(Graph student, Graph teacher, Wish wish, List<Features> features, String mask) {
    List<TrainingStep.Goal> goals = new ArrayList<>();
    List<String> sources = new ArrayList<>();
    List<String> words = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < student.outputs().size(); i++) {
      if (isFloating(student.outputs().get(i))) places.add(i);
    }
    if (places.isEmpty()) {
      throw new InvalidInputException("student: has outputs " + student.outputs()
          + ", expected one of floating-point numbers to learn");
    }
    boolean first = true;
    for (int place : places) {
      Value output = student.outputs().get(place);
      boolean logits = isLogits(output, wish);
      double labels = logits && wish.labelled() && first ? wish.labels() : 0;
      Value source = teacher.outputs().get(place);
      if ((logits(output) == output) != (logits(source) == source)) {
        throw new InvalidInputException("student: output '" + output.name() + "' is "
            + (logits(output) == output ? "not behind a Softmax, but the teacher's is"
                : "behind a Softmax, but the teacher's is not")
            + ", expected both alike");
      }
      if (wish.labels() == 1 && !(logits && first)) {
        if (!first) continue;
        throw new InvalidInputException("student: labels have the whole loss, but output '" + output.name()
            + "' gives no classes that they could be compared with, expected labels below 1");
      }
      Value value = logits ? logits(output) : output;
      if (labels > 0) {
        goals.add(new TrainingStep.Goal(value.name(),
            wish.mixed() ? Loss.SOFT_CROSS_ENTROPY : Loss.CROSS_ENTROPY, labels));
        sources.add(null);
        words.add("labels of '" + value.name() + "' (" + labels + ")");
      }
      if (labels < 1) {
        Loss loss = logits ? new Loss.Divergence(wish.temperature())
            : wish.loss().equals("cosine") ? Loss.COSINE : Loss.MEAN_SQUARED_ERROR;
        goals.add(new TrainingStep.Goal(value.name(), loss, 1 - labels, mask));
        sources.add((logits ? logits(source) : source).name());
        words.add("the teacher's '" + sources.getLast() + "' by "
            + (logits ? "divergence at temperature " + wish.temperature()
                : loss == Loss.COSINE ? "cosine" : "mean squared error")
            + " (" + (1 - labels) + ")");
      }
      first = false;
    }
    for (Features each : features) {
      each.values().forEach((of, from) -> {
        goals.add(new TrainingStep.Goal(of, feature(each.loss(), student.value(of)), each.weight(), mask));
        sources.add(each.loss().equals("attention") ? map(teacher, from) : from);
        words.add("the teacher's '" + from + "' for '" + of + "' by " + each.loss() + " (" + each.weight() + ")");
      });
    }
    return new Objectives(masked(student, goals), sources, String.join(", ", words));
  }

  /** A value's lengths over its channels, {@code [batch, 1, spatial...]}: the same map of attention, of as many times fewer numbers to keep. */
  private static String map(Graph teacher, String of) {
    Value value = teacher.value(of);
    if (value == null || value.producer() == null) return of; // refused where it is asked for
    NodeBuilder lengths = teacher.node("ReduceL2");
    if (teacher.opset("") < AXES_AS_INPUT) lengths.in(value).attribute(Attribute.of("axes", new long[] {1}));
    else
      lengths.in(value, teacher.addConstant("axes", Tensor.of(Shape.of(1), 1L)));
    return lengths.out("map", TensorType.unranked(DType.FLOAT)).append().output().name();
  }

  /** The mask stays where it fits, such as at hidden states beside pooled ones; where it fits nowhere it stays everywhere, to be refused. */
  private static List<TrainingStep.Goal> masked(Graph student, List<TrainingStep.Goal> goals) {
    Value mask = goals.getFirst().mask() == null ? null : student.value(goals.getFirst().mask());
    if (mask == null || mask.tensorType() == null) return List.copyOf(goals);
    List<TrainingStep.Goal> kept = goals.stream().map(goal -> {
      Value value = student.value(goal.value());
      boolean fits = value != null && value.tensorType() != null && goal.fits(mask.tensorType(), value.tensorType());
      return fits ? goal : new TrainingStep.Goal(goal.value(), goal.loss(), goal.weight());
    }).toList();
    return kept.stream().allMatch(goal -> goal.mask() == null) ? List.copyOf(goals) : kept;
  }

  /** Vectors are those of channels, or of hidden states {@code [batch, tokens, width]}. */
  private static Loss feature(String loss, Value value) {
    return switch (loss) {
      case "attention" -> Loss.ATTENTION;
      case "cosine" -> new Loss.Cosine(
          value != null && value.tensorType() != null && value.tensorType().hasRank() && value.tensorType().rank() == 3
              ? -1 : 1);
      default -> Loss.MEAN_SQUARED_ERROR;
    };
  }

  private static boolean isFloating(Value output) {
    TensorType type = output.tensorType();
    return type != null && type.dtype() != null && type.dtype().isFloating();
  }

  private static boolean isLogits(Value output, Wish wish) {
    return switch (wish.loss()) {
      case "divergence" -> true;
      case "auto" -> logits(output) != output
          || (wish.classes() && output.tensorType().hasRank() && output.tensorType().rank() == 2);
      default -> false;
    };
  }

  /** What a last Softmax over the classes of {@code [batch, classes]} reads, or the value itself. */
  private static Value logits(Value output) {
    Node node = output.producer();
    if (node == null || !node.domain().isEmpty()) return output;
    boolean softmax = node.operator().equals("Softmax") || node.operator().equals("LogSoftmax");
    if (!softmax || !output.tensorType().hasRank() || output.tensorType().rank() != 2) return output;
    int axis = new Call(node).int32("axis", node.version() < 13 ? 1 : -1);
    return axis == 1 || axis == -1 ? node.input(0) : output;
  }
}
