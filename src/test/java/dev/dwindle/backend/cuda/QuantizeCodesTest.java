package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DType;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every format that numbers are quantized to. */
@Tag("compiler")
class QuantizeCodesTest {
  static Stream<QuantizeCases.Case> cases() {
    return Stream.of(DType.FLOAT, DType.FLOAT16, DType.BFLOAT16).flatMap(QuantizeCases::over);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void codesAndNumbersAreThoseThatAreMeant(QuantizeCases.Case c) {
    QuantizeCases.hold(c, EmulatedDevice.of(false));
  }
}
