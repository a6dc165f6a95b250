package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.SliceGeometry;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.Set;

/** Operators that move elements of whole bytes along axes, as constants and attributes say. */
final class MovementKernel implements CudaKernel {
  private static final Set<String> OPERATORS = Set.of("Transpose", "Slice", "Expand", "Split", "Concat", "Pad");

  @Override
  public boolean matches(Node node) {
    if (!node.domain().isEmpty() || !OPERATORS.contains(node.operator())) return false;
    int moved = node.operator().equals("Concat") ? node.inputs().size() : 1;
    if (!node.inputs().stream().limit(moved).allMatch(MovementKernel::hasWholeBytes)) return false;
    Call call = new Call(node);
    return !node.operator().equals("Pad")
        || call.text("mode", "constant").equals("constant") && (node.version() >= 11 || call.real("value", 0) == 0);
  }

  static boolean hasWholeBytes(Value value) {
    TensorType type = value.tensorType();
    DType dtype = type == null ? null : type.dtype();
    return dtype == null
        || dtype != DType.STRING
            && (dtype.bits() == 8 || dtype.bits() == 16 || dtype.bits() == 32 || dtype.bits() == 64);
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    if (!node.operator().equals("Concat")) Typed.requireConstants(node, 1);
    switch (node.operator()) {
      case "Transpose" -> transpose(node, planning);
      case "Slice" -> {
        SliceGeometry slice = SliceGeometry.of(node, Typed.shape(node.input(0)));
        move(planning, node.input(0), node.output(), slice.shape(), slice.offset(), slice.strides(), 0,
            slice.shape().strides());
      }
      case "Expand" -> expand(node, planning);
      case "Concat" -> concat(node, planning);
      case "Split" -> split(node, planning);
      default -> pad(node, planning);
    }
  }

  /** Moves a box of elements, whose neighbours along each axis lie so far apart on either side. */
  private static void move(Planning planning, Value from, Value to, Shape box, long fromFirst, long[] fromSteps,
      long toFirst, long[] toSteps) {
    if (box.size() == 0) return;
    Axes axes = new Axes();
    for (int i = 0; i < box.rank(); i++) {
      axes.add(box.intDim(i), Math.toIntExact(fromSteps[i]), Math.toIntExact(toSteps[i]));
    }
    planning.launch(new Kernel("movement", "move_" + width(to)), Grid.ofElements(box.size()),
        new Arguments().at(planning.place(from)).at(planning.place(to)).int64(box.size()).struct(axes.struct())
            .int64(fromFirst).int64(toFirst));
  }

  /** Bytes of an element. */
  static int width(Value value) {
    return value.tensorType().dtype().bits() / 8;
  }

  private static void transpose(Node node, Planning planning) {
    Shape shape = Typed.shape(node.input(0));
    int rank = shape.rank();
    long[] order = new Call(node).integers("perm", (long[]) null);
    long[] steps = new long[rank];
    for (int i = 0; i < rank; i++) {
      steps[i] = shape.strides()[order == null ? rank - 1 - i : Math.floorMod((int) order[i], rank)];
    }
    Shape output = Typed.shape(node.output());
    move(planning, node.input(0), node.output(), output, 0, steps, 0, output.strides());
  }

  private static void expand(Node node, Planning planning) {
    Shape shape = Typed.shape(node.input(0));
    Shape output = Typed.shape(node.output());
    long[] steps = new long[output.rank()];
    int missing = output.rank() - shape.rank();
    for (int i = 0; i < shape.rank(); i++) steps[missing + i] = shape.dim(i) == 1 ? 0 : shape.strides()[i];
    move(planning, node.input(0), node.output(), output, 0, steps, 0, output.strides());
  }

  private static int axis(Node node, Shape shape) {
    Call call = new Call(node);
    return call.axis(call.integer("axis", 0), shape.rank());
  }

  private static void concat(Node node, Planning planning) {
    long[] steps = Typed.shape(node.output()).strides();
    int axis = axis(node, Typed.shape(node.output()));
    long at = 0;
    for (Value input : node.inputs()) {
      Shape shape = Typed.shape(input);
      move(planning, input, node.output(), shape, 0, shape.strides(), at * steps[axis], steps);
      at += shape.dim(axis);
    }
  }

  private static void split(Node node, Planning planning) {
    Shape input = Typed.shape(node.input(0));
    int axis = axis(node, input);
    long at = 0;
    for (Value output : node.outputs()) {
      Shape shape = Typed.shape(output);
      move(planning, node.input(0), output, shape, at * input.strides()[axis], input.strides(), 0, shape.strides());
      at += shape.dim(axis);
    }
  }

  /** Fills the output, then moves in what is left of the input: negative pads take away. */
  private static void pad(Node node, Planning planning) {
    Shape input = Typed.shape(node.input(0));
    Shape output = Typed.shape(node.output());
    Call call = new Call(node);
    long[] pads = node.version() < 11 ? call.integers("pads") : Elements.longs(node.input(1).tensor());
    Value named = node.version() < 18 ? null : node.input(3);
    long[] axes = named == null ? null : Elements.longs(named.tensor());
    long[] box = input.dims();
    long from = 0;
    long to = 0;
    for (int i = 0; i < pads.length / 2; i++) {
      int axis = call.axis(axes == null ? i : axes[i], input.rank());
      long end = pads[i + pads.length / 2];
      box[axis] = Math.max(0, box[axis] + Math.min(0, pads[i]) + Math.min(0, end));
      from += Math.max(0, -pads[i]) * input.strides()[axis];
      to += Math.max(0, pads[i]) * output.strides()[axis];
    }
    Value fill = node.version() < 11 || node.input(2) == null || Typed.shape(node.input(2)).size() == 0 ? null
        : node.input(2);
    planning.launch(new Kernel("movement", "fill_" + width(node.output())), Grid.ofElements(output.size()),
        new Arguments().at(planning.place(node.output())).at(planning.place(fill)).int64(output.size()));
    move(planning, node.input(0), node.output(), Shape.of(box), from, input.strides(), to, output.strides());
  }
}
