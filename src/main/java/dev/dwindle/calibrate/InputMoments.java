package dev.dwindle.calibrate;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.PassContext;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Second moments of what layers multiply their weights with, over all calibration samples: for the rows {@code x} of inputs that each output sums over, the sum of
 * {@code x^T x}, which is half of the Hessian of the squared error of the outputs in the weights of one output. They are sums in the graph, carried from run to run.
 */
public final class InputMoments {
  /** Beyond so many inputs the moments of a layer take more than a quarter of a gigabyte. */
  private static final int MOST_INPUTS = 8192;

  private final Observation observation;
  private final Map<String, String> known = new LinkedHashMap<>();
  private final Map<String, Tensor> initial = new LinkedHashMap<>();

  private InputMoments(Graph graph, PassContext context) {
    observation = new Observation(graph, context);
  }

  /**
   * Runs the samples.
   *
   * @param operands weights of layers of the main graph
   * @return by the name of the weights a matrix {@code [inputs, inputs]}, rows in a row, inputs in the order in which the weights of one output stand; nothing of layers
   *     for which it is not known how: convolutions by groups and transposed ones, recurrent layers, products with the weights on the left
   */
  public static Map<String, float[]> of(Graph graph, PassContext context, Collection<Operand> operands) {
    InputMoments moments = new InputMoments(graph, context);
    Map<String, List<String>> sources = new LinkedHashMap<>();
    for (Operand operand : operands) {
      String source = operand.node().graph() == graph ? moments.watch(operand) : null;
      if (source != null) sources.computeIfAbsent(operand.weight().name(), w -> new ArrayList<>()).add(source);
    }
    Map<String, float[]> found = new LinkedHashMap<>();
    if (sources.isEmpty()) return found;
    long bytes = moments.initial.values().stream().mapToLong(Tensor::byteSize).sum();
    moments.observation.run(
        "calibrate: moments of " + moments.initial.size() + " inputs, " + (bytes + 999_999) / 1_000_000 + " MB",
        moments.initial, results -> {},
        results -> moments.initial.keySet().forEach(name -> found.put(name, results.get(name + "_next").floats())));
    Map<String, float[]> all = new LinkedHashMap<>();
    sources
        .forEach((weight, of) -> all.put(weight, of.stream().map(found::get).reduce(InputMoments::sum).orElseThrow()));
    all.forEach(InputMoments::requireFinite);
    return all;
  }

  private static float[] sum(float[] a, float[] b) {
    float[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) sum[i] += b[i];
    return sum;
  }

  private static void requireFinite(String weight, float[] moments) {
    for (float moment : moments) {
      if (Float.isFinite(moment)) continue;
      throw new InvalidInputException("weights '" + weight
          + "': what is multiplied with them is not finite on the calibration samples, expected finite numbers; mend the samples, or take the pass's setting that needs none");
    }
  }

  /** What the moments of a layer's inputs are called, or null; layers that read the same have the same. */
  private String watch(Operand operand) {
    Node node = operand.node();
    Shape shape = operand.weight().tensor().shape();
    int inputs = Math.toIntExact(
        operand.isConvolution() ? shape.product(1, shape.rank()) : shape.dim(operand.reduced()));
    Value read = node.input(0);
    boolean matrix = operand.index() == 1 && shape.rank() == 2 && (node.is("MatMul") || isPlainGemm(node));
    boolean convolution = operand.isConvolution() && new Call(node).int32("group", 1) == 1;
    if (!(matrix || convolution) || read.isConstant() || inputs > MOST_INPUTS) return null;
    String key = read.name() + (convolution ? " " + shape + attributes(node) : "");
    return known.computeIfAbsent(key,
        k -> sum(convolution ? patches(node, shape, inputs) : observation.twin(read.name()), inputs));
  }

  private static String attributes(Node node) {
    Call call = new Call(node);
    return call.text("auto_pad", "NOTSET") + Arrays.toString(call.integers("pads"))
        + Arrays.toString(call.integers("strides")) + Arrays.toString(call.integers("dilations"));
  }

  private static boolean isPlainGemm(Node node) {
    return node.is("Gemm") && !new Call(node).flag("transA", false);
  }

  /** What each output of a convolution sums over, as the channels of a convolution by weights of which one is 1: {@code [batch, inputs, places...]}, put last. */
  private Value patches(Node node, Shape weights, int inputs) {
    float[] ones = new float[Math.multiplyExact(inputs, inputs)];
    for (int i = 0; i < inputs; i++) ones[i * inputs + i] = 1;
    Graph graph = observation.graph();
    Value selection = graph.addConstant("patches", Tensor.of(weights.with(0, inputs), ones));
    NodeBuilder conv = graph.node("Conv").in(observation.twin(node.input(0).name()), selection);
    node.attributes().forEach(conv::attribute);
    Value patches = conv.out("patches", TensorType.unranked(DType.FLOAT)).append().output();
    long[] order = new long[weights.rank()];
    for (int i = 1; i < order.length - 1; i++) order[i] = i + 1;
    order[order.length - 1] = 1;
    return graph.node("Transpose").in(patches).attribute(Attribute.of("perm", order))
        .out("patches", TensorType.unranked(DType.FLOAT)).append().output();
  }

  /** Adds up the moments of a value's last axis. */
  private String sum(Value value, int inputs) {
    Graph graph = observation.graph();
    TensorType type = TensorType.of(DType.FLOAT, Shape.of(inputs, inputs));
    Value before = graph.addValue(graph.freshName("moments"), type);
    graph.addInput(before);
    Value shape = graph.addConstant("rows", Tensor.of(Shape.of(2), -1L, inputs));
    Value rows = graph.node("Reshape").in(value, shape).out("rows", TensorType.unranked(DType.FLOAT)).append().output();
    Value columns = graph.node("Transpose").in(rows).attribute(Attribute.of("perm", new long[] {1, 0}))
        .out("columns", TensorType.unranked(DType.FLOAT)).append().output();
    Value product = graph.node("MatMul").in(columns, rows).out("product", type).append().output();
    Value after = graph.node("Add").in(before, product).out(graph.addValue(before.name() + "_next", type)).append()
        .output();
    graph.addOutput(after);
    observation.carry(after.name(), before.name());
    initial.put(before.name(), Tensor.of(Shape.of(inputs, inputs), new float[inputs * inputs]));
    return before.name();
  }
}
