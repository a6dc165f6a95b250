package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.cpu.kernel.Machine;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Single layers at one thread, in turn with ONNX Runtime in one process, least times of each, and the least that the
 * machine could need: {@code KernelBenchmark [seconds a layer] [result file]}. Least, because what else runs on the
 * machine only adds.
 */
public final class KernelBenchmark {
  private static final Random RANDOM = new Random(1);
  private static final String WHAT = """
        "what": "single layers, FP32, one thread, least times, runs in turn in one process",
        "share_of_roofline": "the larger of operations over multiplications in registers, and bytes over a copy beyond the caches; over our time",
      """;

  /** A model of one layer with one input, x. */
  private record Layer(String name, Model model, Shape input, double operations, double bytes) {}

  /** Least times in nanoseconds. */
  private record Outcome(Layer layer, long ours, long theirs, double roof) {
    String json() {
      return String.format(Locale.ROOT,
          "    {\"layer\": \"%s\", \"ours_us\": %.1f, \"gigaflops\": %.1f, \"share_of_roofline\": %.2f, "
              + "\"onnxruntime_us\": %.1f, \"ratio\": %.2f}",
          layer.name(), ours / 1e3, layer.operations() / ours, roof / ours, theirs / 1e3, (double) theirs / ours);
    }
  }

  private KernelBenchmark() {}

  public static void main(String[] args) throws Exception {
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 1;
    String machine = BenchmarkMachine.json();
    Roofline roofline = Roofline.measure();
    String limits = String.format(Locale.ROOT, "{\"gigaflops\": %.1f, \"gigabytes_per_second\": %.1f}",
        roofline.gigaflops(), roofline.gigabytes());
    System.out.println(Machine.current() + "; " + limits);
    List<String> outcomes = new ArrayList<>();
    for (Layer layer : layers()) {
      Outcome outcome = measure(layer, seconds, roofline);
      System.out.println(outcome.json());
      outcomes.add(outcome.json());
    }
    if (args.length > 1) {
      Files.writeString(Path.of(args[1]), "{\n" + WHAT + "  \"machine\": " + machine + ",\n  \"roofline\": " + limits
          + ",\n  \"layers\": [\n" + String.join(",\n", outcomes) + "\n  ]\n}\n");
    }
  }

  private static List<Layer> layers() {
    List<Layer> layers = new ArrayList<>();
    int[][] convolutions = {{16, 16, 32, 3, 1, 1}, {16, 32, 32, 3, 2, 1}, {64, 64, 8, 3, 1, 1}, {64, 64, 56, 3, 1, 1},
        {256, 256, 14, 3, 1, 1}, {3, 8, 224, 3, 2, 1}, {8, 16, 112, 1, 1, 1}, {64, 64, 28, 1, 1, 1},
        {128, 128, 14, 1, 1, 1}, {256, 256, 7, 1, 1, 1}, {8, 8, 112, 3, 1, 8}, {64, 64, 28, 3, 1, 64},
        {64, 64, 28, 3, 2, 64}, {256, 256, 7, 3, 1, 256}};
    for (int[] c : convolutions) {
      layers.add(convolution(c[0], c[1], c[2], c[3], c[4], c[5]));
    }
    int[][] products = {{32, 384, 384}, {32, 1536, 384}, {256, 64, 64}, {256, 64, 172}, {1, 300, 784}, {512, 512, 512}};
    for (int[] p : products) {
      layers.add(product(p[0], p[1], p[2]));
    }
    for (String operator : List.of("Relu", "Erf", "Tanh", "Sigmoid", "Softmax")) {
      layers.add(layer(operator, Shape.of(256, 1024), 256 * 1024, List.of(), List.of()));
    }
    return layers;
  }

  private static Layer convolution(int channels, int features, int size, int kernel, int stride, int groups) {
    int pad = kernel / 2;
    int out = (size + 2 * pad - kernel) / stride + 1;
    Tensor weights = random(Shape.of(features, channels / groups, kernel, kernel));
    List<Attribute> attributes = List.of(Attribute.of("pads", new long[] {pad, pad, pad, pad}),
        Attribute.of("strides", new long[] {stride, stride}), Attribute.of("group", groups));
    return layer("Conv", Shape.of(1, channels, size, size), 2.0 * weights.size() * out * out,
        List.of(weights, random(Shape.of(features))), attributes);
  }

  private static Layer product(int m, int n, int k) {
    return layer("MatMul", Shape.of(m, k), 2.0 * m * n * k, List.of(random(Shape.of(k, n))), List.of());
  }

  private static Layer layer(String operator, Shape input, double operations, List<Tensor> constants,
      List<Attribute> attributes) {
    Model model = new Model(8, 17);
    Graph graph = model.graph();
    Value x = graph.addValue("x", TensorType.of(random(input)));
    graph.addInput(x);
    var node = graph.node(operator).in(x);
    StringBuilder name = new StringBuilder(operator + " " + input);
    for (Tensor constant : constants) {
      node.in(graph.addConstant("c" + graph.values().size(), constant));
      name.append(' ').append(constant.shape());
    }
    attributes.forEach(node::attribute);
    graph.addOutput(node.out("y", null).append().output());
    double bytes = 4.0 * (input.size() + constants.stream().mapToLong(c -> c.shape().size()).sum());
    return new Layer(name.toString(), model, input, operations, bytes);
  }

  private static Tensor random(Shape shape) {
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) RANDOM.nextGaussian();
    }
    return Tensor.of(shape, values);
  }

  private static Outcome measure(Layer layer, double seconds, Roofline roofline) throws Exception {
    Path file = Files.createTempFile("layer", ".onnx");
    try {
      OnnxWriter.write(layer.model(), file);
      Map<String, Tensor> inputs = Map.of("x", random(layer.input()));
      try (OrtModel theirs = new OrtModel(file, 1, inputs);
          CpuBackend backend = new CpuBackend();
          Executable executable = backend.compile(OnnxReader.read(file).graph(), CompileOptions.DEFAULT.withThreads(1));
          Bound ours = executable.bind()) {
        inputs.forEach(ours::set);
        return race(layer, ours, theirs, seconds, roofline);
      }
    } finally {
      Files.delete(file);
    }
  }

  private static Outcome race(Layer layer, Bound ours, OrtModel theirs, double seconds, Roofline roofline)
      throws Exception {
    long a = Long.MAX_VALUE;
    long b = Long.MAX_VALUE;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      long t0 = System.nanoTime();
      ours.run();
      long t1 = System.nanoTime();
      theirs.run();
      long t2 = System.nanoTime();
      a = Math.min(a, t1 - t0);
      b = Math.min(b, t2 - t1);
    }
    double bytes = layer.bytes() + 4.0 * ours.outputs().get("y").shape().size();
    return new Outcome(layer, a, b, roofline.nanos(layer.operations(), bytes));
  }
}
