package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import java.util.Set;

/** Resize of FLOAT images, linear along height and width: rows are mixed first, then columns. */
final class ResizeKernel implements CpuKernel {
  private static final Set<String> COORDINATES = Set.of("half_pixel", "pytorch_half_pixel", "align_corners",
      "asymmetric");

  /** The two inputs of each output along an axis, and the share of the second. */
  private record Axis(int[] first, int[] second, float[] share) {}

  @Override
  public String name() {
    return "resize";
  }

  @Override
  public boolean matches(Node node) {
    if (!node.is("Resize") || !Fused.isFloat(node.input(0)) || !Fused.isFloat(node.output())
        || node.version() < 11 || Fused.size(node.output()) == 0) {
      return false;
    }
    Call call = new Call(node);
    Shape in = Fused.shape(node.input(0));
    Shape out = Fused.shape(node.output());
    return call.text("mode", "nearest").equals("linear") && in.rank() == 4 && in.dim(0) == out.dim(0)
        && in.dim(1) == out.dim(1) && !call.flag("antialias", false) && !call.hasAttribute("axes")
        && (call.text("keep_aspect_ratio_policy", "stretch").equals("stretch"))
        && COORDINATES.contains(call.text("coordinate_transformation_mode", "half_pixel"))
        && (node.input(2) == null || node.input(2).isConstant());
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Shape in = Fused.shape(node.input(0));
    Shape out = Fused.shape(node.output());
    Axis rows = axis(node, 2);
    Axis columns = axis(node, 3);
    int planes = in.intDim(0) * in.intDim(1);
    int width = in.intDim(3);
    int inPlane = in.intDim(2) * width;
    int outPlane = out.intDim(2) * out.intDim(3);
    Place from = planning.place(node.input(0));
    Place to = planning.place(node.output());
    return memory -> {
      Slice x = memory.slice(from);
      Slice y = memory.slice(to);
      Workers.Task task = (plane, local) -> plane(x.array(),
          x.offset() + plane * inPlane, width, rows, columns, y.array(), y.offset() + plane * outPlane, local);
      return workers -> {
        workers.reserve(width);
        workers.run(planes, task);
      };
    };
  }

  private static void plane(float[] x, int xo, int width, Axis rows, Axis columns, float[] y, int yo, float[] mixed) {
    int[] left = columns.first();
    int[] right = columns.second();
    float[] share = columns.share();
    int at = yo;
    for (int row = 0; row < rows.first().length; row++, at += left.length) {
      int first = xo + rows.first()[row] * width;
      int second = xo + rows.second()[row] * width;
      float part = rows.share()[row];
      for (int i = 0; i < width; i++) {
        mixed[i] = x[first + i] * (1 - part) + x[second + i] * part;
      }
      for (int i = 0; i < left.length; i++) {
        y[at + i] = mixed[left[i]] * (1 - share[i]) + mixed[right[i]] * share[i];
      }
    }
  }

  private static Axis axis(Node node, int axis) {
    int in = Fused.shape(node.input(0)).intDim(axis);
    int out = Fused.shape(node.output()).intDim(axis);
    Value scales = node.input(2);
    boolean given = scales != null && scales.tensor().size() > 0;
    double scale = given ? scales.tensor().floats()[axis] : (double) out / in;
    String mode = new Call(node).text("coordinate_transformation_mode", "half_pixel");
    int[] first = new int[out];
    int[] second = new int[out];
    float[] share = new float[out];
    for (int i = 0; i < out; i++) {
      double at = Math.clamp(coordinate(mode, i, in, out, scale), 0, in - 1.0);
      first[i] = (int) at;
      second[i] = Math.min(first[i] + 1, in - 1);
      share[i] = (float) (at - first[i]);
    }
    return new Axis(first, second, share);
  }

  private static double coordinate(String mode, int i, int in, int out, double scale) {
    return switch (mode) {
      case "align_corners" -> out == 1 ? 0 : i * (in - 1.0) / (out - 1);
      case "asymmetric" -> i / scale;
      case "pytorch_half_pixel" -> out > 1 ? (i + 0.5) / scale - 0.5 : 0;
      default -> (i + 0.5) / scale - 0.5;
    };
  }
}
