package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/** FakeQuantize and its gradient, in FLOAT. */
final class FakeQuantizeKernel implements CudaKernel {
  private static final Kernel FORWARD = new Kernel("fake_quantize", "fake_quantize");
  private static final Kernel GRADIENT = new Kernel("fake_quantize", "fake_quantize_gradient");
  private static final int THREADS = 256;

  @Override
  public boolean matches(Node node) {
    return (Typed.isOwn(node, "FakeQuantize") || isGradient(node))
        && node.inputs().stream().allMatch(v -> Typed.mayBe(v, DType.FLOAT));
  }

  private static boolean isGradient(Node node) {
    return Typed.isOwn(node, "FakeQuantizeGradient");
  }

  @Override
  public void plan(Node node, Planning planning) {
    Call call = new Call(node);
    float low = call.integer("low");
    float high = call.integer("high");
    Scaling scaling = Scaling.of(node);
    long size = Typed.shape(node.input(0)).size();
    Arguments arguments = new Arguments();
    node.inputs().forEach(v -> arguments.at(planning.place(v)));
    arguments.at(planning.place(node.output(0)));
    if (!isGradient(node)) {
      planning.launch(FORWARD, Grid.ofFours(size),
          arguments.int64(size).struct(scaling.struct()).float32(low).float32(high));
      return;
    }
    long each = size / scaling.scales();
    float share = (float) (1 / Math.sqrt((double) each * Math.max(1, high)));
    planning.launch(GRADIENT, Grid.ofBlocks(scaling.scales(), THREADS),
        arguments.at(node.outputs().size() > 1 ? planning.place(node.output(1)) : null).int64(each)
            .int32(scaling.scales()).int64(scaling.inner()).float32(low).float32(high).float32(share));
  }
}
