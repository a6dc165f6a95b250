package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products between DequantizeLinear and QuantizeLinear: which run on integers, and that they then give what the numbers would have given. */
@Tag("compiler")
class DequantizedTest {
  static Stream<DequantizedCases.Case> cases() {
    return DequantizedCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void productsRunOnIntegers(DequantizedCases.Case c) {
    RecordingDevice device = new RecordingDevice(1 << 20);
    DequantizedCases.run(c, device);
    assertEquals(c.launches(), device.asked.stream().filter(words -> !words.matches("(in|out) .*|await")).toList());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void integersGiveWhatNumbersGive(DequantizedCases.Case c) {
    for (boolean reversed : new boolean[] {false, true}) DequantizedCases.hold(c, EmulatedDevice.of(reversed));
  }
}
