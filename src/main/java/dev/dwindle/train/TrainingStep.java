package dev.dwindle.train;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * One step of training as a graph: forward, losses, gradients and update; batch normalizations take the statistics of the batch. Beside the model's own inputs it reads
 * the targets of its goals, the learning rate ({@link #RATE}), the parameters and the states of the optimizer; it gives the loss ({@link #LOSS}), which is the weighted
 * sum of its {@linkplain #parts parts}, and the parameters and states of the next step.
 *
 * @param model the graph
 * @param initial parameters, running statistics and states before the first step, by input: the first two have their names in the model
 * @param carried the output that becomes each of those inputs in the next step
 * @param parameters the inputs that are parameters, by their names in the model that is trained
 * @param targets the inputs that say what the values of the goals should be, one for each goal and in their order: {@link #TARGET}, {@code TARGET_2}, ...
 */
public record TrainingStep(Model model, SequencedMap<String, Tensor> initial, SequencedMap<String, String> carried,
    List<String> parameters, List<String> targets) {
  public static final String TARGET = "training_target";
  public static final String RATE = "training_rate";
  public static final String LOSS = "training_loss";
  /** The length of all gradients together before they are clipped; an output where {@link Update#clips}. */
  public static final String NORM = "training_gradient_norm";
  private static final String PART = "training_part";
  private static final String STEP = "training_step";

  /**
   * What training is for.
   *
   * @param value the name of an output, or of any other value that the model's graph computes, such as a feature
   * @param loss of that value, in FLOAT whatever the value's own type
   * @param weight of the loss in the sum of all
   * @param mask the name of an input of the model whose numbers say how much each place of the value counts, its axes being the first of the value's; null where all
   *          count alike
   */
  public record Goal(String value, Loss loss, double weight, String mask) {
    public Goal {
      if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new InvalidInputException(
            "goal '" + value + "': has weight " + weight + ", expected a number above 0");
      }
    }

    /** Whether a mask of this type says which places of a value count: it has the value's first axes, but not all. */
    boolean fits(TensorType mask, TensorType of) {
      return loss.takesMask() && mask.hasRank() && of.hasRank() && mask.rank() > 0 && mask.rank() < of.rank()
          && IntStream.range(0, mask.rank()).allMatch(axis -> mask.dim(axis).equals(of.dim(axis)));
    }

    /** Of all places alike. */
    public Goal(String value, Loss loss, double weight) {
      this(value, loss, weight, null);
    }

    /** Of weight 1. */
    public Goal(String value, Loss loss) {
      this(value, loss, 1);
    }
  }

  /**
   * How parameters follow from gradients.
   *
   * @param clip the most that the length of all gradients together may be: where it is more, all are made smaller by one factor (Pascanu et al., 2013); infinite where
   *          they are to stay as they are
   */
  public record Update(Optimizer optimizer, double clip) {
    public Update {
      if (!(clip > 0))
        throw new InvalidInputException("gradient clipping: is at " + clip + ", expected a number above 0");
    }

    /** Without clipping. */
    public Update(Optimizer optimizer) {
      this(optimizer, Double.POSITIVE_INFINITY);
    }

    public boolean clips() {
      return clip < Double.POSITIVE_INFINITY;
    }
  }

  /**
   * What changes.
   *
   * @param trained which floating-point constants are parameters, such as {@link #isWeight}
   * @param freezesStatistics whether batch normalizations keep the statistics that they have, instead of taking those of the batch
   */
  public record Scope(Predicate<Value> trained, boolean freezesStatistics) {}

  /**
   * The same step in less memory, where it takes too much: what the backward pass needs is not all kept, but computed again, to the same bits.
   *
   * @param bytes the most that values of the graph may take at once, parameters and states of the optimizer among them
   * @param measure bytes that a graph takes where it is to run; negative where that is not known: what is alive at once is added up then; the greatest number where it
   *          cannot run for that
   * @throws InvalidInputException where it does not get so small
   */
  public TrainingStep within(long bytes, ToLongFunction<Graph> measure) {
    return Recomputation.within(this, bytes, measure);
  }

  /** The outputs that are the losses of the goals, in their order and not weighted. */
  public List<String> parts() {
    return IntStream.range(0, targets.size()).mapToObj(i -> numbered(PART, i)).toList();
  }

  private static String numbered(String name, int index) {
    return index == 0 ? name : name + "_" + (index + 1);
  }

  /**
   * The constants that training is usually about: tensors of floating-point numbers, but no single numbers, not the statistics of batch
   * normalizations, and not what says how images are resized.
   */
  public static boolean isWeight(Value constant) {
    return constant.isConstant() && constant.tensor().dtype().isFloating() && constant.tensor().size() > 1
        && constant.uses().stream().noneMatch(use -> (use.node().is("BatchNormalization") && use.index() > 2)
            || ((use.node().is("Resize") || use.node().is("Upsample")) && use.index() > 0));
  }

  /**
   * The step that trains constants of a model.
   *
   * @param inference is not changed
   * @param shapes of inputs, by name, as far as the model leaves them open: a step is for one size of batch
   * @param goals whose losses are to become small; several may be of one value
   * @param trained which of its floating-point constants are parameters, such as {@link #isWeight}
   * @throws InvalidInputException where none is, a goal's value is not computed or does not suit its loss, or a node has no gradient
   */
  public static TrainingStep of(Model inference, Map<String, Shape> shapes, List<Goal> goals, Update update,
      Predicate<Value> trained) {
    return of(inference, shapes, goals, update, new Scope(trained, false));
  }

  /** The step that trains what is in a scope, as {@link #of(Model, Map, List, Update, Predicate)} does. */
  public static TrainingStep of(Model inference, Map<String, Shape> shapes, List<Goal> goals, Update update,
      Scope scope) {
    Model model = inference.copy();
    Graph graph = model.graph();
    retain(graph, goals);
    ShapeInference.of(graph, shapes).store();
    // Before anything is folded: what is computed from constants, such as a look-up in a codebook, must not become one.
    SequencedMap<String, Tensor> initial = new LinkedHashMap<>();
    List<String> parameters = parameters(graph, scope.trained(), initial);
    Backpropagation.prepare(model);
    List<String> targets = lose(graph, goals);
    Backpropagation.prepare(model);
    SequencedMap<String, String> carried = new LinkedHashMap<>();
    if (!scope.freezesStatistics()) normalizeByBatch(graph, initial, carried);
    update(graph, update, parameters, initial, carried);
    graph.removeDead();
    ShapeInference.of(graph).store();
    return new TrainingStep(model, initial, carried, parameters, targets);
  }

  /** Makes outputs of the goals' values, so that they keep their names whatever is rewritten, and leaves only what these need. */
  private static void retain(Graph graph, List<Goal> goals) {
    if (goals.isEmpty()) throw new InvalidInputException("graph '" + graph.name() + "': has no goal, expected one");
    List<Integer> kept = new ArrayList<>();
    for (String name : goals.stream().map(Goal::value).distinct().toList()) {
      Value value = graph.value(name);
      if (value == null || value.producer() == null) {
        throw new InvalidInputException("goal '" + name + "': graph '" + graph.name()
            + "' computes no such value, expected one such as its outputs "
            + graph.outputs().stream().map(Value::name).toList());
      }
      if (!value.isGraphOutput()) graph.addOutput(value);
      kept.add(graph.outputs().indexOf(value));
    }
    graph.retainOutputs(kept);
    graph.removeDead();
  }

  /** Appends targets, losses and their weighted sum, and makes these numbers the outputs; returns the names of the targets. */
  private static List<String> lose(Graph graph, List<Goal> goals) {
    Arithmetic arithmetic = new Arithmetic(graph, DType.FLOAT);
    List<String> targets = new ArrayList<>();
    List<Value> parts = new ArrayList<>();
    Value sum = null;
    for (Goal goal : goals) {
      Loss loss = goal.loss();
      Value value = graph.value(goal.value());
      require(loss, value);
      Value floats = arithmetic.cast(value);
      Value target = input(graph, numbered(TARGET, targets.size()), loss.target(floats.tensorType()));
      targets.add(target.name());
      Value part = loss.add(graph, floats, target, goal.mask() == null ? null : mask(arithmetic, goal, floats));
      graph.rename(part, numbered(PART, parts.size()));
      parts.add(part);
      Value weighted = arithmetic.times(part, goal.weight());
      sum = sum == null ? weighted : arithmetic.add(sum, weighted);
    }
    graph.rename(sum, LOSS);
    int before = graph.outputs().size();
    graph.addOutput(sum);
    parts.forEach(graph::addOutput);
    graph.retainOutputs(IntStream.range(before, graph.outputs().size()).boxed().toList());
    return List.copyOf(targets);
  }

  /** What says which places of a value count, in FLOAT. */
  private static Value mask(Arithmetic arithmetic, Goal goal, Value value) {
    Value mask = arithmetic.graph().requiredInputs().stream().filter(each -> each.name().equals(goal.mask()))
        .findFirst()
        .orElseThrow(() -> new InvalidInputException(
            "mask '" + goal.mask() + "': the model has no such input, expected one of "
                + arithmetic.graph().requiredInputs().stream().map(Value::name).toList()));
    if (!goal.fits(mask.tensorType(), value.tensorType())) {
      throw new InvalidInputException("mask '" + goal.mask() + "': is a " + mask.type() + " for '" + goal.value()
          + "', a " + value.type() + ", expected the first axes of what is compared by mean squared error or cosine");
    }
    return arithmetic.cast(mask);
  }

  /** Refuses a value that has no such loss. */
  private static void require(Loss loss, Value value) {
    TensorType type = value.tensorType();
    boolean typed = type != null && type.dtype() != null && type.dtype().isFloating() && type.hasRank();
    if (!typed || type.rank() < loss.leastRank()) {
      throw new InvalidInputException("value '" + value.name() + "': is a " + value.type()
          + ", expected floating-point numbers of at least " + loss.leastRank() + " axes for its loss");
    }
  }

  static Value input(Graph graph, String name, TensorType type) {
    Value input = graph.addValue(name, type);
    graph.addInput(input);
    return input;
  }

  /** Makes inputs of the constants that are trained. */
  static List<String> parameters(Graph graph, Predicate<Value> trained, Map<String, Tensor> initial) {
    List<String> names = new ArrayList<>();
    for (Value constant : List.copyOf(graph.constants())) {
      if (!constant.tensor().dtype().isFloating() || !trained.test(constant)) continue;
      if (constant.tensor().dtype() != DType.FLOAT) {
        throw new InvalidInputException(
            "constant '" + constant.name() + "': is a " + constant.type() + ", expected float to be trained");
      }
      String name = constant.name();
      Tensor tensor = constant.tensor();
      Value parameter = graph.newValue(name, TensorType.of(tensor));
      graph.addInput(parameter);
      graph.replaceUses(constant, parameter);
      graph.removeConstant(constant);
      graph.rename(parameter, name);
      initial.put(name, tensor);
      names.add(name);
    }
    if (names.isEmpty()) throw new InvalidInputException("graph '" + graph.name() + "': no constant is to be trained");
    return List.copyOf(names);
  }

  /** Lets batch normalizations take the statistics of the batch, and carries the running ones on. */
  private static void normalizeByBatch(Graph graph, Map<String, Tensor> initial, Map<String, String> carried) {
    for (Node node : List.copyOf(graph.nodes())) {
      if (!node.is("BatchNormalization")) continue;
      Value mean = beginning(graph, node.input(3));
      Value variance = beginning(graph, node.input(4));
      NodeBuilder builder = graph.node("BatchNormalization")
          .in(node.input(0), node.input(1), node.input(2), mean, variance);
      node.attributes().stream().filter(a -> !a.name().equals("training_mode")).forEach(builder::attribute);
      Node training = builder.attribute(Attribute.of("training_mode", 1)).out("normalized", node.output(0).type())
          .out("mean", mean.type()).out("variance", variance.type()).before(node);
      List<Value> constants = List.of(node.input(3), node.input(4));
      graph.replaceUses(node.output(0), training.output(0));
      graph.remove(node);
      for (int i = 0; i < 2; i++) {
        Value input = training.input(3 + i);
        Tensor tensor = constants.get(i).tensor();
        takeName(graph, input, constants.get(i));
        initial.put(input.name(), tensor);
        carry(graph, carried, input, training.output(1 + i));
      }
    }
  }

  /** An input in the place of a constant. */
  private static Value beginning(Graph graph, Value constant) {
    if (!constant.isConstant()) {
      throw new InvalidInputException(
          "value '" + constant.name() + "': is computed, expected constant statistics to begin training with");
    }
    return input(graph, graph.freshName(constant.name()), TensorType.of(constant.tensor()));
  }

  /** Gives an input the name of the constant that it replaces, unless others read that. */
  private static void takeName(Graph graph, Value input, Value constant) {
    if (!constant.isUnused()) return;
    String name = constant.name();
    graph.removeConstant(constant);
    graph.rename(input, name);
  }

  static void update(Graph graph, Update update, List<String> parameters, Map<String, Tensor> initial,
      Map<String, String> carried) {
    List<Value> values = parameters.stream().map(graph::value).toList();
    Map<Value, Value> gradients = Backpropagation.of(graph, graph.value(LOSS), values);
    if (update.clips()) clip(graph, gradients, update.clip());
    Optimizer optimizer = update.optimizer();
    Value rate = input(graph, RATE, TensorType.of(DType.FLOAT, Shape.SCALAR));
    Value before = input(graph, STEP, TensorType.of(DType.FLOAT, Shape.SCALAR));
    initial.put(STEP, Tensor.scalar(0f));
    Arithmetic arithmetic = new Arithmetic(graph, DType.FLOAT);
    Value step = arithmetic.add(before, arithmetic.number(1));
    carry(graph, carried, before, step);
    for (Value parameter : values) {
      List<Value> states = new ArrayList<>();
      for (int i = 0; i < optimizer.states(); i++) {
        Value state = input(graph, graph.freshName(parameter.name() + "_state" + i), parameter.tensorType());
        initial.put(state.name(), zeros(parameter));
        states.add(state);
      }
      List<Value> next = optimizer.update(graph, parameter, gradients.get(parameter), rate, step, states);
      carry(graph, carried, parameter, next.getFirst());
      for (int i = 0; i < states.size(); i++) carry(graph, carried, states.get(i), next.get(i + 1));
    }
  }

  /** Shortens gradients whose length together is more than this. */
  private static void clip(Graph graph, Map<Value, Value> gradients, double most) {
    Arithmetic a = new Arithmetic(graph, DType.FLOAT);
    Value squares = gradients.values().stream().map(gradient -> a.sum(a.square(gradient))).reduce(a::add).orElseThrow();
    Value norm = a.root(squares);
    graph.rename(norm, NORM);
    graph.addOutput(norm);
    Value factor = a.least(a.number(1), a.divide(a.number(most), norm));
    gradients.replaceAll((parameter, gradient) -> a.multiply(gradient, factor));
  }

  private static void carry(Graph graph, Map<String, String> carried, Value input, Value output) {
    String name = graph.freshName(input.name() + "_next");
    graph.rename(output, name);
    graph.addOutput(output);
    carried.put(input.name(), name);
  }

  private static Tensor zeros(Value parameter) {
    Shape shape = parameter.tensorType().shape();
    return Elements.ofDoubles(parameter.tensorType().dtype(), shape, new double[shape.intSize()]);
  }
}
