package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Backward;
import dev.dwindle.op.Call;
import dev.dwindle.op.Operator;
import dev.dwindle.rewrite.OpsetLift;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A training step whose parameters say for each weight of a region whether it is rounded up or down (Nagel et al., Up or Down?, 2020, section 3.3): a weight is its scale
 * times {@code clip(floor + h(v))} with {@code h(v) = clip(1.2 sigmoid(v) - 0.1, 0, 1)}. Biases move, too. What becomes small is the squared error of the
 * region's output, and with it the mean of {@code 1 - |2h - 1|^beta}, which is 0 where all weights have decided.
 */
final class RoundingStep {
  /** The exponent of the penalty, an input: a FLOAT scalar. */
  static final String BETA = "rounding_beta";
  /** What the penalty is multiplied with, an input: a FLOAT scalar. */
  static final String STRENGTH = "rounding_strength";

  private static final String DIRECTION = "rounding_direction";
  private static final String SHIFT = "rounding_shift";
  private static final double STRETCH = 1.2;
  private static final double BELOW = -0.1;
  /** A weight that is on a step already begins just beside it: the logarithms of its direction stay finite. */
  private static final double MARGIN = 1e-4;

  private final Model model;
  private final Graph graph;
  private final SequencedMap<String, Tensor> initial = new LinkedHashMap<>();
  private final Value beta;
  private Value penalty;
  private long weights;

  private RoundingStep(Graph region) {
    model = region.model();
    graph = region;
    OpsetLift.lift(model, Backward.OPSET);
    model.opsets().put(Operator.OWN_DOMAIN, 1);
    beta = TrainingStep.input(graph, BETA, TensorType.of(DType.FLOAT, Shape.SCALAR));
  }

  /** The parameter for the directions of the weight of this place in the list. */
  static String direction(int place) {
    return DIRECTION + place;
  }

  /** The parameter for the shifts of the bias of this place in the list, in units of the root of the error. */
  static String shift(int place) {
    return SHIFT + place;
  }

  /** Which of the two neighbours a direction has come to: 0 down, 1 up. */
  static boolean isUp(float direction) {
    return direction >= 0;
  }

  /**
   * The step.
   *
   * @param region in QDQ form, for one size of batch; is changed
   * @param output type of the exit
   * @param error the mean squared error that counts as 1
   */
  static TrainingStep of(Graph region, String exit, TensorType output, List<LearnedRounding.Weight> weights,
      double error) {
    return new RoundingStep(region).build(exit, output, weights, error);
  }

  private TrainingStep build(String exit, TensorType output, List<LearnedRounding.Weight> list, double error) {
    for (int i = 0; i < list.size(); i++) {
      soften(list.get(i), direction(i));
      if (list.get(i).bias() != null) shift(list.get(i), shift(i), Math.sqrt(error));
    }
    Arithmetic a = new Arithmetic(graph, DType.FLOAT);
    Value end = graph.value(exit);
    end.setType(output);
    Value target = TrainingStep.input(graph, TrainingStep.TARGET, output);
    Value strength = TrainingStep.input(graph, STRENGTH, TensorType.of(DType.FLOAT, Shape.SCALAR));
    Value distance = a.times(Loss.MEAN_SQUARED_ERROR.add(graph, end, target, null), 1 / error);
    Value loss = a.add(distance, a.multiply(strength, a.times(penalty, 1.0 / weights)));
    graph.rename(loss, TrainingStep.LOSS);
    graph.retainOutputs(List.of());
    graph.addOutput(loss);
    graph.removeDead();
    Model trained = FakeQuantization.of(model).model();
    Backpropagation.prepare(trained);
    SequencedMap<String, String> carried = new LinkedHashMap<>();
    List<String> parameters = List.copyOf(initial.keySet());
    TrainingStep.update(trained.graph(), new TrainingStep.Update(new Optimizer.AdamW(0.9, 0.999, 1e-8, 0)), parameters,
        initial, carried);
    trained.graph().removeDead();
    ShapeInference.of(trained.graph()).store();
    return new TrainingStep(trained, initial, carried, parameters, List.of(TrainingStep.TARGET));
  }

  /** Puts what a direction makes of a weight in the place of its integers, and adds to the penalty. */
  private void soften(LearnedRounding.Weight weight, String name) {
    Node node = graph.value(weight.dequantized()).producer();
    Tensor exact = weight.exact();
    Shape shape = exact.shape();
    Tensor scale = spread(node, shape.rank());
    float[] steps = steps(exact.floats(), shape, scale);
    float[] floors = new float[steps.length];
    float[] directions = new float[steps.length];
    for (int i = 0; i < steps.length; i++) {
      floors[i] = (float) Math.floor(steps[i]);
      double share = Math.clamp(steps[i] - floors[i], MARGIN, 1 - MARGIN);
      directions[i] = (float) -Math.log(STRETCH / (share - BELOW) - 1);
    }
    Value v = TrainingStep.input(graph, name, TensorType.of(exact));
    initial.put(name, Tensor.of(shape, directions));
    Value stretched = op(node, "Add", op(node, "Mul", op(node, "Sigmoid", v), number(STRETCH)), number(BELOW));
    Value share = op(node, "Clip", stretched, number(0), number(1));
    Value floor = graph.addConstant("floor", Tensor.of(shape, floors));
    Value integers = op(node, "Clip", op(node, "Add", floor, share), number(weight.low()), number(weight.high()));
    Value soft = op(node, "Mul", integers, graph.addConstant("scale", scale));
    graph.replaceUses(node.output(), soft);
    graph.remove(node);
    penalize(share, steps.length);
  }

  private void penalize(Value share, int count) {
    Arithmetic a = new Arithmetic(graph, DType.FLOAT);
    Value far = a.subtract(a.times(share, 2), a.number(1));
    Value distance = graph.node("Abs").in(far).out("distance", TensorType.unranked(DType.FLOAT)).append().output();
    Value power = graph.node("Pow").in(distance, beta).out("decided", TensorType.unranked(DType.FLOAT)).append()
        .output();
    Value sum = a.sum(a.subtract(a.number(1), power));
    penalty = penalty == null ? sum : a.add(penalty, sum);
    weights += count;
  }

  private void shift(LearnedRounding.Weight weight, String name, double unit) {
    Node node = graph.value(weight.bias()).producer();
    Tensor exact = weight.exactBias();
    Value shift = TrainingStep.input(graph, name, TensorType.of(exact));
    initial.put(name, Tensor.of(exact.shape(), new float[exact.shape().intSize()]));
    Value moved = op(node, "Add", graph.addConstant("bias", exact), op(node, "Mul", shift, number(unit)));
    graph.replaceUses(node.output(), moved);
    graph.remove(node);
  }

  /** Weights in units of their scales. */
  static float[] steps(float[] exact, Shape shape, Tensor scale) {
    float[] scales = scale.floats();
    int axis = 0;
    while (axis < shape.rank() - 1 && scale.shape().dim(axis) == 1) axis++;
    int inner = scales.length == 1 ? 1 : (int) shape.product(axis + 1, shape.rank());
    float[] steps = new float[exact.length];
    for (int i = 0; i < steps.length; i++) steps[i] = exact[i] / scales[i / inner % scales.length];
    return steps;
  }

  /** The scales of a DequantizeLinear, shaped to be broadcast to what it dequantizes. */
  static Tensor spread(Node dequantize, int rank) {
    Tensor scale = dequantize.input(1).tensor();
    long[] dims = new long[rank];
    Arrays.fill(dims, 1);
    if (scale.size() > 1) dims[new Call(dequantize).axis(new Call(dequantize).integer("axis", 1), rank)] = scale.size();
    return Tensor.of(Shape.of(dims), scale.floats());
  }

  private Value number(double value) {
    return graph.addConstant("number", Tensor.scalar((float) value));
  }

  private Value op(Node before, String operator, Value... inputs) {
    return graph.node(operator).in(inputs).out("soft", TensorType.unranked(DType.FLOAT)).before(before).output();
  }
}
