package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.check.Gates;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Agreement;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.result.IntegerArithmetic.Layer;
import dev.dwindle.result.IntegerArithmetic.Sums;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A device that computes one layer wrong is found out, with the layer. */
class DeviceCheckTest {
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[1,2] x) => (float[1,2] y)
      <float[2,2] v = {1, 2, 3, 4}, float[2,2] w = {1, -1, 2, 1}, float[] s = {0.1}, uint8[] z = {128}>
      {
        a = MatMul(x, v)
        r = Relu(a)
        q = QuantizeLinear(r, s, z)
        d = DequantizeLinear(q, s, z)
        b = MatMul(d, w)
        y = Neg(b)
      }
      """;

  private static ChangedProcessor broken(Consumer<Graph> flaw) {
    return new ChangedProcessor("broken", new CpuBackend(), model -> {
      Model copy = model.copy();
      flaw.accept(copy.graph());
      return copy;
    });
  }

  private static Agreement check(Consumer<Graph> flaw) {
    Samples samples = Samples.of(List.of(sample(1, 2), sample(-1, 0.5f)));
    try (CpuBackend cpu = new CpuBackend(); ChangedProcessor broken = broken(flaw)) {
      Model original = GraphText
          .parse(NET.replace("q = QuantizeLinear(r, s, z)\n", "").replace("d = DequantizeLinear(q, s, z)\n", "")
              .replace("MatMul(d, w)", "MatMul(r, w)"));
      return new DeviceCheck(broken, cpu, CompileOptions.DEFAULT, samples, IntegerArithmetic.EXACT).check(original,
          GraphText.parse(NET),
          Progress.SILENT);
    }
  }

  private static Sample sample(float... x) {
    return new Sample(Map.of("x", Tensor.of(Shape.of(1, 2), x)), null, true);
  }

  /** Doubles what a product with this constant gives. */
  private static Consumer<Graph> doubled(String name) {
    return graph -> {
      if (graph.value(name) == null) return;
      float[] values = graph.value(name).tensor().floats();
      for (int i = 0; i < values.length; i++) values[i] *= 2;
      graph.setConstant(graph.value(name), Constant.of(Tensor.of(graph.value(name).tensor().shape(), values)));
    };
  }

  @Test
  void aDeviceThatIsRightAgrees() {
    Agreement agreement = check(graph -> {});
    assertTrue(agreement.holds());
    assertNull(agreement.layer());
    assertEquals(0, agreement.error());
    assertEquals(2, agreement.samples());
  }

  @Test
  void theFirstGuiltyLayerIsNamed() {
    Agreement first = check(doubled("v"));
    assertFalse(first.holds());
    assertEquals("MatMul 'a'", first.layer());
    assertEquals("its kernel computes otherwise", first.cause());
    Agreement second = check(doubled("w"));
    assertEquals("MatMul 'b'", second.layer());
    assertTrue(second.cause().startsWith("it is in FLOAT between quantized layers"), second.cause());
    assertEquals(1, second.error(), 1e-6);
  }

  @Test
  void theGateSaysBothNumbersAndTheLayer() {
    var gate = Gates.of(check(doubled("w")));
    assertEquals("100.00 % from the plain meaning on broken, 2 samples", gate.found());
    assertTrue(gate.remark().startsWith("parts at MatMul 'b': it is in FLOAT"), gate.remark());
  }

  /** The layer of integers has weights whose products saturate together. */
  @Test
  void saturationIsNamedAsTheCause() {
    IntegerArithmetic arithmetic = new IntegerArithmetic(Map.of(Layer.MATMUL, Sums.CHANNEL_PAIRS), "to even",
        "32 bits, wraps", true);
    Model net = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 13]>
        net (float[1,2] x) => (float[1,2] y)
        <float[] s = {0.1}, uint8[] z = {0}, int8[2,2] w = {127, 1, 127, 2}, float[] ws = {0.01}>
        {
          q = QuantizeLinear(x, s, z)
          d = DequantizeLinear(q, s, z)
          v = DequantizeLinear(w, ws)
          y = MatMul(d, v)
        }
        """);
    Samples samples = Samples.of(List.of(new Sample(Map.of("x", Tensor.of(Shape.of(1, 2), 25f, 25f)), null, true)));
    try (ChangedProcessor device = ChangedProcessor.summing(arithmetic);
        CpuBackend cpu = new CpuBackend()) {
      Agreement found = new DeviceCheck(device, cpu, CompileOptions.DEFAULT, samples, arithmetic).check(net, net,
          Progress.SILENT);
      assertFalse(found.holds());
      assertTrue(found.emulated().matters() && found.emulated().explains(found.error()), found.toString());
      assertEquals(0, found.emulated().error(), 1e-6);
      assertTrue(found.cause().startsWith("8-bit products saturate"), found.cause());
    }
  }
}
