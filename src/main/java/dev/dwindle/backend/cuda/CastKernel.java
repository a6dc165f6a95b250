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

  @Override
  public boolean matches(Node node) {
    if (!Typed.is(node, "Cast")) return false;
    DType to = DType.ofCode(new Call(node).int32("to"));
    TensorType type = node.input(0).tensorType();
    DType from = type == null ? null : type.dtype();
    return from == null || from == to && from.bits() >= 8 && from != DType.STRING
        || from == DType.FLOAT && to == DType.BOOL || TYPES.contains(from) && (TYPES.contains(to) || to == DType.FLOAT);
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
