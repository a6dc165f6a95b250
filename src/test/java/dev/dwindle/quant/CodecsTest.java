package dev.dwindle.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every format against the ONNX reference, both ways: all codes of 8 bits and fewer, random ones of 16; ties, neighbours of
 * ties, saturation and its absence. {@code scripts/codecs.py} wrote what the reference says.
 */
class CodecsTest {
  private static final Graph REFERENCE = read();

  private static Graph read() {
    try {
      return OnnxReader.read(Path.of(CodecsTest.class.getResource("codecs.onnx").toURI())).graph();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Tensor constant(DType type, String what) {
    return REFERENCE.value(type.name() + "_" + what).tensor();
  }

  /** A tensor of these codes, one to an element. */
  private static Tensor ofCodes(DType type, long[] codes) {
    if (type.bits() == 16) {
      short[] elements = new short[codes.length];
      for (int i = 0; i < codes.length; i++) elements[i] = (short) codes[i];
      return Tensor.wrap(type, Shape.of(codes.length), MemorySegment.ofArray(elements));
    }
    byte[] bytes = new byte[(int) type.bytes(codes.length)];
    for (int i = 0; i < codes.length; i++) {
      int bit = i * type.bits();
      bytes[bit / 8] |= (byte) (codes[i] << bit % 8);
    }
    return Tensor.of(type, Shape.of(codes.length), bytes);
  }

  private static long code(Tensor tensor, int index) {
    long bit = (long) index * tensor.dtype().bits();
    long low = tensor.segment().get(ValueLayout.JAVA_BYTE, bit / 8) & 0xff;
    long bits = tensor.dtype().bits() < 16 ? low
        : low | (tensor.segment().get(ValueLayout.JAVA_BYTE, bit / 8 + 1) & 0xff) << 8;
    return bits >> bit % 8 & (1L << tensor.dtype().bits()) - 1;
  }

  private static void assertNumbers(DType type, float[] expected, float[] found, Tensor codes) {
    assertTrue(expected.length >= 1 << Math.min(11, type.bits()), "codes: " + expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], "code " + code(codes, i)); // NaN equals NaN, and 0 is not -0
    }
  }

  private static void assertCodes(long[] expected, Tensor found, float[] inputs) {
    for (int i = 0; i < inputs.length; i++) {
      boolean nan = Float.isNaN(inputs[i]) && found.dtype().bits() == 16;
      if (nan) {
        assertTrue(Float.isNaN(Elements.floats(found)[i]), "NaN");
      } else {
        assertEquals(expected[i], code(found, i), "code of " + inputs[i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16", "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ",
      "FLOAT4E2M1"})
  void floatingPointTypesAreReadAndWrittenAsTheReferenceCasts(DType type) {
    Tensor codes = ofCodes(type, Elements.longs(constant(type, "codes")));
    assertNumbers(type, constant(type, "numbers").floats(), Elements.floats(codes), codes);
    Tensor inputs = constant(type, "inputs");
    for (int saturate = 0; saturate <= 1; saturate++) {
      Tensor found = Conversion.cast(inputs, type, saturate == 1);
      assertCodes(Elements.longs(constant(type, "saturate" + saturate)), found, inputs.floats());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"INT8", "UINT8", "INT4", "UINT4", "INT2", "UINT2"})
  void integersAreReadAndWrittenAsTheReferenceQuantizes(DType type) {
    Tensor codes = ofCodes(type, Elements.longs(constant(type, "codes")));
    Tensor scale = Tensor.scalar(0.25f);
    Tensor zero = Elements.ofLongs(type, Shape.SCALAR, new long[] {1});
    float[] found = run(type, "float", "%s[?]", "Dequantize", Map.of("x", codes, "s", scale, "z", zero)).floats();
    assertNumbers(type, constant(type, "numbers").floats(), found, codes);
    Tensor inputs = constant(type, "inputs");
    Tensor quantized = run(type, type.text(), "float[?]", "Quantize", Map.of("x", inputs, "s", scale, "z", zero));
    assertCodes(Elements.longs(constant(type, "quantized")), quantized, inputs.floats());
  }

  private static Tensor run(DType type, String output, String input, String operator, Map<String, Tensor> inputs) {
    String text = "<ir_version: 13, opset_import: [\"\": 25]> g (" + input.formatted(type.text()) + " x, float[] s, "
        + type.text() + "[] z) => (" + output + "[?] y) { y = " + operator + "Linear(x, s, z) }";
    return Interpreter.run(GraphText.parse(text).graph(), inputs).getFirst();
  }

  @Test
  void scalesOfLeastErrorCutWhatStandsOut() {
    // One of 0.3 among many of 0.1, channels along the last axis: in 2 bits the scale of the largest rounds all others to 0.
    float[] weights = new float[2 * 64];
    for (int i = 0; i < weights.length; i++) weights[i] = i % 2 == 0 ? 0.5f : 0.1f;
    weights[1] = 0.3f;
    Shape shape = Shape.of(64, 2);
    float[] largest = QuantizedWeights.scales(weights, shape, 1, 2);
    float[] least = QuantizedWeights.leastErrorScales(weights, shape, 1, largest, 2);
    assertEquals(0.5f, least[0], "exact as it is");
    assertEquals(0.1f, least[1], 0.005f);
    assertEquals(0.3f, largest[1], "not changed");
  }
}
