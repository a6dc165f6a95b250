package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Finish;
import dev.dwindle.backend.cpu.kernel.LstmCell;
import dev.dwindle.backend.cpu.kernel.MatMul;
import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.Step;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** LSTM with constant weights and the default activations: the inputs' part as one product, then step by step. */
final class LstmKernel implements CpuKernel {
  /** Beyond this many steps in time the bound steps would take too much memory. */
  private static final int MOST_STEPS = 4096;

  @Override
  public String name() {
    return "lstm";
  }

  @Override
  public boolean matches(Node node) {
    if (!node.is("LSTM") || !Fused.isFloat(node.input(0)) || Fused.size(node.input(0)) == 0) {
      return false;
    }
    Call call = new Call(node);
    boolean usual = !call.hasAttribute("activations") && !call.hasAttribute("clip")
        && call.integer("input_forget", 0) == 0 && call.integer("layout", 0) == 0;
    boolean constant = node.input(1).isConstant() && node.input(2).isConstant()
        && (node.input(3) == null || node.input(3).isConstant());
    return usual && constant && node.input(4) == null && node.input(7) == null
        && Fused.shape(node.input(0)).intDim(0) <= MOST_STEPS;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Shape x = Fused.shape(node.input(0));
    Shape w = Fused.shape(node.input(1));
    int hidden = w.intDim(1) / 4;
    List<Direction> directions = new ArrayList<>();
    String direction = new Call(node).text("direction", "forward");
    for (int d = 0; d < w.intDim(0); d++) {
      boolean backward = d == 1 || direction.equals("reverse");
      directions.add(new Direction(node, d, backward, x, hidden, planning));
    }
    Place image = planning.place(node.input(0));
    Place h0 = optional(node.input(5), planning);
    Place c0 = optional(node.input(6), planning);
    Place y = optional(node.output(0), planning);
    Place yh = optional(node.output(1), planning);
    Place yc = optional(node.output(2), planning);
    return memory -> {
      List<Step> steps = new ArrayList<>();
      for (Direction d : directions) {
        steps.addAll(d.bind(memory, memory.slice(image), memory.slice(h0), memory.slice(c0), memory.slice(y),
            memory.slice(yh), memory.slice(yc)));
      }
      Step[] order = steps.toArray(Step[]::new);
      return workers -> {
        for (Step step : order) {
          step.run(workers);
        }
      };
    };
  }

  private static Place optional(Value value, Planning planning) {
    return value == null ? null : planning.place(value);
  }

  /** One direction: its products, packed, and its scratch. */
  private static final class Direction {
    private final int index;
    private final int directions;
    private final boolean backward;
    private final int time;
    private final int batch;
    private final int hidden;
    private final MatMul fromInput;
    private final MatMul fromHidden;
    private final Buffer gates;
    private final Buffer state;
    private final Buffer scratch;

    Direction(Node node, int index, boolean backward, Shape x, int hidden, Planning planning) {
      this.index = index;
      this.backward = backward;
      this.hidden = hidden;
      directions = Fused.shape(node.input(1)).intDim(0);
      time = x.intDim(0);
      batch = x.intDim(1);
      int size = x.intDim(2);
      MatMul.Layout out = MatMul.Layout.rowMajor(4 * hidden);
      fromInput = MatMul.withWeights(new MatMul.Shape(1, time * batch, 4 * hidden, size),
          MatMul.Layout.rowMajor(size), MatMul.Layout.transposed(size), out,
          new Finish(bias(node.input(3)), Finish.NONE.activation()), part(node.input(1)));
      fromHidden = MatMul.withWeights(new MatMul.Shape(1, batch, 4 * hidden, hidden),
          MatMul.Layout.rowMajor(hidden), MatMul.Layout.transposed(hidden), out, Finish.NONE, part(node.input(2)));
      gates = planning.scratch(Store.FLOATS, time * batch * 4 * hidden);
      state = planning.scratch(Store.FLOATS, 2 * batch * hidden);
      scratch = planning.scratch(Store.FLOATS, Math.max(fromInput.scratch(), fromHidden.scratch()));
    }

    private float[] part(Value value) {
      float[] all = value.tensor().floats();
      int length = all.length / directions;
      return Arrays.copyOfRange(all, index * length, (index + 1) * length);
    }

    private float[] bias(Value value) {
      if (value == null) {
        return null;
      }
      float[] both = part(value);
      float[] sum = Arrays.copyOf(both, 4 * hidden);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += both[4 * hidden + i];
      }
      return sum;
    }

    List<Step> bind(Memory memory, Slice x, Slice h0, Slice c0, Slice y, Slice yh, Slice yc) {
      int size = batch * hidden;
      Slice all = memory.slice(gates);
      Slice h = memory.slice(state);
      Slice c = h.plus(size);
      Slice spare = memory.slice(scratch);
      List<Step> steps = new ArrayList<>();
      steps.add(workers -> {
        start(h0, h, size);
        start(c0, c, size);
      });
      steps.add(fromInput.on(x, null, all, null, spare));
      for (int t = 0; t < time; t++) {
        int now = backward ? time - 1 - t : t;
        Slice gate = all.plus(now * 4 * size);
        steps.add(fromHidden.on(h, null, gate, gate, spare));
        Slice out = y == null ? null : y.plus((now * directions + index) * size);
        steps.add(LstmCell.on(batch, hidden, gate, c, h, out));
      }
      steps.add(workers -> {
        copy(h, yh, size);
        copy(c, yc, size);
      });
      return steps;
    }

    private void start(Slice from, Slice to, int size) {
      if (from == null) {
        Arrays.fill(to.array(), to.offset(), to.offset() + size, 0);
      } else {
        System.arraycopy(from.array(), from.offset() + index * size, to.array(), to.offset(), size);
      }
    }

    private void copy(Slice from, Slice to, int size) {
      if (to != null) {
        System.arraycopy(from.array(), from.offset(), to.array(), to.offset() + index * size, size);
      }
    }
  }
}
