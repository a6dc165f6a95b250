package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.RecurrentActivation.Function;
import dev.dwindle.op.RecurrentAttributes;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.List;

/** LSTM of FLOAT with its usual activations, over sequences of one length. */
final class LstmKernel implements CudaKernel {
  private static final Kernel KERNEL = new Kernel("lstm", "lstm");
  private static final List<String> NAMES = List.of("Sigmoid", "Tanh", "Tanh");
  private static final List<Function> USUAL = List.of(Function.SIGMOID, Function.TANH, Function.TANH);
  private static final int GATES = 4;
  private static final int LENGTHS = 4;
  private static final int THREADS = 256;

  /** As in {@code lstm.cu}, which keeps states in shared memory. */
  private static final int MOST_HIDDEN = 2048;

  @Override
  public boolean matches(Node node) {
    if (!Typed.is(node, "LSTM") || node.input(LENGTHS) != null) return false;
    for (Value input : node.inputs()) {
      if (input != null && !Typed.mayBe(input, DType.FLOAT)) return false;
    }
    Call call = new Call(node);
    RecurrentAttributes attributes = RecurrentAttributes.of(call, call.integer("hidden_size", 1), NAMES);
    for (int i = 0; i < attributes.activations().size(); i++) {
      if (attributes.activations().get(i).function() != USUAL.get(i % USUAL.size())) return false;
    }
    return Float.isInfinite(attributes.clip()) && !attributes.batchFirst() && !attributes.variant();
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape x = Typed.shape(node.input(0));
    int hidden = Typed.shape(node.input(2)).intDim(2);
    if (hidden > MOST_HIDDEN) {
      throw new RefusedException("found " + hidden + " hidden units, expected at most " + MOST_HIDDEN);
    }
    RecurrentAttributes attributes = RecurrentAttributes.of(new Call(node), hidden, NAMES);
    int directions = attributes.directions();
    int rows = Math.toIntExact(x.product(0, 2));
    int columns = Math.multiplyExact(GATES, hidden);
    Shape all = Shape.of(directions, rows, columns);
    Place ofInputs = planning.scratch(DType.FLOAT.bytes(all.size()));
    if (rows > 0) {
      ProductKernel.withTransposed(planning, planning.place(node.input(0)), planning.place(node.input(1)), ofInputs,
          all, x.intDim(2));
    }
    int reversed = 0;
    for (int d = 0; d < directions; d++) reversed |= attributes.reversed().get(d) ? 1 << d : 0;
    Arguments arguments = new Arguments().at(ofInputs);
    for (int input : new int[] {2, 3, 5, 6, 7}) arguments.at(planning.place(node.input(input)));
    for (int output = 0; output < 3; output++) {
      arguments.at(output < node.outputs().size() ? planning.place(node.output(output)) : null);
    }
    planning.launch(KERNEL, Grid.ofBlocks((long) directions * x.intDim(1), THREADS),
        arguments.struct(x.intDim(0), x.intDim(1), hidden, directions, reversed));
  }
}
