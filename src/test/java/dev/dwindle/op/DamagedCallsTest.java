package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxTensors;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A call that breaks the specification ends in one line for a person, whichever operator it names. */
class DamagedCallsTest {
  private static final int CALLS = 200;
  private static final long[] NONSENSE = {-7, -1, 0, 1, 2, 3, 17, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE};
  private static final List<DType> TYPES = List.of(DType.FLOAT, DType.FLOAT, DType.INT64, DType.INT64, DType.INT32,
      DType.UINT8, DType.INT8, DType.BOOL, DType.FLOAT16, DType.DOUBLE, DType.INT4, DType.STRING);
  private static final List<String> INTEGERS = List.of("axis", "keepdims", "group", "k", "batch_axis", "time_axis",
      "batch_dims", "block_size", "blocksize", "dtype", "to", "hidden_size", "kv_num_heads", "q_num_heads", "num_heads",
      "layout", "left_window_size", "right_window_size", "max_gram_length", "min_gram_length", "max_skip_count",
      "n_targets", "num_groups", "num_outputs", "num_scan_inputs", "offset_group", "output_height", "output_width", "p",
      "rotary_embedding_dim", "sample_size", "sampling_ratio", "size", "stash_type", "storage_order", "transA", "upper",
      "noop_with_empty_axes", "allowzero", "ceil_mode", "antialias", "exclusive", "onesided", "inverse", "start", "end",
      "precision", "output_dtype", "largest", "sorted", "detect_negative", "interleaved", "is_causal",
      "qk_matmul_output_mode", "softmax_precision", "select_last_index", "training_mode", "post_transform",
      "aggregate_function", "value_int");
  private static final List<String> LISTS = List.of("axes", "dilations", "ends", "kernel_shape", "ngram_counts",
      "ngram_indexes", "output_padding", "output_shape", "pads", "perm", "pooled_shape", "shape", "split", "starts",
      "strides", "pool_int64s", "scan_input_axes", "scan_output_axes", "tree_roots", "nodes_featureids",
      "nodes_truenodeids", "nodes_falsenodeids", "nodes_trueleafs", "nodes_falseleafs", "leaf_targetids");
  private static final List<String> REALS = List.of("alpha", "beta", "bias", "clip", "epsilon", "gamma", "high", "low",
      "lambd", "max", "min", "mean", "momentum", "ratio", "scale", "spatial_scale", "softcap", "value_float");
  private static final Map<String, List<String>> TEXTS = Map.of("mode",
      List.of("linear", "cubic", "reflect", "CRD", "?"),
      "direction", List.of("bidirectional", "RIGHT", "?"), "auto_pad", List.of("SAME_UPPER", "VALID", "?"),
      "equation", List.of("ij,jk->ik", "...i->i", "ii->", "->", "i,", "?"), "reduction", List.of("add", "none", "?"),
      "coordinate_transformation_mode", List.of("tf_crop_and_resize", "align_corners", "?"));

  /** Every operator but Loop (it may rightly run for ever), on inputs and attributes drawn blindly. */
  @Test
  void onlySaysWhatIsWrongWithMadeUpCalls() {
    List<String> flaws = new ArrayList<>();
    for (Operator operator : Ops.all()) {
      if (!operator.name().equals("Loop")) {
        Random random = new Random(operator.name().hashCode());
        for (int i = 0; i < CALLS; i++) {
          flaws.addAll(madeUp(operator, random).flaws());
        }
      }
    }
    assertEquals("", String.join("\n", flaws));
  }

  /** Damages to the ONNX project's own node tests: one thing wrong in a call that is right otherwise. */
  @Test
  @Tag("nodetests")
  void onlySaysWhatIsWrongWithDamagedNodeTests() throws IOException {
    Map<Operator, Integer> seen = new HashMap<>();
    List<String> flaws = new ArrayList<>();
    List<Path> tests;
    try (Stream<Path> entries = Files.list(Path.of(System.getProperty("dwindle.nodetests")))) {
      tests = entries.filter(p -> Files.isRegularFile(p.resolve("model.onnx"))).sorted().toList();
    }
    for (Path test : tests) {
      DamagedCall whole = read(test);
      if (whole != null && seen.merge(whole.operator(), 1, Integer::sum) <= 4) {
        damages(whole).forEach(call -> flaws.addAll(call.flaws()));
      }
    }
    assertTrue(seen.size() > 150, "operators seen: " + seen.size());
    assertEquals("", String.join("\n", flaws));
  }

  private static DamagedCall madeUp(Operator operator, Random random) {
    int newest = operator.domain().isEmpty() ? Ops.NEWEST_OPSET : operator.since();
    int version = random.nextInt(3) == 0 ? operator.since() : Math.max(operator.since(), newest - random.nextInt(8));
    List<Tensor> inputs = new ArrayList<>();
    boolean alike = random.nextBoolean();
    DType dtype = pick(TYPES, random);
    Shape shape = shape(random);
    for (int i = random.nextInt(7); i > 0; i--) {
      inputs.add(random.nextInt(8) == 0 ? null : alike && random.nextInt(4) > 0 ? tensor(dtype, shape, random)
          : tensor(pick(TYPES, random), shape(random), random));
    }
    List<Attribute> attributes = new ArrayList<>();
    INTEGERS.stream().filter(n -> random.nextInt(5) == 0)
        .forEach(n -> attributes.add(Attribute.of(n, NONSENSE[random.nextInt(NONSENSE.length)])));
    LISTS.stream().filter(n -> random.nextInt(5) == 0).forEach(n -> attributes.add(Attribute.of(n, numbers(random))));
    REALS.stream().filter(n -> random.nextInt(5) == 0)
        .forEach(n -> attributes.add(Attribute.of(n, (float) NONSENSE[random.nextInt(NONSENSE.length)])));
    TEXTS.keySet().stream().sorted().filter(n -> random.nextInt(3) == 0)
        .forEach(n -> attributes.add(Attribute.of(n, pick(TEXTS.get(n), random))));
    return new DamagedCall(operator, version, inputs, attributes, 1 + random.nextInt(3));
  }

  private static <T> T pick(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  private static Shape shape(Random random) {
    return Shape.of(random.longs(random.nextInt(6), 0, 4).map(d -> d == 0 && random.nextBoolean() ? 2 : d).toArray());
  }

  private static long[] numbers(Random random) {
    boolean small = random.nextBoolean();
    return random.ints(random.nextInt(6), 0, NONSENSE.length).mapToLong(i -> small ? i % 4 : NONSENSE[i]).toArray();
  }

  private static Tensor tensor(DType dtype, Shape shape, Random random) {
    if (dtype == DType.STRING) {
      return Tensor.ofStrings(shape, random.ints(shape.size()).mapToObj(i -> new byte[] {'a'}).toList());
    }
    boolean nonsense = random.nextInt(3) == 0;
    long[] values = random.ints(shape.size(), 0, NONSENSE.length).mapToLong(i -> nonsense ? NONSENSE[i] : i % 5 - 1)
        .toArray();
    return ofLongs(dtype, shape, values);
  }

  private static Tensor ofLongs(DType dtype, Shape shape, long[] values) {
    return dtype.isFloating() ? Elements.ofDoubles(dtype, shape, Arrays.stream(values).asDoubleStream().toArray())
        : Elements.ofLongs(dtype, shape, values);
  }

  /** The only node of a test with its inputs, or null where the test is of another kind. */
  private static DamagedCall read(Path test) {
    Graph graph = OnnxReader.read(test.resolve("model.onnx")).graph();
    Node node = graph.nodes().getFirst();
    Operator operator = Ops.find(node);
    if (graph.nodes().size() != 1 || operator == null || !node.subgraphs().isEmpty()) {
      return null;
    }
    List<Tensor> inputs = new ArrayList<>();
    for (Value input : node.inputs()) {
      Path file = test.resolve("test_data_set_0/input_" + graph.inputs().indexOf(input) + ".pb");
      if (input != null && input.tensorType() == null) {
        return null;
      }
      inputs.add(input == null ? null : input.isConstant() ? input.tensor() : OnnxTensors.read(file));
    }
    return new DamagedCall(operator, node.version(), inputs, List.copyOf(node.attributes()), node.outputs().size());
  }

  private static List<DamagedCall> damages(DamagedCall whole) {
    List<DamagedCall> damaged = new ArrayList<>();
    for (int i = 0; i < whole.inputs().size(); i++) {
      damaged.add(withInputs(whole, whole.inputs().subList(0, i)));
      for (Tensor other : damages(whole.inputs().get(i))) {
        List<Tensor> inputs = new ArrayList<>(whole.inputs());
        inputs.set(i, other);
        damaged.add(withInputs(whole, inputs));
      }
    }
    for (int i = 0; i < whole.attributes().size(); i++) {
      List<Attribute> rest = new ArrayList<>(whole.attributes());
      Attribute attribute = rest.remove(i);
      damaged.add(withAttributes(whole, rest));
      for (Attribute other : damages(attribute)) {
        List<Attribute> attributes = new ArrayList<>(rest);
        attributes.add(other);
        damaged.add(withAttributes(whole, attributes));
      }
    }
    damaged.add(new DamagedCall(whole.operator(), whole.version(), whole.inputs(), whole.attributes(), 5));
    return damaged;
  }

  private static DamagedCall withInputs(DamagedCall call, List<Tensor> inputs) {
    return new DamagedCall(call.operator(), call.version(), inputs, call.attributes(), call.outputs());
  }

  private static DamagedCall withAttributes(DamagedCall call, List<Attribute> attributes) {
    return new DamagedCall(call.operator(), call.version(), call.inputs(), attributes, call.outputs());
  }

  private static List<Tensor> damages(Tensor tensor) {
    List<Tensor> damaged = new ArrayList<>(Arrays.asList((Tensor) null));
    if (tensor == null || tensor.dtype() == DType.STRING) {
      return damaged;
    }
    Random random = new Random(3);
    Shape shape = tensor.shape();
    long[] longer = Arrays.copyOf(shape.dims(), shape.rank() + 1);
    longer[shape.rank()] = 1;
    damaged.add(tensor.reshape(Shape.of(longer)));
    damaged.add(tensor.reshape(Shape.of(shape.size())));
    damaged.add(tensor(tensor.dtype(), Shape.SCALAR, random));
    damaged.add(ofLongs(tensor.dtype(), Shape.of(0), new long[0]));
    damaged.add(tensor(tensor.dtype() == DType.INT64 ? DType.FLOAT : DType.INT64, shape, random));
    for (int axis = 0; axis < shape.rank(); axis++) {
      damaged.add(tensor(tensor.dtype(), shape.with(axis, shape.dim(axis) + 1), random));
      damaged.add(tensor(tensor.dtype(), shape.with(axis, 0), random));
    }
    if (tensor.dtype().isInteger() || shape.size() < 10) {
      for (long number : NONSENSE) {
        long[] values = new long[shape.intSize()];
        Arrays.fill(values, number);
        damaged.add(ofLongs(tensor.dtype(), shape, values));
      }
    }
    return damaged;
  }

  private static List<Attribute> damages(Attribute attribute) {
    List<Attribute> damaged = new ArrayList<>();
    String name = attribute.name();
    switch (attribute.value()) {
      case Attribute.IntValue v -> Arrays.stream(NONSENSE).forEach(n -> damaged.add(Attribute.of(name, n)));
      case Attribute.FloatValue v -> Arrays.stream(NONSENSE).forEach(n -> damaged.add(Attribute.of(name, (float) n)));
      case Attribute.StringValue v -> damaged.add(Attribute.of(name, "?"));
      case Attribute.FloatValues v -> {
        damaged.add(Attribute.of(name, new float[0]));
        damaged.add(Attribute.of(name, Arrays.copyOf(v.values(), v.values().length + 1)));
      }
      case Attribute.IntValues v -> {
        damaged.add(Attribute.of(name, new long[0]));
        damaged.add(Attribute.of(name, Arrays.copyOf(v.values(), v.values().length + 1)));
        for (int i = 0; i < Math.min(3, v.values().length); i++) {
          for (long number : NONSENSE) {
            long[] values = v.values().clone();
            values[i] = number;
            damaged.add(Attribute.of(name, values));
          }
        }
      }
      default -> damaged.add(Attribute.of(name, 0));
    }
    return damaged;
  }
}
