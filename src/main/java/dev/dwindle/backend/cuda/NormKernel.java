package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import java.util.stream.Stream;

/** BatchNormalization by known statistics, and LayerNormalization, RMSNormalization and InstanceNormalization, in FLOAT, FLOAT16 or BFLOAT16. */
final class NormKernel implements CudaKernel {
  private static final Kernel CHANNELS = new Kernel("norm", "norm_channels");
  private static final Kernel ROWS = new Kernel("norm", "norm_rows");
  private static final int THREADS = 256;

  @Override
  public boolean matches(Node node) {
    if (!onlyFirst(node) || !Typed.areReal(Stream.concat(node.inputs().stream(), Stream.of(node.output(0))).toList())) {
      return false;
    }
    Call call = new Call(node);
    if (Typed.is(node, "BatchNormalization")) {
      return node.version() >= 9 && !(node.version() >= 14 && call.flag("training_mode", false));
    }
    return Typed.is(node, "InstanceNormalization") || (isOfRows(node) && call.integer("stash_type", 1) == 1
        && isRow(node, node.input(1)) && isRow(node, node.input(2)));
  }

  private static boolean isOfRows(Node node) {
    return Typed.is(node, "LayerNormalization") || Typed.is(node, "RMSNormalization");
  }

  private static boolean onlyFirst(Node node) {
    return !node.outputs().isEmpty()
        && node.outputs().stream().skip(1).allMatch(v -> v == null || v.isUnused() && !v.isGraphOutput());
  }

  /** Whether a scale or bias has, as far as is known, just the axes that are normalized. */
  private static boolean isRow(Node node, Value value) {
    if (value == null || value.tensorType() == null || node.input(0).tensorType() == null
        || !value.tensorType().isStatic() || !node.input(0).tensorType().isStatic()) {
      return true;
    }
    return value.tensorType().shape().size() == columns(node);
  }

  private static int columns(Node node) {
    Shape shape = Typed.shape(node.input(0));
    Call call = new Call(node);
    return Math.toIntExact(shape.product(call.axis(call.integer("axis", -1), shape.rank()), shape.rank()));
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape shape = Typed.shape(node.input(0));
    float epsilon = new Call(node).real("epsilon", 1e-5f);
    Arguments arguments = new Arguments();
    node.inputs().forEach(v -> arguments.at(planning.place(v)));
    if (Typed.is(node, "BatchNormalization")) {
      int channels = shape.rank() < 2 ? 1 : shape.intDim(1);
      long inner = shape.rank() < 2 ? 1 : shape.product(2, shape.rank());
      planning.launch(CHANNELS.over(Typed.dtype(node.output(0))), Grid.ofElements(shape.size()),
          arguments.at(planning.place(node.output(0)))
              .int64(shape.size()).int32(channels).int64(inner).float32(epsilon));
      return;
    }
    boolean instance = Typed.is(node, "InstanceNormalization");
    int columns = instance ? Math.toIntExact(shape.product(2, shape.rank())) : columns(node);
    if (node.inputs().size() < 3) arguments.at(null);
    planning.launch(ROWS.over(Typed.dtype(node.output(0))), Grid.ofBlocks(shape.size() / columns, THREADS),
        arguments.at(planning.place(node.output(0)))
            .int32(columns).int32(instance ? shape.intDim(1) : 0).int32(Typed.is(node, "RMSNormalization") ? 0 : 1)
            .float32(epsilon));
  }
}
