package dev.dwindle.train;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;

/** First weights for training. */
final class Redraw {
  private static final Set<String> PRODUCTS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");
  // FNV-1a with 64 bits (Fowler, Noll, Vo).
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Redraw() {}

  static void apply(Graph graph, long seed) {
    for (Value constant : graph.constants()) {
      if (!constant.tensor().dtype().isFloating()) continue;
      for (Use use : constant.uses()) {
        double[] values = values(constant, use, seed);
        if (values == null) continue;
        graph.setConstant(constant,
            Constant.of(Elements.ofDoubles(constant.tensor().dtype(), constant.tensor().shape(), values)));
        break;
      }
    }
  }

  /** First numbers for a constant that is read in this place; null where they stay. */
  private static double[] values(Value constant, Use use, long seed) {
    Node node = use.node();
    int size = constant.tensor().shape().intSize();
    return switch (node.domain().isEmpty() ? node.operator() : "") {
      case "Conv", "ConvTranspose", "Gemm", "MatMul" -> use.index() == 2 ? new double[size]
          : drawn(constant, size, terms(node, use.index(), constant.tensor().shape()), seed);
      case "BatchNormalization" -> filled(size, use.index() == 1 || use.index() == 4 ? 1 : 0);
      case "LayerNormalization" -> filled(size, use.index() == 1 ? 1 : 0);
      case "Add", "Sub" -> isBias(constant, node, use.index()) ? new double[size] : null;
      default -> null;
    };
  }

  /** Whether what an Add adds is a bias along one axis of the product, with constant weights, before it. */
  private static boolean isBias(Value constant, Node add, int index) {
    Node other = add.producer(1 - index);
    boolean flat = Arrays.stream(constant.tensor().shape().dims()).filter(d -> d != 1).count() == 1;
    return flat && other != null && other.domain().isEmpty() && PRODUCTS.contains(other.operator())
        && other.inputs().stream().anyMatch(v -> v != null && v.isConstant());
  }

  /** How many products one sum has. */
  private static long terms(Node node, int index, Shape shape) {
    Call call = new Call(node);
    return switch (node.operator()) {
      case "Conv" -> shape.product(1, shape.rank());
      case "ConvTranspose" -> shape.dim(0) / call.integer("group", 1) * shape.product(2, shape.rank());
      case "Gemm" -> shape.dim(call.flag(index == 0 ? "transA" : "transB", false) == (index == 0) ? 0 : 1);
      default -> shape.rank() == 1 ? shape.dim(0) : shape.dim(index == 0 ? -1 : -2);
    };
  }

  private static double[] drawn(Value constant, int size, long terms, long seed) {
    SplittableRandom random = new SplittableRandom(seed ^ hash(constant.name()));
    // The variance of uniform numbers between -b and b is b * b / 3.
    double bound = Math.sqrt(6.0 / terms);
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = (2 * random.nextDouble() - 1) * bound;
    }
    return values;
  }

  private static long hash(String name) {
    long hash = FNV_OFFSET;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash;
  }

  private static double[] filled(int size, double value) {
    double[] values = new double[size];
    Arrays.fill(values, value);
    return values;
  }
}
