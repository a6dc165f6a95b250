package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.NodeRefusedException;
import dev.dwindle.backend.Partitioned;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.result.IntegerArithmetic.Layer;
import dev.dwindle.result.IntegerArithmetic.Sums;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArithmeticProbeTest {
  private static IntegerArithmetic with(Map<Layer, Sums> sums) {
    return new IntegerArithmetic(sums, "to even", "32 bits, wraps", true);
  }

  @ParameterizedTest
  @EnumSource(value = Sums.class, names = {"CHANNEL_PAIRS", "TAP_PAIRS"})
  void findsWhichProductsSaturateTogether(Sums sums) {
    for (Layer layer : new Layer[] {Layer.CONV, Layer.GROUPED_CONV}) {
      IntegerArithmetic found = ArithmeticProbe.of(ChangedProcessor.summing(with(Map.of(layer, sums))));
      for (Layer each : Layer.values()) {
        assertEquals(each == layer ? sums : Sums.EXACT, found.of(each), each + " of a device that saturates " + layer);
      }
    }
  }

  @Test
  void findsProductsOfMatricesAndDepthwiseLayers() {
    IntegerArithmetic found = ArithmeticProbe.of(
        ChangedProcessor.summing(with(Map.of(Layer.MATMUL, Sums.CHANNEL_PAIRS, Layer.DEPTHWISE_CONV, Sums.TAP_PAIRS))));
    assertEquals(Sums.CHANNEL_PAIRS, found.of(Layer.MATMUL));
    assertEquals(Sums.TAP_PAIRS, found.of(Layer.DEPTHWISE_CONV));
    assertTrue(found.saturates());
    assertEquals("exact (Conv, grouped Conv); pairs of taps saturate at 16 bits (depthwise Conv); "
        + "pairs of channels saturate at 16 bits (MatMul)", found.text());
  }

  @Test
  void theProcessorComputesInFloat() {
    try (CpuBackend cpu = new CpuBackend()) {
      IntegerArithmetic found = ArithmeticProbe.of(cpu);
      assertFalse(found.saturates());
      assertEquals("exact", found.text());
      assertEquals("to even", found.rounding());
      assertEquals("not exact beyond 24 bits", found.accumulator());
      assertTrue(found.denormals());
    }
  }

  @Test
  void whatAnotherDeviceRunsIsUnknownOfThisOne() {
    Backend device = new ChangedProcessor("without", new CpuBackend(), model -> {
      model.graph().nodes().stream().filter(node -> node.is("MatMul")).findFirst().ifPresent(node -> {
        throw new NodeRefusedException("without", node, "not here", null);
      });
      return model;
    });
    try (Backend both = new Partitioned(device, new CpuBackend())) {
      IntegerArithmetic found = ArithmeticProbe.of(both);
      assertEquals(Sums.UNKNOWN, found.of(Layer.MATMUL));
      assertEquals("unknown", found.accumulator());
      assertEquals(Sums.EXACT, found.of(Layer.CONV));
    }
  }

  @Test
  void ofTwoDevicesTheOneThatSaturatesCounts() {
    IntegerArithmetic unknown = with(Map.of(Layer.CONV, Sums.UNKNOWN, Layer.MATMUL, Sums.CHANNEL_PAIRS));
    IntegerArithmetic pairs = with(Map.of(Layer.CONV, Sums.CHANNEL_PAIRS));
    for (IntegerArithmetic both : new IntegerArithmetic[] {unknown.and(pairs), pairs.and(unknown)}) {
      assertEquals(Sums.CHANNEL_PAIRS, both.of(Layer.CONV));
      assertEquals(Sums.CHANNEL_PAIRS, both.of(Layer.MATMUL));
      assertEquals(Sums.EXACT, both.of(Layer.DEPTHWISE_CONV));
    }
  }
}
