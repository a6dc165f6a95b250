package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.CompileOptions.Precision;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products on emulated tensor cores: what FP32 gives of numbers that were rounded before. */
@Tag("compiler")
class TensorCoreTest {
  static Stream<Arguments> cases() {
    return TensorCoreCases.GRAPHS.stream()
        .flatMap(text -> TensorCoreCases.NARROW.stream().map(precision -> Arguments.of(text, precision)));
  }

  static Stream<Precision> precisions() {
    return TensorCoreCases.NARROW.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void numbersAreRoundedAndProductsSummedInFloat(String text, Precision precision) {
    for (boolean reversed : new boolean[] {false, true}) {
      TensorCoreCases.hold(text, precision, EmulatedDevice.of(reversed));
    }
  }

  @ParameterizedTest
  @MethodSource("precisions")
  void manyMatrices(Precision precision) {
    assertLaunched("product_tensor_128" + memory(precision), TensorCoreCases.MANY_MATRICES,
        precision);
    TensorCoreCases.hold(TensorCoreCases.MANY_MATRICES, precision, EmulatedDevice.of(false));
  }

  @ParameterizedTest
  @MethodSource("precisions")
  void manyImages(Precision precision) {
    assertLaunched("conv_tensor_128" + memory(precision), TensorCoreCases.MANY_IMAGES, precision);
    TensorCoreCases.hold(TensorCoreCases.MANY_IMAGES, precision, EmulatedDevice.of(true));
  }

  private static String memory(Precision precision) {
    return precision == Precision.TF32 ? "" : "_" + precision.word();
  }

  private static void assertLaunched(String kernel, String text, Precision precision) {
    RecordingDevice device = new RecordingDevice(1 << 24);
    TensorCoreCases.run(TensorCoreCases.graph(text), TensorCoreCases.inputs(text), precision, device);
    assertTrue(device.asked.contains(kernel), device.asked.toString());
  }
}
