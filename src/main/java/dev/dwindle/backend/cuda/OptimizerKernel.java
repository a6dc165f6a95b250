package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import java.util.List;

/** Adam, Momentum and Adagrad over FLOAT tensors: a launch for each. */
final class OptimizerKernel implements CudaKernel {
  private static final String FILE = "optimizer";
  private static final List<String> OPERATORS = List.of("Adagrad", "Momentum", "Adam");

  @Override
  public boolean matches(Node node) {
    if (!node.domain().equals("ai.onnx.preview.training") || !OPERATORS.contains(node.operator())) return false;
    for (int i = 0; i < node.inputs().size(); i++) {
      if (!Typed.mayBe(node.input(i), i == 1 ? DType.INT64 : DType.FLOAT)) return false;
    }
    return true;
  }

  private static int states(Node node) {
    return node.operator().equals("Adam") ? 2 : 1;
  }

  @Override
  public void plan(Node node, Planning planning) {
    Call call = new Call(node);
    boolean adam = node.operator().equals("Adam");
    Place rate = adam ? corrected(call, planning) : planning.place(node.input(0));
    int tensors = (node.inputs().size() - 2) / (2 + states(node));
    for (int i = 0; i < tensors; i++) {
      Arguments arguments = new Arguments().at(rate);
      if (!adam) arguments.at(planning.place(node.input(1)));
      for (int group = 0; group < 2 + states(node); group++) {
        arguments.at(planning.place(node.input(2 + group * tensors + i)));
      }
      for (int group = 0; group <= states(node); group++) {
        arguments.at(planning.place(node.output(group * tensors + i)));
      }
      Value x = node.input(2 + i);
      long size = Typed.shape(x).size();
      if (size == 0) continue;
      attributes(call, arguments.int64(size));
      planning.launch(new Kernel(FILE, UnaryKernel.snake(node.operator())), Grid.ofElements(size), arguments);
    }
  }

  /** Adam's rate after so many steps, in memory of the node. */
  private static Place corrected(Call call, Planning planning) {
    Place corrected = planning.scratch(Float.BYTES);
    Node node = call.node();
    planning.launch(new Kernel(FILE, "adam_rate"), Grid.ofBlocks(1, 1),
        new Arguments().at(planning.place(node.input(0))).at(planning.place(node.input(1))).at(corrected)
            .float32(call.real("alpha", 0.9f)).float32(call.real("beta", 0.999f)));
    return corrected;
  }

  private static void attributes(Call call, Arguments arguments) {
    float decay = call.real("norm_coefficient", 0);
    switch (call.node().operator()) {
      case "Adam" -> arguments.float32(call.real("alpha", 0.9f)).float32(call.real("beta", 0.999f))
          .float32(call.real("epsilon", 1e-6f)).float32(decay).float32(1 - call.real("norm_coefficient_post", 0));
      case "Momentum" -> arguments.float32(call.real("alpha", 0)).float32(call.real("beta", 1)).float32(decay)
          .int32(call.text("mode", "").equals("nesterov") ? 1 : 0);
      default -> arguments.float32(call.real("decay_factor", 0)).float32(call.real("epsilon", 1e-6f)).float32(decay);
    }
  }
}
