package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Ops;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Where each element of a moving operator's output comes from, as runs of equal steps. It is found by letting the plain
 * meaning move the elements' own numbers instead of the elements.
 *
 * @param outputs for each output its runs, or null where it is not asked for
 */
record Movement(List<List<Run>> outputs) {
  /**
   * Neighbouring output elements that come from equally spaced elements of one input.
   *
   * @param input index of the input, or -1 for elements that are filled
   */
  record Run(int input, int from, int step, int to, int length) {}

  /** Operators that move elements of their first input (Concat: of all), as the other inputs say. */
  private static final Set<String> MOVING = Set.of("Transpose", "Slice", "Expand", "Pad", "Gather", "Split", "Tile",
      "DepthToSpace", "SpaceToDepth", "GatherElements", "GatherND", "Concat", "Reshape", "Flatten", "Squeeze",
      "Unsqueeze", "Identity");

  /** Beyond this the numbers themselves would take too much memory. */
  private static final int MOST = 1 << 24;

  /** Whether a node only moves elements, in a way that is known before it runs. */
  static boolean isMoving(Node node) {
    boolean resize = node.is("Resize") && nearest(node);
    if (!node.domain().isEmpty() || (!MOVING.contains(node.operator()) && !resize)) {
      return false;
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      Value input = node.input(i);
      boolean data = i == 0 || node.is("Concat");
      if (input != null && (data ? !isStored(input) : !input.isConstant())) {
        return false;
      }
    }
    return node.outputs().stream().allMatch(v -> v == null || isStored(v));
  }

  private static boolean nearest(Node node) {
    Call call = new Call(node);
    return call.text("mode", "nearest").equals("nearest")
        && !call.text("coordinate_transformation_mode", "").equals("tf_crop_and_resize");
  }

  private static boolean isStored(Value value) {
    return Fused.type(value) != null && value.tensorType().dtype().bits() >= 8
        && Store.of(value.tensorType().dtype()) != null && value.tensorType().shape().size() <= MOST;
  }

  /** The movement of a node for which {@link #isMoving} holds. */
  static Movement of(Node node) {
    if (node.is("Transpose")) {
      return new Movement(
          List.of(transposed(Fused.shape(node.input(0)), new Call(node).integers("perm", (long[]) null))));
    }
    List<Tensor> numbered = new ArrayList<>();
    List<Integer> firsts = new ArrayList<>();
    int next = 1;
    for (int i = 0; i < node.inputs().size(); i++) {
      Value input = node.input(i);
      if (input != null && (i == 0 || node.is("Concat"))) {
        firsts.add(next);
        numbered.add(numbers(Fused.shape(input), next));
        next += Fused.size(input);
      } else if (i == 2 && node.is("Pad") && input != null) {
        numbered.add(Tensor.scalar(0L));
      } else {
        numbered.add(input == null ? null : input.tensor());
      }
    }
    List<Tensor> moved = Ops.find(node).evaluate(new Evaluation(node, numbered, null));
    List<List<Run>> outputs = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      outputs.add(node.output(i) == null ? null : runs(moved.get(i).longs(), firsts));
    }
    return new Movement(outputs);
  }

  /** A Transpose needs no numbers, which would be as many as elements: its runs follow from the strides. */
  private static List<Run> transposed(Shape shape, long[] perm) {
    int rank = shape.rank();
    List<long[]> axes = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      int axis = perm == null ? rank - 1 - i : Math.floorMod((int) perm[i], rank);
      long stride = 1;
      for (int k = axis + 1; k < rank; k++) {
        stride *= shape.dim(k);
      }
      join(axes, shape.dim(axis), stride);
    }
    if (axes.isEmpty()) axes.add(new long[] {1, 1});
    List<Run> runs = new ArrayList<>();
    if (shape.size() > 0) addRuns(axes, 0, 0, runs);
    return runs;
  }

  /** Adds an axis, as elements and their step: one of a single element has no say, and what lies like one axis is one. */
  private static void join(List<long[]> axes, long dim, long stride) {
    long[] last = axes.isEmpty() ? null : axes.getLast();
    if (last != null && last[1] == dim * stride) {
      last[0] *= dim;
      last[1] = stride;
    } else if (dim != 1) {
      axes.add(new long[] {dim, stride});
    }
  }

  private static void addRuns(List<long[]> axes, int depth, long from, List<Run> runs) {
    long[] axis = axes.get(depth);
    if (depth == axes.size() - 1) {
      int length = (int) axis[0];
      runs.add(new Run(0, (int) from, length == 1 ? 1 : (int) axis[1], runs.size() * length, length));
    } else {
      for (int i = 0; i < axis[0]; i++) {
        addRuns(axes, depth + 1, from + i * axis[1], runs);
      }
    }
  }

  private static Tensor numbers(Shape shape, int first) {
    long[] numbers = new long[shape.intSize()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = first + i;
    }
    return Tensor.of(shape, numbers);
  }

  private static List<Run> runs(long[] numbers, List<Integer> firsts) {
    List<Run> runs = new ArrayList<>();
    int start = 0;
    while (start < numbers.length) {
      int input = input(numbers[start], firsts);
      int end = start + 1;
      long step = 0;
      if (end < numbers.length && input(numbers[end], firsts) == input) {
        step = numbers[end] - numbers[start];
        end++;
        while (end < numbers.length && numbers[end] - numbers[end - 1] == step
            && input(numbers[end], firsts) == input) {
          end++;
        }
      }
      // A pair that is not a run of ones may be the end of one run and the begin of the next.
      if (end - start == 2 && step != 1 && end < numbers.length) {
        end--;
      }
      int from = input < 0 ? 0 : (int) numbers[start] - firsts.get(input);
      runs.add(new Run(input, from, end - start == 1 ? 1 : (int) step, start, end - start));
      start = end;
    }
    return runs;
  }

  private static int input(long number, List<Integer> firsts) {
    int input = firsts.size() - 1;
    while (input >= 0 && number < firsts.get(input)) {
      input--;
    }
    return input;
  }

  /** The first element of the input that these runs are a view of; -1 where they are none. */
  static int viewStart(List<Run> runs) {
    return runs.size() == 1 && runs.getFirst().step() == 1 && runs.getFirst().input() == 0 ? runs.getFirst().from()
        : -1;
  }
}
