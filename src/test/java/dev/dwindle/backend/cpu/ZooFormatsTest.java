package dev.dwindle.backend.cpu;

import dev.dwindle.engine.Compression;
import dev.dwindle.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of every number format: ONNX Runtime loads them, and computes what the CPU backend does. */
@Tag("zoo")
class ZooFormatsTest {
  /** ONNX Runtime multiplies by integer weights with 8-bit activations. */
  private static final double INTEGER_LIMIT = 0.05;
  private static final double LIMIT = 1e-4;

  static Stream<Arguments> files() {
    List<ZooModel> small = List.of(ZooModel.LENET5, ZooModel.MNIST_CNTK, ZooModel.RESNET8, ZooModel.SILERO,
        ZooModel.STORIES);
    return small.stream().flatMap(model -> Stream.of("fp16", "bf16", "fp8", "fp8-e5m2", "int8-weights", "int4")
        .map(format -> Arguments.of(model, format)));
  }

  @ParameterizedTest
  @MethodSource("files")
  void agreesWithOnnxRuntime(ZooModel model, String format, @TempDir Path folder) throws Exception {
    Path file = folder.resolve("small.onnx");
    Compression.of(model.path()).recipe(Recipe.builtIn(format)).withoutMeasuring().writeTo(file);
    ZooAgreementTest.assertAgrees(file, model.samples(), format.startsWith("int") ? INTEGER_LIMIT : LIMIT);
  }
}
