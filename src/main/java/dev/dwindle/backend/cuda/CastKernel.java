package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import java.util.Set;

/** Cast from integers and BOOL, and from FLOAT to BOOL. */
final class CastKernel implements CudaKernel {
  private static final Kernel COPY = new Kernel("movement", "copy");
  private static final Set<DType> TYPES = Set.of(DType.INT8, DType.UINT8, DType.INT32, DType.INT64, DType.BOOL);
  private static final Set<DType> REALS = Set.of(DType.FLOAT, DType.FLOAT16, DType.BFLOAT16);

  @Override
  public boolean matches(Node node) {
    if (!Typed.is(node, "Cast")) return false;
    DType to = DType.ofCode(new Call(node).int32("to"));
    TensorType type = node.input(0).tensorType();
    DType from = type == null ? null : type.dtype();
    if (from == null || from == to) return from == null || from.bits() >= 8 && from != DType.STRING;
    if (REALS.contains(from)) return REALS.contains(to) || to == DType.BOOL;
    return TYPES.contains(from) && (TYPES.contains(to) || to == DType.FLOAT || to == DType.FLOAT16
        || REALS.contains(to) && from.bits() == 8);
  }

  @Override
  public void plan(Node node, Planning planning) {
    DType from = node.input(0).tensorType().dtype();
    DType to = node.output().tensorType().dtype();
    long size = Typed.shape(node.output()).size();
    boolean same = from == to;
    planning.launch(same ? COPY : new Kernel("compare", "cast_" + from.text() + "_" + to.text()),
        Grid.ofElements(size), new Arguments().at(planning.place(node.input(0))).at(planning.place(node.output()))
            .int64(same ? to.bytes(size) : size));
  }
}
