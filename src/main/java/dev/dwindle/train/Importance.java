package dev.dwindle.train;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.data.Sample;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How far the outputs of a model move when one of its weights becomes zero: the sum, over samples and output elements, of the squares of what each does by the gradient,
 * {@code (dy/dw w)^2}. That is the second-order Taylor term of the squared error of the outputs (LeCun et al., 1990, with the diagonal of the Gauss-Newton matrix). No
 * label is needed. The sum over elements is estimated without bias by one gradient a sample, of the outputs added up with random signs (Hutchinson, 1989).
 */
public final class Importance implements AutoCloseable {
  private static final String SIGNS = "training_signs";
  private static final int MOST_COMPILED = 4;

  private final PassContext context;
  private final Model model;
  private final List<String> weights;
  private final Set<String> reached = new HashSet<>();
  private final Map<Map<String, Shape>, Compiled> compiled = new LinkedHashMap<>();

  /** Gradients for one set of shapes; the graph reads signs for each output. */
  private record Compiled(Executable executable, Bound bound, List<String> inputs, Map<String, Shape> signs,
      List<String> gradients) implements AutoCloseable {
    @Override
    public void close() {
      bound.close();
      executable.close();
    }
  }

  private Importance(Model model, Collection<String> weights, PassContext context) {
    this.model = model;
    this.weights = List.copyOf(weights);
    this.context = context;
  }

  /**
   * Runs the calibration samples forwards and backwards.
   *
   * @param model is not changed
   * @param weights names of FLOAT constants of its main graph
   * @return by name, for each weight how far outputs move without it; nothing of tensors that no FLOAT output depends on
   * @throws InvalidInputException where a node has no gradient, no output is FLOAT, or what comes is not finite
   */
  public static Map<String, float[]> of(Model model, Collection<String> weights, PassContext context) {
    try (Importance importance = new Importance(model, weights, context)) {
      return importance.sum();
    }
  }

  private Map<String, float[]> sum() {
    Map<String, float[]> sums = new LinkedHashMap<>();
    Map<String, float[]> numbers = new LinkedHashMap<>();
    for (String weight : weights) {
      numbers.put(weight, model.graph().value(weight).tensor().floats());
      sums.put(weight, new float[numbers.get(weight).length]);
    }
    SplittableRandom random = new SplittableRandom(context.seed());
    context.progress().begin("gradients of the outputs", context.calibration().count());
    try (Stream<Sample> samples = context.calibration().stream()) {
      for (Sample sample : (Iterable<Sample>) samples::iterator) {
        Map<String, Tensor> gradients = gradients(sample, random);
        weights.forEach(weight -> add(gradients.get(weight).floats(), numbers.get(weight), sums.get(weight)));
        context.progress().advance(1);
      }
    }
    context.progress().end();
    sums.keySet().retainAll(reached);
    sums.forEach(Importance::requireFinite);
    return sums;
  }

  private static void add(float[] gradient, float[] weight, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      float moved = gradient[i] * weight[i];
      sum[i] += moved * moved;
    }
  }

  private static void requireFinite(String weight, float[] sums) {
    for (float sum : sums) {
      if (Float.isFinite(sum)) continue;
      throw new InvalidInputException("weights '" + weight
          + "': the gradients of the outputs are not finite on the calibration samples, expected finite numbers; prune by magnitude");
    }
  }

  private Map<String, Tensor> gradients(Sample sample, SplittableRandom random) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    sample.inputs().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    Compiled step = compiled.get(shapes);
    if (step == null) {
      if (compiled.size() == MOST_COMPILED) compiled.remove(compiled.keySet().iterator().next()).close();
      step = compile(shapes);
      compiled.put(shapes, step);
    }
    return run(step, sample, random);
  }

  private Map<String, Tensor> run(Compiled step, Sample sample, SplittableRandom random) {
    step.inputs.stream().filter(sample.inputs()::containsKey)
        .forEach(name -> step.bound.set(name, sample.inputs().get(name)));
    step.signs.forEach((name, shape) -> {
      float[] signs = new float[shape.intSize()];
      for (int i = 0; i < signs.length; i++) signs[i] = random.nextBoolean() ? 1 : -1;
      step.bound.set(name, Tensor.of(shape, signs));
    });
    step.bound.run();
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    for (int i = 0; i < weights.size(); i++) {
      gradients.put(weights.get(i), step.bound.outputs().get(step.gradients.get(i)));
    }
    return gradients;
  }

  private Compiled compile(Map<String, Shape> shapes) {
    Model copy = model.copy();
    Graph graph = copy.graph();
    ShapeInference.of(graph, shapes).store();
    // Inputs before anything is folded: what is computed from weights alone must not become a constant.
    Map<String, Tensor> values = new LinkedHashMap<>();
    TrainingStep.parameters(graph, value -> weights.contains(value.name()), values);
    Backpropagation.prepare(copy);
    Arithmetic arithmetic = new Arithmetic(graph, DType.FLOAT);
    Map<String, Shape> signs = new LinkedHashMap<>();
    Value loss = null;
    for (Value output : List.copyOf(graph.outputs())) {
      TensorType type = output.tensorType();
      if (output.isConstant() || type == null || type.dtype() != DType.FLOAT || !type.isStatic()) continue;
      Value sign = TrainingStep.input(graph, graph.freshName(SIGNS), type);
      signs.put(sign.name(), type.shape());
      Value part = arithmetic.sum(arithmetic.multiply(output, sign));
      loss = loss == null ? part : arithmetic.add(loss, part);
    }
    if (loss == null) {
      throw new InvalidInputException("graph '" + graph.name() + "': no output is float of known shape, found "
          + graph.outputs().stream().map(Value::type).toList() + "; prune by magnitude");
    }
    ShapeInference.of(graph).store();
    List<Value> wanted = weights.stream().map(graph::value).toList();
    List<Value> gradients = List.copyOf(gradients(graph, loss, wanted).values());
    for (int i = 0; i < weights.size(); i++) if (!gradients.get(i).isConstant()) reached.add(weights.get(i));
    int before = graph.outputs().size();
    gradients.forEach(graph::addOutput);
    graph.retainOutputs(IntStream.range(before, graph.outputs().size()).boxed().toList());
    graph.removeDead();
    ShapeInference.of(graph).store();
    Executable executable = context.backend().compile(graph,
        CompileOptions.DEFAULT.withThreads(context.threads()).withShapes(shapes));
    Bound bound = executable.bind();
    values.forEach(bound::set);
    return new Compiled(executable, bound, graph.requiredInputs().stream().map(Value::name).toList(),
        signs, gradients.stream().map(Value::name).toList());
  }

  private static Map<Value, Value> gradients(Graph graph, Value loss, List<Value> wanted) {
    try {
      return Backpropagation.of(graph, loss, wanted);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(e.getMessage() + "; prune by magnitude", e);
    }
  }

  @Override
  public void close() {
    compiled.values().forEach(Compiled::close);
  }
}
