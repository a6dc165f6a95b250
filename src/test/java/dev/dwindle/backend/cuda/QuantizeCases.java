package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** QuantizeLinear and DequantizeLinear of every format and every way of scales, for an emulated GPU or a real one. */
final class QuantizeCases {
  private static final List<DType> INTEGERS = List.of(DType.INT2, DType.UINT2, DType.INT4, DType.UINT4, DType.INT8,
      DType.UINT8, DType.INT16, DType.UINT16);
  private static final List<DType> FLOATS = List.of(DType.FLOAT8E4M3FN, DType.FLOAT8E5M2);

  /** Shape of what is quantized, shape of the scales, and attributes: neighbours of four that have one scale, or others, and that are not whole. */
  private static final List<String[]> LAYOUTS = List.of(
      new String[] {"[3,19]", "[1]", ""},
      new String[] {"[3,19]", "[]", ""},
      new String[] {"[3,5,8]", "[5]", ""},
      new String[] {"[3,5,7]", "[5]", ""},
      new String[] {"[5,3]", "[3]", "axis = -1"},
      new String[] {"[7]", "[7]", "axis = 0"},
      new String[] {"[3,24]", "[3,3]", "axis = 1, block_size = 8"},
      new String[] {"[3,22]", "[3,4]", "axis = 1, block_size = 6"},
      new String[] {"[9,8]", "[3,8]", "axis = 0, block_size = 4"},
      new String[] {"[2,6,5]", "[2,2,5]", "axis = 1, block_size = 3"});

  /** A graph whose input {@code x} has numbers of a type that are quantized as {@code q} and dequantized as {@code y}. */
  record Case(String graph, DType codes) {}

  private QuantizeCases() {}

  static Stream<Case> over(DType real) {
    Stream<Case> integers = INTEGERS.stream().flatMap(codes -> LAYOUTS.stream().map(l -> new Case(
        "g (%1$s%3$s x, %1$s%4$s s, %2$s%4$s z) => (q, y) { q = QuantizeLinear<%5$s>(x, s, z) y = DequantizeLinear<%5$s>(q, s, z) }"
            .formatted(real.text(), codes.text(), l[0], l[1], l[2]).replace("<>", ""),
        codes)));
    // Some have no zero points, and some become infinite.
    Stream<Case> floats = Stream.concat(FLOATS.stream(), Stream.of(DType.INT4))
        .flatMap(codes -> LAYOUTS.stream().flatMap(l -> Stream.of(0, 1).map(saturate -> new Case(
            "g (%1$s%2$s x, %1$s%3$s s) => (q, y) { q = QuantizeLinear<output_dtype = %5$d, saturate = %6$d%4$s>(x, s) y = DequantizeLinear<%7$s>(q, s) }"
                .formatted(real.text(), l[0], l[1], l[2].isEmpty() ? "" : ", " + l[2], codes.code(), saturate, l[2])
                .replace("<>", ""),
            codes))));
    return Stream.concat(integers, floats);
  }

  /** Holds a case to what it means, to the bit. */
  static void hold(Case c, Device device) {
    Graph graph = GraphText.parse(c.graph).graph();
    for (Node node : graph.nodes()) assertNotNull(CudaKernels.find(node), node.label());
    Map<String, Tensor> inputs = inputs(graph);
    List<Tensor> expected = Interpreter.run(GraphText.parse(c.graph).graph(), inputs);
    try (Executable executable = new CudaBackend("cuda:0", device).compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      inputs.forEach(bound::set);
      bound.run();
      Tensor codes = bound.outputs().get("q");
      assertEquals(expected.getFirst().dtype(), codes.dtype());
      assertArrayEquals(expected.getFirst().bytes(), codes.bytes());
      assertArrayEquals(Elements.doubles(expected.getLast()), Elements.doubles(bound.outputs().get("y")));
    }
  }

  private static Map<String, Tensor> inputs(Graph graph) {
    Random random = new Random(6);
    Map<String, Tensor> inputs = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      DType dtype = input.tensorType().dtype();
      double[] values = new double[input.tensorType().shape().intSize()];
      for (int i = 0; i < values.length; i++) {
        // Codes of all sizes, of which some are too large, and ties.
        values[i] = input.name().equals("s") ? 0.25 * (1 + random.nextInt(4))
            : Math.rint(8 * random.nextGaussian() * Math.scalb(1.0, random.nextInt(14) - 4)) / 8;
      }
      if (input.name().equals("x")) {
        values[0] = Double.NaN;
        values[values.length - 1] = Double.NEGATIVE_INFINITY;
        values[2] = 1e-3;
      }
      boolean integers = dtype.isInteger();
      long[] zeros = random.longs(values.length, integers ? dtype.min() : 0, integers ? dtype.max() + 1 : 1).toArray();
      inputs.put(input.name(), integers ? Elements.ofLongs(dtype, input.tensorType().shape(), zeros)
          : Elements.ofDoubles(dtype, input.tensorType().shape(), values));
    }
    return inputs;
  }
}
