package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.ByteLoops;
import dev.dwindle.backend.cpu.kernel.ByteSlice;
import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.graph.Node;

/** DynamicQuantizeLinear: the range of a FLOAT value, its scale and zero point, and the value in UINT8. */
final class DynamicQuantizeKernel implements CpuKernel {
  private static final float LEVELS = 255;

  @Override
  public String name() {
    return "quantize";
  }

  @Override
  public boolean matches(Node node) {
    return node.is("DynamicQuantizeLinear") && Fused.isFloat(node.input(0)) && node.outputs().size() == 3
        && node.outputs().stream().allMatch(v -> v != null && Fused.type(v) != null);
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    int n = Fused.size(node.input(0));
    Place from = planning.place(node.input(0));
    Place bytes = planning.place(node.output(0));
    Place scale = planning.place(node.output(1));
    Place zero = planning.place(node.output(2));
    return memory -> {
      Slice x = memory.slice(from);
      ByteSlice y = Bytes.slice(memory, bytes, false);
      Slice s = memory.slice(scale);
      ByteSlice z = Bytes.slice(memory, zero, false);
      return workers -> quantize(x, n, y, s, z);
    };
  }

  private static void quantize(Slice x, int n, ByteSlice y, Slice scale, ByteSlice zero) {
    float low = 0;
    float high = 0;
    float[] values = x.array();
    int at = x.offset();
    for (int i = 0; i < n; i++) {
      low = Math.min(low, values[at + i]);
      high = Math.max(high, values[at + i]);
    }
    float step = (high == low ? 1 : high - low) / LEVELS;
    int point = (int) Math.rint(Math.min(LEVELS, Math.max(0, 0 - low / step)));
    scale.array()[scale.offset()] = step;
    zero.array()[zero.offset()] = (byte) point;
    ByteLoops.quantize(x, y, 0, n, step, point);
  }
}
