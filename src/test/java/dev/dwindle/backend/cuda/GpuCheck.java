package dev.dwindle.backend.cuda;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.backend.PartitionedExecutable;
import dev.dwindle.backend.cpu.ZooAgreementTest;
import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.catalog.Backends;
import dev.dwindle.cli.Main;
import dev.dwindle.engine.Conformance;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.report.JsonReport;
import dev.dwindle.result.ConformanceResult;
import dev.dwindle.result.ConformanceResult.Status;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a bundle of {@code scripts/gpu-check} runs on a machine with a GPU: the contract, the ONNX project's node tests, the zoo's models, compression and training beside the
 * processor, and the speed of kernels. Each part is written into the result file as soon as it is done.
 */
public final class GpuCheck {
  private static final String DEVICE = "cuda:0";
  private static final int NO_DEVICE = 3;
  /** Says that a part is to be run by this process itself. */
  private static final String HERE = "here";
  // Less of all where a GPU is emulated.
  private static final int RUNS = Integer.getInteger("dwindle.gpu-check.runs", 30);
  private static final int LONG = Integer.getInteger("dwindle.gpu-check.numbers", 64 << 20);
  private static final int SIDE = Integer.getInteger("dwindle.gpu-check.side", 4096);
  private static final int IMAGES = Integer.getInteger("dwindle.gpu-check.images", 64);
  private static final String COMPRESSED = System.getProperty("dwindle.gpu-check.compressed", "resnet20_cifar10");

  private final Path folder;
  private final Path file;
  private final PrintStream out = System.out;
  private final Map<String, Object> result = new LinkedHashMap<>();
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private boolean failed;

  private GpuCheck(Path folder, Path file) {
    this.folder = folder;
    this.file = file;
    parts.put("contract", this::contract);
    parts.put("narrow", this::narrow);
    parts.put("models", this::models);
    parts.put("conformance", this::conformance);
    parts.put("compression", this::compression);
    parts.put("training", this::training);
    parts.put("bandwidth", this::bandwidth);
    parts.put("products", this::products);
    parts.put("inference", this::inference);
  }

  /** @param args the bundle's folder, the file for results, and parts to run; all where none is named */
  public static void main(String... args) throws Exception {
    try (Backend backend = new CudaBackend(0)) {
      if (backend.availability() instanceof Availability.No(String reason)) {
        System.err.println("gpu-check: device '" + DEVICE + "': " + reason);
        System.exit(NO_DEVICE);
      }
    }
    GpuCheck check = new GpuCheck(Path.of(args[0]), Path.of(args[1]));
    List<String> wanted = Arrays.asList(args).subList(2, args.length);
    for (String part : wanted) {
      if (check.parts.containsKey(part) || part.equals(HERE)) continue;
      System.err.println("gpu-check: no part '" + part + "', expected some of " + check.parts.keySet());
      System.exit(2);
    }
    if (wanted.contains(HERE)) check.here(wanted.getLast());
    else
      check.run(wanted.isEmpty() ? List.copyOf(check.parts.keySet()) : wanted);
    System.exit(check.failed ? 1 : 0);
  }

  /** One part, which gives what is written of it. */
  private interface Part {
    Object run() throws Exception;
  }

  /** Each part in a process of its own: after a kernel that goes wrong, a GPU takes no more work from its process. */
  private void run(List<String> wanted) throws Exception {
    DeviceInfo gpu;
    try (Backend backend = new CudaBackend(0)) {
      gpu = backend.device();
    }
    result.put("command", "scripts/gpu-check");
    result.put("date", Instant.now().toString());
    result.put("gpu", Map.of("name", gpu.description(), "memoryBytes", gpu.memoryBytes(), "facts", gpu.facts()));
    for (String part : wanted) {
      long start = System.nanoTime();
      Path found = Files.createTempFile("gpu-check", ".json");
      int code = java(GpuCheck.class, null, folder.toString(), found.toString(), HERE, part);
      failed |= code != 0;
      Object told = Files.size(found) > 0 ? JsonReport.read(found.toString(), Files.readString(found), Object.class)
          : Map.of("failed", "ended with " + code);
      result.put(part, told);
      result.put(part + "Seconds", seconds(start));
      OutputFile.write(file, JsonReport.of(result));
      out.printf("%s: %s, %.0f s: %s%n", part, code == 0 ? "right" : "WRONG", seconds(start),
          shortened(JsonReport.line(told)));
    }
  }

  private void here(String part) {
    Object found;
    try {
      found = parts.get(part).run();
    } catch (Exception | LinkageError | AssertionError e) {
      failed = true;
      found = Map.of("failed", e.toString());
    }
    OutputFile.write(file, JsonReport.of(found));
  }

  /** Runs a class of the bundle with this process's own flags; gives its exit code. */
  private static int java(Class<?> main, Path log, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
    return (log == null ? process.inheritIO() : process.redirectOutput(log.toFile())).start().waitFor();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e8 / 10;
  }

  private static String shortened(String text) {
    return text.length() > 600 ? text.substring(0, 600) + " ..." : text;
  }

  private Object contract() {
    Map<String, String> wrong = new LinkedHashMap<>();
    int cases = new BackendContract() {
      @Override
      protected Backend backend() {
        return new CudaBackend(0);
      }
    }.holdEach(wrong::put);
    failed |= !wrong.isEmpty();
    return Map.of("cases", cases, "failures", wrong);
  }

  /** Products of integers between DequantizeLinear and QuantizeLinear, those of tensor cores and of cuBLASLt, all else that is of 16 bits in memory, and every format that is quantized to. */
  private Object narrow() {
    DriverDevice device = Gpus.open(DEVICE, new Probe(0));
    Map<String, String> wrong = new LinkedHashMap<>();
    int cases = 0;
    for (DequantizedCases.Case c : DequantizedCases.all().toList()) {
      cases++;
      note(wrong, c.name(), () -> DequantizedCases.hold(c, device));
    }
    List<Precision> known = new ArrayList<>(TensorCoreCases.NARROW);
    try (Backend backend = new CudaBackend(0)) {
      known.retainAll(backend.precisions());
    }
    List<String> graphs = new ArrayList<>(TensorCoreCases.GRAPHS);
    graphs.addAll(List.of(TensorCoreCases.MANY_MATRICES, TensorCoreCases.MANY_IMAGES));
    for (Precision precision : known) {
      for (String graph : graphs) {
        cases++;
        note(wrong, precision.word() + " " + graph, () -> TensorCoreCases.hold(graph, precision, device));
      }
    }
    for (DType dtype : List.of(DType.FLOAT, DType.FLOAT16, DType.BFLOAT16)) {
      if (dtype == DType.BFLOAT16 && !known.contains(Precision.BF16)) continue;
      List<String> texts = new ArrayList<>(NarrowCases.PRODUCTS);
      if (dtype != DType.FLOAT) {
        texts.addAll(NarrowCases.ALL);
        texts.addAll(NarrowCases.WHOLE_RUNS);
        texts.add(NarrowCases.LONG_RUNS);
      }
      for (String text : texts) {
        cases++;
        note(wrong, dtype.text() + " " + text, () -> NarrowCases.hold(text, dtype, device));
      }
      for (QuantizeCases.Case c : QuantizeCases.over(dtype).toList()) {
        cases++;
        note(wrong, c.graph(), () -> QuantizeCases.hold(c, device));
      }
    }
    failed |= !wrong.isEmpty();
    return Map.of("cases", cases, "precisions", known.stream().map(Precision::word).toList(), "failures", wrong);
  }

  private static void note(Map<String, String> wrong, String name, Runnable check) {
    try {
      check.run();
    } catch (RuntimeException | AssertionError e) {
      wrong.put(name, String.valueOf(e.getMessage()));
    }
  }

  private Object conformance() {
    try (Backend backend = Backends.open(DEVICE)) {
      ConformanceResult told = new Conformance(Conformance.on(backend)).run(folder.resolve("nodetests"), name -> true,
          Progress.SILENT);
      Map<String, String> wrong = new LinkedHashMap<>();
      told.tests().forEach((test, outcome) -> {
        if (outcome.status() == Status.FAIL) wrong.put(test, outcome.reason());
      });
      failed |= !wrong.isEmpty();
      return Map.of("passed", told.count(Status.PASS), "withoutFallback", told.countWhole(), "unsupported",
          told.count(Status.UNSUPPORTED), "failures", wrong);
    }
  }

  /** Relative L2 distance of each model's outputs from ONNX Runtime's. */
  private Object models() throws Exception {
    Map<String, Object> all = new LinkedHashMap<>();
    for (ZooModel zoo : ZooModel.values()) {
      if (zoo == ZooModel.MINILM) continue;
      Map<String, double[]> expected = KeptTensors.read(folder.resolve("expected").resolve(zoo.fileName()));
      double most = 0;
      Map<String, Tensor> samples = zoo.samples();
      try (Backend backend = Backends.open(DEVICE);
          Executable executable = backend.compile(OnnxReader.read(zoo.path()).graph(), shapes(samples));
          Bound bound = executable.bind()) {
        samples.forEach(bound::set);
        bound.run();
        for (var output : expected.entrySet()) {
          double[] found = Elements.doubles(bound.outputs().get(output.getKey()));
          most = Math.max(most, ZooAgreementTest.distance(output.getValue(), found));
        }
        List<String> causes = ((PartitionedExecutable) executable).partition().causes();
        all.put(zoo.fileName(), Map.of("relativeL2", most, "onAnotherDevice", causes));
      }
      failed |= expected.isEmpty() || !(most <= 1e-5);
    }
    return all;
  }

  private static CompileOptions shapes(Map<String, Tensor> samples) {
    Map<String, Shape> shapes = new HashMap<>();
    samples.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    return CompileOptions.DEFAULT.withShapes(shapes);
  }

  /** Accuracy of a model, ResNet-20, with 8-bit integers, calibrated and judged here and on the processor; may differ by 0.1 points. */
  private Object compression() throws Exception {
    Map<String, Double> all = new LinkedHashMap<>();
    for (String device : List.of(DEVICE, "cpu")) {
      all.put(device, told(COMPRESSED, device, "passes: [fold, {quantize: {}}]").accuracy().getFirst()
          .compressed().value());
    }
    failed |= !(Math.abs(all.get(DEVICE) - all.get("cpu")) <= 0.1);
    return all;
  }

  /** Losses of training here and on the processor, from the same seed; may differ by a hundredth. */
  private Object training() throws Exception {
    Map<String, List<Double>> all = new LinkedHashMap<>();
    for (String device : List.of(DEVICE, "cpu")) {
      JobResult told = told("lenet5_mnist", device,
          "seed: 1\npasses: [fold, {finetune: {epochs: 2, rate: 0.0005, labels: 1}}]");
      all.put(device, told.passes().getLast().curves().stream().filter(curve -> curve.name().contains("loss"))
          .findFirst().orElseThrow().values());
    }
    List<Double> expected = all.get("cpu");
    failed |= expected.isEmpty() || expected.size() != all.get(DEVICE).size();
    for (int i = 0; i < expected.size() && !failed; i++) {
      failed = !(Math.abs(all.get(DEVICE).get(i) - expected.get(i)) <= 0.01 * Math.abs(expected.get(i)));
    }
    return all;
  }

  /** The report of a compression on a device. */
  private JobResult told(String model, String device, String recipe) throws Exception {
    Path work = Files.createTempDirectory("gpu-check");
    Path report = work.resolve("report.json");
    Path log = work.resolve("log");
    Path passes = Files.writeString(work.resolve("recipe.yaml"), recipe);
    Path zoo = Path.of(System.getProperty("dwindle.zoo"));
    int code = java(Main.class, log, "compress", zoo.resolve("models/" + model + ".onnx").toString(), "-o",
        work.resolve("out.onnx").toString(), "--recipe", passes.toString(), "--device", device, "--report",
        report.toString(), "--data", folder.resolve("data/" + model + ".yaml").toString(), "--even-if-slower",
        "--seconds", "2"); // it is not time that is asked for here
    if (code != 0 || !Files.exists(report)) {
      List<String> said = Files.readAllLines(log);
      throw new IllegalStateException("compress ended with " + code + ": " + (said.isEmpty() ? "" : said.getLast()));
    }
    return JsonReport.read(report.toString(), Files.readString(report), JobResult.class);
  }

  /** Bytes a second that kernels move of 256 MiB of FP32, beside those that the driver copies. */
  private Object bandwidth() {
    DriverDevice device = Gpus.open(DEVICE, new Probe(0));
    double copy = copied(device);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("copy", Map.of("gigabytesPerSecond", copy));
    // Bytes that go in and out for each number.
    Map<String, Integer> graphs = new LinkedHashMap<>();
    graphs.put("g (float[N] x) => (y) { y = Relu(x) }", 8);
    graphs.put("g (float[N] x) => (y) { y = QuantizeLinear(x, s, z) }", 5);
    graphs.put("g (uint8[N] x) => (y) { y = DequantizeLinear(x, s, z) }", 5);
    graphs.put("g (float[N] x) => (y) { y = ReduceMax <keepdims = 0> (x) }", 4);
    graphs.put("g (float[N] x) => (y) { y = dev.dwindle.Summary(x) }", 4);
    // The ends are found first, then what lies between them is counted.
    graphs.put("g (float[N] x) => (y, e) { y, e = dev.dwindle.Histogram(x, uncounted, narrow) }", 8);
    graphs.forEach((text, bytes) -> {
      String whole = text.replace("=> (y) {", "=> (y) " + CONSTANTS + " {").replace("=> (y, e) {",
          "=> (y, e) " + CONSTANTS + " {").replace("[N]", "[" + LONG + "]");
      double rate = (double) bytes * LONG / nanos(whole, Precision.F32, new CudaBackend(0));
      all.put(text.replaceFirst(".*\\{ (.*) \\}", "$1"), Map.of("gigabytesPerSecond", rate, "ofCopy", rate / copy));
    });
    return all;
  }

  private static final String CONSTANTS = "<float[] s = {0.02}, uint8[] z = {128}, int64[2048] uncounted = {0}, "
      + "float[2] narrow = {-0.1, 0.1}>";

  private static double copied(DriverDevice device) {
    long bytes = 4L * LONG;
    long from = device.allocate(bytes);
    long to = device.allocate(bytes);
    double[] rates = new double[RUNS];
    for (int i = 0; i < RUNS; i++) {
      long start = System.nanoTime();
      device.copy(from, to, bytes);
      device.await();
      rates[i] = 2.0 * bytes / (System.nanoTime() - start);
    }
    device.free(from);
    device.free(to);
    Arrays.sort(rates);
    return rates[RUNS / 2];
  }

  /** Median time of a graph's launches together. */
  private static double nanos(String text, Precision precision, Backend gpu) {
    Graph graph = GraphText.parse("<ir_version: 8, opset_import: [\"\" : 17, \"dev.dwindle\" : 1]>\n" + text).graph();
    try (Backend backend = gpu;
        Executable executable = backend.compile(graph,
            CompileOptions.DEFAULT.withProfile(true).withPrecision(precision));
        Bound bound = executable.bind()) {
      graph.requiredInputs().forEach(input -> bound.set(input.name(), numbers(input.tensorType().shape(),
          input.tensorType().dtype())));
      double[] times = new double[RUNS];
      for (int i = 0; i < RUNS; i++) {
        bound.run();
        times[i] = bound.profile().stream().mapToLong(NodeTime::nanos).sum();
      }
      Arrays.sort(times);
      return times[RUNS / 2];
    }
  }

  private static Tensor numbers(Shape shape, DType dtype) {
    int size = shape.intSize();
    if (dtype == DType.UINT8) return Tensor.of(dtype, shape, new byte[size]);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) values[i] = (i * 2654435761L >>> 8 & 0xffff) / 65536f - 0.5f;
    return Elements.ofFloats(dtype, shape, values);
  }

  /** Products of square matrices, in memory of 16 bits where the precision is: by our kernels, and by cuBLASLt where it is there. */
  private Object products() {
    Map<String, Object> all = new LinkedHashMap<>();
    List<Precision> precisions;
    try (Backend backend = new CudaBackend(0)) {
      precisions = backend.precisions();
    }
    try (DriverDevice own = new Probe(0).open(DEVICE, Gpus.cubins(), 0, null);
        DriverDevice library = new Probe(0).open(DEVICE, Gpus.cubins(), 0, Blas.library())) {
      for (Precision precision : precisions) {
        for (int n : new int[] {SIDE / 4, SIDE}) {
          all.put(n + " " + precision.word(), teraflops(n, precision, own));
          DType dtype = inMemory(precision);
          BlasProduct product = new BlasProduct(dtype, dtype == DType.FLOAT && precision != Precision.F32, n, n, n,
              false,
              false, 1, 0, 0, 1);
          boolean takes = library.workspace(product) >= 0;
          all.put(n + " " + precision.word() + " by cuBLASLt", takes ? teraflops(n, precision, library) : "not there");
        }
      }
    }
    return all;
  }

  private static DType inMemory(Precision precision) {
    return precision == Precision.F16 ? DType.FLOAT16 : precision == Precision.BF16 ? DType.BFLOAT16 : DType.FLOAT;
  }

  private static Map<String, Double> teraflops(int n, Precision precision, Device device) {
    DType dtype = inMemory(precision);
    String type = dtype.text() + "[" + n + "," + n + "]";
    double nanos = nanos("g (" + type + " a, " + type + " b) => (y) { y = MatMul(a, b) }", precision,
        new CudaBackend(DEVICE, device));
    return Map.of("teraflopsPerSecond", 2.0 * n * n * n / nanos / 1e3);
  }

  /** Median time of a run of 64 images in FP32 and FP16, copies in and out included. */
  private Object inference() {
    Map<String, Object> all = new LinkedHashMap<>();
    for (ZooModel zoo : List.of(ZooModel.RESNET8, ZooModel.RESNET20, ZooModel.VGG_SMALL, ZooModel.MOBILENET)) {
      Map<String, Tensor> samples = new LinkedHashMap<>();
      zoo.samples().forEach((name, one) -> {
        long[] dims = one.shape().dims();
        dims[0] = IMAGES;
        samples.put(name, numbers(Shape.of(dims), DType.FLOAT));
      });
      for (Precision precision : List.of(Precision.F32, Precision.F16)) {
        all.put(zoo.fileName() + ", " + IMAGES + " images, " + precision.word(),
            Map.of("milliseconds", milliseconds(zoo, samples, precision)));
      }
    }
    return all;
  }

  private static double milliseconds(ZooModel zoo, Map<String, Tensor> samples, Precision precision) {
    double[] times = new double[RUNS];
    try (Backend backend = Backends.open(DEVICE + "@" + precision.word());
        Executable executable = backend.compile(OnnxReader.read(zoo.path()).graph(), shapes(samples));
        Bound bound = executable.bind()) {
      for (int i = 0; i < RUNS; i++) {
        long start = System.nanoTime();
        samples.forEach(bound::set);
        bound.run();
        bound.outputs().values().forEach(Tensor::bytes);
        times[i] = (System.nanoTime() - start) / 1e6;
      }
    }
    Arrays.sort(times);
    return times[RUNS / 2];
  }
}
