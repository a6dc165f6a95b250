package dev.dwindle.backend;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Graphs of several nodes that every backend is held to: what fuses, what is a view, what branches and repeats. */
final class GraphCases {
  private static final String CONSTANTS = """
      float[7,4,3,3] w = random(1), float[4,4,3,3] v = random(2), float[7] b = random(3), float[4] s = random(4),
      float[4] t = random(5), float[4] m = random(6), float[4] q = {0.5}, float[1,4,1,1] c = random(7),
      float[10,6] p = random(8), float[6] r = random(9), float[6] k = random(10), float[] half = {0.5}, float[] one = {1},
      float[] root = {1.41421356}, float[] eps = {0.00001}, int64[2] flat = {0, -1}, int64[1] last = {-1},
      float[2,1,1,10] mask = random(11), float[4,1,3,3] d = random(12), int64[] zero = {0}, int64[] three = {3},
      bool[] yes = {1}, int64[64] uncounted = {0}, float[2] narrow = {-0.1, 0.1},
      float[4] whole = {1, 0, 2, -1}
      """;

  private static final List<String> GRAPHS = List.of(
      // What follows a product.
      "g (float[1,4,9,9] x) => (y) h = Conv <pads = [1,1,1,1]> (x, w, b) y = Relu(h)",
      "g (float[2,4,9,9] x) => (y) h = Conv <pads = [1,1,1,1]> (x, v, t) i = Add(h, x) y = Relu(i)",
      "g (float[1,4,9,9] x) => (y) h = Conv <pads = [1,1,1,1]> (x, v) i = BatchNormalization(h, s, t, m, q) "
          + "j = Add(x, i) y = LeakyRelu <alpha = 0.1> (j)",
      "g (float[1,4,9,9] x) => (y) h = Conv <pads = [1,1,1,1]> (x, v, t) i = Add(h, c) y = HardSwish(i)",
      "g (float[1,4,9,9] x) => (y) h = Conv <group = 4> (x, d) y = Sigmoid(h)",
      "g (float[1,4,9,9] x) => (y, h) h = Conv(x, v, t) y = Relu(h)",
      "g (float[1,4,9,9] x) => (y) h = Conv(x, v, t) i = Relu(h) j = Conv(x, v, s) y = Add(i, j)",
      "g (float[3,10] x) => (y) h = MatMul(x, p) i = Add(r, h) y = Relu(i)",
      "g (float[2,3,10] x, float[2,3,6] z) => (y) h = MatMul(x, p) i = Add(h, r) y = Add(i, z)",
      "g (float[3,10] x) => (y) h = Gemm(x, p, r) y = Tanh(h)",
      // Bytes made while running.
      "g (float[3,17] x) => (y, scale, point) y, scale, point = DynamicQuantizeLinear(x)",
      // Bins that widen.
      "g (float[3,17] x) => (count, ends) n1, e1 = dev.dwindle.Histogram(x, uncounted, narrow) u = Exp(x) "
          + "n2, e2 = dev.dwindle.Histogram(u, n1, e1) n = Neg(u) count, ends = dev.dwindle.Histogram(n, n2, e2)",
      // Ends and means of planes, of rows, and ends alone.
      "g (float[2,3,9,11] x) => (ends, m1) ends, m1 = dev.dwindle.Summary(x)",
      "g (float[3,17] x) => (ends, m1, y) ends, m1 = dev.dwindle.Summary(x) y = Neg(x)",
      "g (float[3,1700] x) => (ends) ends = dev.dwindle.Summary(x)",
      "g (float[2,3,9,11] x) => (ends, m1, e1) ends, m1, e1 = dev.dwindle.Summary(x)",
      "g (float[3,17] x) => (ends, m1, e1) ends, m1, e1 = dev.dwindle.Summary(x)",
      // Statistics of the batch, and gradients through them.
      "g (float[5,4,3,7] x) => (y, a, e) y, a, e = BatchNormalization <training_mode = 1> (x, s, t, m, q)",
      "g (float[9,4] x) => (y) y, a, e = BatchNormalization <training_mode = 1, momentum = 0.5> (x, s, t, m, q)",
      "g (float[5,4,3,7] x, float[5,4,3,7] u) => (y, a, e) y, a, e = dev.dwindle.BatchNormalizationGradient(x, s, u)",
      "g (float[8,4,17] x, float[8,4,17] u) => (y) y, a, e = dev.dwindle.BatchNormalizationGradient(x, s, u)",
      // Steps of optimizers.
      "g (float[3,17] x, float[3,17] u, float[3,17] v1, float[3,17] v2) => (y, a, e) h = Mul(v2, v2) "
          + "y, a, e = ai.onnx.preview.training.Adam <norm_coefficient = 0.01> (half, three, x, u, v1, h)",
      "g (float[5] x, float[300] z, float[5] u, float[300] v1, float[5] n, float[300] o) => (y, a, e, f) "
          + "y, a, e, f = ai.onnx.preview.training.Momentum <alpha = 0.9, beta = 0.7, mode = \"nesterov\", "
          + "norm_coefficient = 0.1> (half, three, x, z, u, v1, n, o)",
      "g (float[3,17] x, float[3,17] u, float[3,17] v2) => (y, a) h = Mul(v2, v2) "
          + "y, a = ai.onnx.preview.training.Adagrad <decay_factor = 0.1, norm_coefficient = 0.1> (half, three, x, u, h)",
      // Fake quantization of weights, and the gradients of input and scale.
      "g (float[2,4,6,6] x) => (y) h = dev.dwindle.FakeQuantize <axis = 0, low = -8, high = 7> (v, q, whole) "
          + "y = Conv(x, h, t)",
      "g (float[5,4,3,7] x, float[5,4,3,7] u) => (y, e) "
          + "y, e = dev.dwindle.FakeQuantizeGradient <low = -2, high = 1> (x, q, whole, u)",
      "g (float[9,4] x, float[9,4] u) => (y, e) "
          + "y, e = dev.dwindle.FakeQuantizeGradient <low = 0, high = 3> (x, q, whole, u)",
      "g (float[7,19] x, float[7,19] u) => (y, e) "
          + "y, e = dev.dwindle.FakeQuantizeGradient <low = -2, high = 2> (x, half, one, u)",
      // Composites in pieces.
      "g (float[3,10] x) => (y) a = MatMul(x, p) b1 = Div(a, root) e = Erf(b1) f = Add(e, one) h = Mul(a, f) "
          + "y = Mul(h, half)",
      "g (float[3,6] x) => (y) a = Sigmoid(x) y = Mul(x, a)",
      "g (float[3,6] x) => (y) a = Mul(x, x) b1 = ReduceMean <axes = [-1]> (a) e = Add(b1, eps) f = Sqrt(e) "
          + "h = Div(one, f) i = Mul(x, h) y = Mul(i, k)",
      "g (float[2,3,4,10] x) => (y) a = Mul(x, half) e = Add(a, mask) y = Softmax(e)",
      "g (float[2,3,4,10] x, float[2,3,4,10] z) => (y) a = Transpose <perm = [0,1,3,2]> (z) e = MatMul(x, a) "
          + "y = Softmax(e)",
      // Views and what is written into them.
      "g (float[1,4,5,5] x) => (y) a, e = Split <axis = 1> (x) f = Relu(a) y = Concat <axis = 1> (e, f)",
      "g (float[1,4,5,5] x) => (y, z) a = Reshape(x, flat) y = Neg(a) z = Unsqueeze(a, last)",
      "g (float[3,4] x) => (y, z) y = Identity(x) z = Relu(x)",
      "g (float[3,4] x) => (y, z) a = Neg(x) y = Reshape(a, last) z = Identity(y)",
      "g (float[3,4] x, float[3] unread) => (y) y = Neg(x)",
      // Shapes that depend on data, and shapes that are known again behind them.
      "g (float[3,4] x) => (y) a = NonZero(x) y = Neg(a)",
      "g (float[3,4] x) => (y) a = NonZero(x) e = Shape(a) f = Cast <to = 1> (e) y = Add(f, f)",
      // Branches and loops.
      "g (bool[] on, float[2,6] x) => (y) h = Relu(x) y = If <then_branch = a () => (e) { e = Neg(h) }, "
          + "else_branch = o () => (f) { f = Mul(x, k) }> (on)",
      "g (bool[] on, float[2,6] x) => (y) y = If <then_branch = a () => (e) { e = Neg(x) }, "
          + "else_branch = o () => (f) { f = Concat <axis = 0> (x, x) }> (on)",
      "g (float[1,4,9,9] x) => (y, z) y, z = Loop <body = step (int64[] i, bool[] on, float[1,4,9,9] u) => (on, e, f) "
          + "{ h = Conv <pads = [1,1,1,1]> (u, v, t) e = Relu(h) f = ReduceMean <axes = [2,3]> (e) }> (three, yes, x)",
      "g (float[5,6] x) => (y, z) y, z = Scan <body = step (float[6] u, float[6] n) => (e, f) "
          + "{ e = Add(u, n) f = Mul(e, k) }, num_scan_inputs = 1> (k, x)");

  private GraphCases() {}

  static List<OperatorCases.Case> all() {
    List<OperatorCases.Case> cases = new ArrayList<>();
    for (String graph : GRAPHS) {
      int body = graph.indexOf(") => (");
      int open = graph.indexOf(')', body + 6) + 1;
      Model model = GraphText
          .parse("<ir_version: 8, opset_import: [\"\" : 17, \"dev.dwindle\" : 1, \"ai.onnx.preview.training\" : 1]>\n"
              + graph.substring(0, open) + " <"
              + CONSTANTS + "> {" + graph.substring(open) + "}");
      cases.add(new OperatorCases.Case(graph, model, inputs(model.graph()), OperatorCases.within(2e-5)));
    }
    return cases;
  }

  private static Map<String, Tensor> inputs(Graph graph) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    Random random = new Random(5);
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.tensorType();
      Shape shape = Shape.of(type.dims().stream().mapToLong(Dim::size).toArray());
      inputs.put(input.name(), type.dtype() == DType.BOOL ? Tensor.of(shape, true)
          : Elements.ofDoubles(type.dtype(), shape, random.doubles(shape.intSize(), -1, 1).toArray()));
    }
    return inputs;
  }
}
