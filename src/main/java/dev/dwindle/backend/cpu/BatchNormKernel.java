package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.BatchNorm;
import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import java.util.List;

/** BatchNormalization in training mode, and its gradient, in FLOAT. */
final class BatchNormKernel implements CpuKernel {
  private static final String GRADIENT = "BatchNormalizationGradient";

  @Override
  public String name() {
    return "batch normalization";
  }

  @Override
  public boolean matches(Node node) {
    boolean forward = node.is("BatchNormalization") && node.version() >= 14
        && new Call(node).flag("training_mode", false);
    if (!forward && !Fused.isOwn(node, GRADIENT)) return false;
    return node.inputs().stream().allMatch(Fused::isFloat) && Fused.size(node.input(0)) > 0
        && Fused.shape(node.input(0)).rank() > 1;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Shape shape = Fused.shape(node.input(0));
    Call call = new Call(node);
    BatchNorm norm = new BatchNorm(shape.intDim(0), shape.intDim(1), (int) shape.product(2, shape.rank()),
        call.real("epsilon", 1e-5f));
    List<Place> in = node.inputs().stream().map(planning::place).toList();
    Place first = planning.place(node.output(0));
    Place second = place(node, 1, planning);
    Place third = place(node, 2, planning);
    if (Fused.isOwn(node, GRADIENT)) {
      return memory -> norm.gradient(memory.slice(in.get(0)), memory.slice(in.get(1)), memory.slice(in.get(2)),
          memory.slice(first), memory.slice(second), memory.slice(third));
    }
    float momentum = call.real("momentum", 0.9f);
    return memory -> {
      Slice mean = memory.slice(in.get(3));
      Slice variance = memory.slice(in.get(4));
      BatchNorm.Running running = new BatchNorm.Running(momentum, mean, variance, memory.slice(second),
          memory.slice(third));
      return norm.forward(memory.slice(in.get(0)), memory.slice(in.get(1)), memory.slice(in.get(2)),
          memory.slice(first), running);
    };
  }

  private static Place place(Node node, int output, Planning planning) {
    Value value = output < node.outputs().size() ? node.output(output) : null;
    return value == null ? null : planning.place(value);
  }
}
