package dev.dwindle.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every code of the small formats against the rule that defines them, and every rounding between two codes. */
class MiniFloatTest {
  /** The value of a code by the definition: sign, exponent and mantissa bits, bias. */
  private static double rule(DType type, int code) {
    int mantissaBits = switch (type) {
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ -> 3;
      case FLOAT8E5M2, FLOAT8E5M2FNUZ -> 2;
      default -> 1;
    };
    int bits = type.bits();
    int bias = switch (type) {
      case FLOAT8E4M3FN -> 7;
      case FLOAT8E4M3FNUZ -> 8;
      case FLOAT8E5M2 -> 15;
      case FLOAT8E5M2FNUZ -> 16;
      default -> 1;
    };
    int magnitude = code & ((1 << (bits - 1)) - 1);
    int exponent = magnitude >> mantissaBits;
    int mantissa = magnitude & ((1 << mantissaBits) - 1);
    boolean fnuz = type == DType.FLOAT8E4M3FNUZ || type == DType.FLOAT8E5M2FNUZ;
    if ((fnuz && code == 0x80) || (type == DType.FLOAT8E4M3FN && magnitude == 0x7f)
        || (type == DType.FLOAT8E5M2 && magnitude > 0x7c)) {
      return Double.NaN;
    }
    double value = type == DType.FLOAT8E5M2 && magnitude == 0x7c ? Double.POSITIVE_INFINITY
        : exponent == 0 ? mantissa * Math.pow(2, 1 - bias - mantissaBits)
            : ((1 << mantissaBits) + mantissa) * Math.pow(2, exponent - bias - mantissaBits);
    return code >> (bits - 1) == 0 ? value : -value;
  }

  private static List<Integer> finiteCodes(DType type) {
    List<Integer> codes = new ArrayList<>();
    for (int code = 0; code < 1 << (type.bits() - 1); code++) {
      if (Double.isFinite(rule(type, code))) {
        codes.add(code);
      }
    }
    return codes;
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "FLOAT4E2M1"})
  void everyCodeIsReadByTheRuleAndWrittenBack(DType type) {
    MiniFloat format = MiniFloat.of(type);
    for (int code = 0; code < 1 << type.bits(); code++) {
      double expected = rule(type, code);
      assertEquals((float) expected, format.decode(code), "code " + code);
      if (Double.isFinite(expected)) {
        assertEquals(code, format.encode((float) expected, true), "code " + code);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "FLOAT4E2M1"})
  void betweenTwoCodesTheNearerIsTakenAndTheEvenOneInTheMiddle(DType type) {
    MiniFloat format = MiniFloat.of(type);
    int sign = 1 << (type.bits() - 1);
    List<Integer> codes = finiteCodes(type);
    for (int i = 0; i + 1 < codes.size(); i++) {
      float low = (float) rule(type, codes.get(i));
      float high = (float) rule(type, codes.get(i + 1));
      float middle = (low + high) / 2;
      int even = codes.get(i) % 2 == 0 ? codes.get(i) : codes.get(i + 1);
      int below = codes.get(i) == 0 && type.name().endsWith("UZ") ? 0 : codes.get(i) | sign;
      assertEquals(even, format.encode(middle, true), "middle " + middle);
      assertEquals(codes.get(i), format.encode(Math.nextDown(middle), true), "below " + middle);
      assertEquals(codes.get(i + 1), format.encode(Math.nextUp(middle), true), "above " + middle);
      assertEquals(below, format.encode(-Math.nextDown(middle), true), "below -" + middle);
      assertEquals(codes.get(i + 1) | sign, format.encode(-Math.nextUp(middle), true), "above -" + middle);
    }
  }

  @ParameterizedTest
  @CsvSource({
      // type, largest code, code of +infinity and of what is too large when not saturating, code of NaN
      "FLOAT8E4M3FN, 126, 127, 127", "FLOAT8E4M3FNUZ, 127, 128, 128", "FLOAT8E5M2, 123, 124, 126",
      "FLOAT8E5M2FNUZ, 127, 128, 128", "FLOAT4E2M1, 7, 7, 8"})
  void whatIsTooLargeSaturatesOrDoesNot(DType type, int largest, int beyond, int nan) {
    MiniFloat format = MiniFloat.of(type);
    float step = format.decode(largest) - format.decode(largest - 1);
    float tooLarge = Math.nextUp(format.max() + step / 2);
    for (float x : new float[] {tooLarge, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
      assertEquals(largest, format.encode(x, true), "saturating " + x);
      assertEquals(beyond, format.encode(x, false), "not saturating " + x);
    }
    assertEquals(largest, format.encode(Math.nextDown(format.max() + step / 2), false), "rounds down to the largest");
    assertEquals(nan, format.encode(Float.NaN, true));
    assertEquals(nan, format.encode(Float.NaN, false));
  }
}
