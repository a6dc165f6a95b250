package dev.dwindle.calibrate;

import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.PassContext;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
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
import java.util.stream.Stream;

/**
 * Second moments of what layers multiply their weights with, over all calibration samples: for the rows {@code x} of inputs that each output sums over, the sum of
 * {@code x^T x}, which is half of the Hessian of the squared error of the outputs in the weights of one output. They are sums in the graph, carried from run to run, but for those of
 * some rows of each sample.
 */
public final class InputMoments {
  /** Beyond 8192 inputs the moments of a layer take more than a quarter of a gigabyte. */
  private static final long MOST_NUMBERS = 1L << 26;
  /** Of the rows of a sample. */
  private static final int ALL = 0;
  private static final TensorType UNRANKED = TensorType.unranked(DType.FLOAT);

  private final Observation observation;
  private final PassContext context;
  private final int rows;
  private final Types types;
  private final Map<String, String> known = new LinkedHashMap<>();
  private final Map<String, Tensor> initial = new LinkedHashMap<>();
  /** Of which the rows themselves are outputs, by how many inputs they have. */
  private final Map<String, Integer> outside = new LinkedHashMap<>();

  private InputMoments(Graph graph, PassContext context, int rows) {
    observation = new Observation(graph, context);
    this.context = context;
    this.rows = rows;
    types = rows == ALL ? null : ShapeInference.of(graph, shapes(context.calibration()));
  }

  /** Shapes of the first sample's inputs. */
  static Map<String, Shape> shapes(Samples samples) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    try (Stream<Sample> stream = samples.stream()) {
      stream.findFirst().ifPresent(
          sample -> sample.inputs().forEach((name, tensor) -> shapes.put(name, tensor.shape())));
    }
    return shapes;
  }

  /**
   * Runs the samples.
   *
   * @param operands weights of layers of the main graph
   * @return by the name of the weights a matrix {@code [inputs, inputs]}, rows in a row, inputs in the order in which the weights of one output stand; nothing of layers
   *     for which it is not known how: convolutions by groups and transposed ones, recurrent layers, products with the weights on the left
   */
  public static Map<String, float[]> of(Graph graph, PassContext context, Collection<Operand> operands) {
    return new InputMoments(graph, context, ALL).of(graph, operands);
  }

  /**
   * As {@link #of}, of convolutions by groups too, and of convolutions from a grid of places only.
   *
   * @param rows about how many places of each sample are looked at, at least
   * @return for convolutions by groups {@code [groups, inputs, inputs]}
   */
  public static Map<String, float[]> sampled(Graph graph, PassContext context, Collection<Operand> operands, int rows) {
    return new InputMoments(graph, context, rows).of(graph, operands);
  }

  private Map<String, float[]> of(Graph graph, Collection<Operand> operands) {
    Map<String, List<String>> sources = new LinkedHashMap<>();
    for (Operand operand : operands) {
      String source = operand.node().graph() == graph ? watch(operand) : null;
      if (source != null) sources.computeIfAbsent(operand.weight().name(), w -> new ArrayList<>()).add(source);
    }
    Map<String, float[]> found = new LinkedHashMap<>();
    if (sources.isEmpty()) return found;
    long bytes = initial.values().stream().mapToLong(Tensor::byteSize).sum()
        + outside.values().stream().mapToLong(inputs -> Float.BYTES * (long) inputs * inputs).sum();
    try (RowSums sums = new RowSums(context)) {
      observation.run("calibrate: moments of " + (initial.size() + outside.size()) + " inputs, "
          + (bytes + 999_999) / 1_000_000 + " MB", initial,
          results -> outside.keySet().forEach(name -> sums.add(name, results.get(name))),
          results -> initial.keySet().forEach(name -> found.put(name, results.get(name + "_next").floats())));
      found.putAll(sums.sums());
    }
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
    int groups = operand.isConvolution() ? new Call(node).int32("group", 1) : 1;
    boolean convolution = operand.isConvolution() && (groups == 1 || rows != ALL);
    if (!(matrix || convolution) || read.isConstant() || (long) groups * inputs * inputs > MOST_NUMBERS) return null;
    String key = read.name() + (convolution ? " " + shape + attributes(node) : "");
    return known.computeIfAbsent(key, k -> sum(
        convolution ? patches(node, shape, groups, inputs) : observation.twin(read.name()), groups, inputs));
  }

  private static String attributes(Node node) {
    Call call = new Call(node);
    return call.text("auto_pad", "NOTSET") + Arrays.toString(call.integers("pads"))
        + Arrays.toString(call.integers("strides")) + Arrays.toString(call.integers("dilations"));
  }

  private static boolean isPlainGemm(Node node) {
    return node.is("Gemm") && !new Call(node).flag("transA", false);
  }

  /**
   * What each output of a convolution sums over, as the channels of a convolution by weights of which one is 1: {@code [batch, inputs, places...]}, put last, or where there are
   * groups {@code [groups, inputs, rows]}.
   */
  private Value patches(Node node, Shape weights, int groups, int inputs) {
    Value patches = rows != ALL && groups == 1 && isOfOnePlace(node, weights) ? places(node, weights.rank() - 2)
        : selected(node, weights, groups, inputs);
    long[] order = new long[weights.rank()];
    for (int i = 1; i < order.length; i++) order[i] = (i + 1) % order.length;
    if (groups == 1) {
      order[order.length - 1] = 1;
    } else {
      Arrays.setAll(order, i -> i < 2 ? 1 - i : i);
    }
    return transposed(patches, order);
  }

  private Value selected(Node node, Shape weights, int groups, int inputs) {
    float[] ones = new float[Math.multiplyExact(groups * inputs, inputs)];
    for (int i = 0; i < groups * inputs; i++) ones[i * inputs + i % inputs] = 1;
    Graph graph = observation.graph();
    Value selection = graph.addConstant("patches", Tensor.of(weights.with(0, groups * inputs), ones));
    NodeBuilder conv = graph.node("Conv").in(observation.twin(node.input(0).name()), selection);
    node.attributes().forEach(conv::attribute);
    if (rows != ALL) conv.attribute(Attribute.of("strides", strides(node, weights.rank() - 2)));
    return conv.out("patches", UNRANKED).append().output();
  }

  /** Whether each output of a convolution reads one place, and no padding. */
  private static boolean isOfOnePlace(Node node, Shape weights) {
    long[] pads = new Call(node).integers("pads");
    return weights.product(2, weights.rank()) == 1 && (pads == null || Arrays.stream(pads).allMatch(pad -> pad == 0));
  }

  /** Some of the places of what a convolution reads. */
  private Value places(Node node, int axes) {
    long[] ones = new long[axes];
    Arrays.fill(ones, 1);
    return observation.graph().node("MaxPool").in(observation.twin(node.input(0).name()))
        .attribute(Attribute.of("kernel_shape", ones)).attribute(Attribute.of("strides", strides(node, axes)))
        .out("places", UNRANKED).append().output();
  }

  private Value transposed(Value value, long... order) {
    return observation.graph().node("Transpose").in(value).attribute(Attribute.of("perm", order))
        .out("transposed", UNRANKED).append().output();
  }

  private Value reshaped(Value value, long... shape) {
    Value numbers = observation.graph().addConstant("rows", Tensor.of(Shape.of(shape.length), shape));
    return observation.graph().node("Reshape").in(value, numbers).out("rows", UNRANKED).append().output();
  }

  /** Steps so large that about so many places as are wanted remain; those of the layer where its places are not known, or padding depends on them. */
  private long[] strides(Node node, int axes) {
    Call call = new Call(node);
    long[] strides = call.integers("strides");
    if (strides == null || strides.length == 0) {
      strides = new long[axes];
      Arrays.fill(strides, 1);
    }
    if (call.text("auto_pad", "NOTSET").startsWith("SAME")) return strides;
    TensorType type = types.tensorType(node.output());
    double places = 1;
    for (int axis = 2; axis < axes + 2; axis++) {
      if (type == null || !type.hasRank() || !type.dim(axis).isKnown()) return strides;
      places *= type.dim(axis).size();
    }
    long factor = Math.max(1, (long) Math.pow(places / rows, 1.0 / axes));
    return Arrays.stream(strides).map(stride -> stride * factor).toArray();
  }

  /** Adds up the moments of a value's last axis, or of each group's inputs; of few rows a sample many samples at once. */
  private String sum(Value value, int groups, int inputs) {
    Graph graph = observation.graph();
    if (rows != ALL && groups == 1) {
      Value few = reshaped(value, -1, inputs);
      graph.addOutput(few);
      outside.put(few.name(), inputs);
      return few.name();
    }
    Shape shape = groups == 1 ? Shape.of(inputs, inputs) : Shape.of(groups, inputs, inputs);
    TensorType type = TensorType.of(DType.FLOAT, shape);
    Value before = graph.addValue(graph.freshName("moments"), type);
    graph.addInput(before);
    Value rows = groups == 1 ? reshaped(value, -1, inputs) : reshaped(value, groups, inputs, -1);
    Value turned = groups == 1 ? transposed(rows, 1, 0) : transposed(rows, 0, 2, 1);
    Value product = graph.node("MatMul").in(groups == 1 ? turned : rows, groups == 1 ? rows : turned)
        .out("product", type).append().output();
    Value after = graph.node("Add").in(before, product).out(graph.addValue(before.name() + "_next", type)).append()
        .output();
    graph.addOutput(after);
    observation.carry(after.name(), before.name());
    initial.put(before.name(), Tensor.of(shape, new float[shape.intSize()]));
    return before.name();
  }
}
