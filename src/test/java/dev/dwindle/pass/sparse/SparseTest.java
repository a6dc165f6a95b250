package dev.dwindle.pass.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.backend.onnxruntime.OnnxRuntimeBackend;
import dev.dwindle.data.Samples;
import dev.dwindle.engine.Compression;
import dev.dwindle.engine.Validation;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Constant.Storage;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseTest {
  private static final Sparse PASS = new Sparse();

  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[2,3,8,8] x) => (float[2,10] y, float[4] z)
      <float[16,3,3,3] c = random(1), float[16] b = random(2), float[576,24] m = random(3), float[24,10] g = random(4), float[4] z = {0, 0, 0, 1}>
      {
        h = Conv(x, c, b)  r = Relu(h)  f = Flatten(r)  p = MatMul(f, m)  y = Gemm(p, g)
      }
      """;

  /** The net with all but every so many weights of c and m zero; g keeps every second. */
  private static Model net(int every) {
    Model model = GraphText.parse(NET);
    thin(model, "c", every);
    thin(model, "m", every);
    thin(model, "g", 2);
    return model;
  }

  private static void thin(Model model, String name, int every) {
    Value value = model.graph().value(name);
    float[] values = value.tensor().floats();
    for (int i = 0; i < values.length; i++) if (i % every != 0) values[i] = 0;
    model.graph().setConstant(value, Constant.of(Tensor.of(value.tensor().shape(), values)));
  }

  private static PassResult apply(Model model, String target) {
    return PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", Map.of()), TargetProfile.of(target),
        null, Samples.none(), 2, 0, Progress.SILENT));
  }

  private static Set<String> sparse(Model model) {
    return model.graph().constants().stream()
        .filter(v -> v.constant().form() != null && v.constant().form().storage() == Storage.SPARSE).map(Value::name)
        .collect(Collectors.toSet());
  }

  @Test
  void storesWhatIsMostlyZeroAndSavesWhatItSays(@TempDir Path folder) throws Exception {
    Model model = net(10);
    Path before = folder.resolve("dense.onnx");
    OnnxWriter.write(model, before);
    PassResult result = apply(model, "cpu");
    assertEquals(Set.of("c", "m"), sparse(model));
    assertEquals(Set.of("c", "m"), result.changed().keySet());
    Path after = folder.resolve("sparse.onnx");
    OnnxWriter.write(model, after);
    int stored = 12 * ((432 + 9) / 10 + (576 * 24 + 9) / 10);
    assertEquals("%,d instead of %,d".formatted(stored, 4 * (432 + 576 * 24)), result.figures().get("bytes"));
    assertEquals(4 * (432 + 576 * 24) - stored, Files.size(before) - Files.size(after), 100);

    Model read = OnnxReader.read(after);
    assertEquals(Set.of("c", "m"), sparse(read));
    for (String name : new String[] {"c", "m", "g"}) {
      assertArrayEquals(model.graph().value(name).tensor().bytes(), read.graph().value(name).tensor().bytes());
    }
    OnnxWriter.write(read, before);
    assertArrayEquals(Files.readAllBytes(after), Files.readAllBytes(before));
  }

  @Test
  void runsAsBefore(@TempDir Path folder) throws Exception {
    Model model = net(10);
    float[] expected = run(model);
    apply(model, "onnxruntime");
    Path file = folder.resolve("sparse.onnx");
    OnnxWriter.write(model, file);
    assertArrayEquals(expected, run(OnnxReader.read(file)));
    try (OnnxRuntimeBackend backend = new OnnxRuntimeBackend();
        Executable executable = backend.compile(OnnxReader.read(file).graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      assertArrayEquals(expected, run(bound), 1e-4f);
    }
  }

  private static float[] run(Model model) {
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      return run(bound);
    }
  }

  private static float[] run(Bound bound) {
    float[] x = new float[2 * 3 * 64];
    Random random = new Random(9);
    for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
    bound.set("x", Tensor.of(Shape.of(2, 3, 8, 8), x));
    bound.run();
    return bound.outputs().get("y").floats();
  }

  @Test
  void leavesAloneWhatGainsTooLittleOrIsNotRead() {
    Model dense = net(3);
    assertTrue(apply(dense, "cpu").changed().isEmpty());
    Model model = net(10);
    PassResult result = apply(model, "openvino:CPU");
    assertTrue(result.changed().isEmpty() && sparse(model).isEmpty());
    assertEquals(Map.of("c", "openvino reads no sparse tensors", "m", "openvino reads no sparse tensors"),
        result.skipped());
  }

  /** A file is only said to be right on devices that read it; for others sparse tensors are made dense. */
  @Test
  void devicesThatDoNotReadItGetDenseTensors(@TempDir Path folder) {
    Model model = net(10);
    Path original = folder.resolve("dense.onnx");
    OnnxWriter.write(model, original);
    apply(model, "cpu");
    Path sparse = folder.resolve("sparse.onnx");
    OnnxWriter.write(model, sparse);
    String message = assertThrows(InvalidInputException.class, () -> Validation.run(original, sparse, null,
        Validation.Plan.STANDARD.withDevices(List.of("openvino:CPU")))).getMessage();
    assertTrue(message.endsWith(
        "stores 'c' as a sparse tensor, which openvino does not read, expected dense ones; compress it for that target"),
        message);
    Path out = folder.resolve("out.onnx");
    Compression.of(sparse).recipe(Recipe.parse("r.yaml", "passes: [fold]")).target("openvino").withoutMeasuring()
        .writeTo(out);
    assertTrue(sparse(OnnxReader.read(out)).isEmpty());
  }

  /** Shapes and pads stay as tools expect them, and what would not be read again is not written. */
  @Test
  void leavesAloneWhatIsSmallOrTooSparse(@TempDir Path folder) {
    Model model = GraphText.parse("""
        <ir_version: 4, opset_import: ["": 9]>
        g (float[64] x) => (y) <int64[3] s = {0, 0, 0}, float[1] w = {0}> { y = Reshape(x, s) }""");
    float[] values = new float[6 << 20];
    values[5] = 1;
    model.graph().addConstant("huge", Tensor.of(Shape.of(values.length), values.clone()));
    assertTrue(apply(model, "cpu").changed().isEmpty());
    assertEquals(4, model.irVersion());
    for (int i = 0; i < 100_000; i++) values[i * 50] = 1;
    model.graph().addConstant("read", Tensor.of(Shape.of(values.length), values));
    assertEquals(Set.of("read"), apply(model, "cpu").changed().keySet());
    assertEquals(6, model.irVersion());
    Path file = folder.resolve("g.onnx");
    OnnxWriter.write(model, file);
    assertArrayEquals(values, OnnxReader.read(file).graph().value("read").tensor().floats());
  }

  /** Minus zero is not zero, and a type of one byte pays only where it is very sparse. */
  @Test
  void keepsAllBits(@TempDir Path folder) {
    Model model = net(10);
    float[] values = new float[400];
    values[7] = -0f;
    values[9] = Float.NaN;
    model.graph().addConstant("odd", Tensor.of(Shape.of(20, 20), values));
    byte[] bytes = new byte[1100];
    bytes[1099] = 1;
    model.graph().addConstant("bytes", Tensor.of(DType.INT8, Shape.of(1100), bytes));
    apply(model, "cpu");
    assertEquals(Set.of("c", "m", "odd", "bytes"), sparse(model));
    Path file = folder.resolve("sparse.onnx");
    OnnxWriter.write(model, file);
    Model read = OnnxReader.read(file);
    for (String name : Set.of("odd", "bytes")) {
      assertArrayEquals(model.graph().value(name).tensor().bytes(), read.graph().value(name).tensor().bytes());
    }
  }
}
