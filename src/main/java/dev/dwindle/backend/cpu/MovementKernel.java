package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Step;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Transpose, Slice, Concat and all others that only move elements: copies runs. */
final class MovementKernel implements CpuKernel {
  /** Elements of a run below which elements are moved one by one. */
  private static final int FINE = 4;

  @Override
  public String name() {
    return "copies";
  }

  @Override
  public boolean matches(Node node) {
    return Movement.isMoving(node);
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Movement movement = planning.movement(node);
    List<Place> sources = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.input(i) != null && (i == 0 || node.is("Concat"))) {
        sources.add(planning.place(node.input(i)));
      }
    }
    Value fill = node.is("Pad") && node.input(2) != null ? node.input(2) : null;
    Place filler = fill == null ? null : planning.place(fill);
    List<Copies> copies = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.output(i) != null) {
        copies.add(new Copies(movement.outputs().get(i), sources, planning.place(node.output(i)), filler));
      }
    }
    return memory -> {
      Step[] steps = copies.stream().map(c -> c.bind(memory)).toArray(Step[]::new);
      return steps.length == 1 ? steps[0] : workers -> {
        for (Step step : steps) {
          step.run(workers);
        }
      };
    };
  }

  /** The runs of one output. */
  private record Copies(List<Movement.Run> runs, List<Place> sources, Place target, Place filler) {
    /** Whether the runs are so short that the call for each costs more than its elements. */
    private boolean isFine() {
      if (runs.isEmpty()) {
        return false;
      }
      Movement.Run last = runs.getLast();
      return last.to() + last.length() < FINE * runs.size();
    }

    /** For each element of the output the array element that it comes from. */
    private int[] indices(int[] plan) {
      Movement.Run last = runs.getLast();
      int[] indices = new int[last.to() + last.length()];
      for (int i = 0; i < runs.size(); i++) {
        for (int j = 0; j < runs.get(i).length(); j++) {
          indices[runs.get(i).to() + j] = plan[4 * i] + j * plan[4 * i + 1];
        }
      }
      return indices;
    }

    Step bind(Memory memory) {
      Object to = memory.array(target);
      int toOffset = Memory.offset(target);
      Movement.Run[] order = runs.toArray(Movement.Run[]::new);
      Object[] from = new Object[order.length];
      int[] plan = new int[4 * order.length];
      for (int i = 0; i < order.length; i++) {
        Movement.Run run = order[i];
        Place source = run.input() < 0 ? filler : sources.get(run.input());
        from[i] = source == null ? null : memory.array(source);
        plan[4 * i] = source == null ? 0 : Memory.offset(source) + run.from();
        plan[4 * i + 1] = run.step();
        plan[4 * i + 2] = toOffset + run.to();
        plan[4 * i + 3] = run.length();
      }
      if (to instanceof float[] floats && isFine() && Arrays.stream(from).allMatch(a -> a == from[0] && a != null)) {
        return gather((float[]) from[0], indices(plan), floats, toOffset);
      }
      return workers -> {
        for (int i = 0, p = 0; i < from.length; i++, p += 4) {
          copy(from[i], plan[p], plan[p + 1], to, plan[p + 2], plan[p + 3]);
        }
      };
    }
  }

  private static Step gather(float[] from, int[] indices, float[] to, int at) {
    return workers -> {
      for (int i = 0; i < indices.length; i++) {
        to[at + i] = from[indices[i]];
      }
    };
  }

  private static void copy(Object from, int at, int step, Object to, int target, int length) {
    if (from != null && step == 1) {
      System.arraycopy(from, at, to, target, length);
      return;
    }
    switch (to) {
      case float[] t -> strided((float[]) from, at, step, t, target, length);
      case long[] t -> strided((long[]) from, at, step, t, target, length);
      case int[] t -> strided((int[]) from, at, step, t, target, length);
      case byte[] t -> strided((byte[]) from, at, step, t, target, length);
      case short[] t -> strided((short[]) from, at, step, t, target, length);
      case double[] t -> strided((double[]) from, at, step, t, target, length);
      default -> throw new IllegalStateException("no such store");
    }
  }

  private static void strided(float[] from, int at, int step, float[] to, int target, int length) {
    if (from == null || step == 0) {
      Arrays.fill(to, target, target + length, from == null ? 0 : from[at]);
    } else {
      for (int i = 0; i < length; i++) {
        to[target + i] = from[at + i * step];
      }
    }
  }

  private static void strided(long[] from, int at, int step, long[] to, int target, int length) {
    for (int i = 0; i < length; i++) {
      to[target + i] = from == null ? 0 : from[at + i * step];
    }
  }

  private static void strided(int[] from, int at, int step, int[] to, int target, int length) {
    for (int i = 0; i < length; i++) {
      to[target + i] = from == null ? 0 : from[at + i * step];
    }
  }

  private static void strided(byte[] from, int at, int step, byte[] to, int target, int length) {
    for (int i = 0; i < length; i++) {
      to[target + i] = from == null ? 0 : from[at + i * step];
    }
  }

  private static void strided(short[] from, int at, int step, short[] to, int target, int length) {
    for (int i = 0; i < length; i++) {
      to[target + i] = from == null ? 0 : from[at + i * step];
    }
  }

  private static void strided(double[] from, int at, int step, double[] to, int target, int length) {
    for (int i = 0; i < length; i++) {
      to[target + i] = from == null ? 0 : from[at + i * step];
    }
  }
}
