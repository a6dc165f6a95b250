package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Node;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** A resize of an input of known shape: what becomes of each axis, and the output's shape. */
public record ResizeGeometry(ResizeAttributes attributes, List<ResizeAxis> axes, Shape output) {
  /** The numbers that say how far to resize; of scales and sizes one is null, and roi may be. */
  record Extent(float[] roi, float[] scales, long[] sizes) {
    static Extent of(Call call, IntFunction<Tensor> inputs) {
      if (call.node().is("Upsample") && call.version() < 9) {
        return new Extent(null, call.reals("scales", (float[]) null), null);
      }
      int scales = call.version() < 11 || call.node().is("Upsample") ? 1 : 2;
      return new Extent(scales == 1 ? null : floats(inputs.apply(1)), floats(inputs.apply(scales)),
          scales == 1 || inputs.apply(3) == null || inputs.apply(3).size() == 0 ? null
              : Elements.longs(inputs.apply(3)));
    }

    private static float[] floats(Tensor tensor) {
      return tensor == null || tensor.size() == 0 ? null : Elements.floats(tensor);
    }
  }

  /** The geometry of a Resize whose scales or sizes are constants, of an input of this shape. */
  public static ResizeGeometry of(Node node, Shape x) {
    Call call = new Call(node);
    return of(call, x, Extent.of(call, i -> node.input(i) == null ? null : node.input(i).tensor()));
  }

  /** The geometry for an input shape. */
  static ResizeGeometry of(Call call, Shape x, Extent extent) {
    ResizeAttributes attributes = ResizeAttributes.of(call);
    int[] chosen = axes(call, attributes, x.rank());
    double[] scale = scales(call, attributes, x, chosen, extent);
    int[] sizes = sizes(call, attributes, x, chosen, extent, scale);
    List<ResizeAxis> axes = new ArrayList<>();
    long[] output = x.dims();
    for (int i = 0; i < x.rank(); i++) {
      axes.add(null);
    }
    for (int i = 0; i < chosen.length; i++) {
      output[chosen[i]] = sizes[i];
      axes.set(chosen[i],
          ResizeAxis.of(attributes, x.intDim(chosen[i]), sizes[i], (float) scale[i], region(call, attributes, extent, i,
              chosen.length)));
    }
    return new ResizeGeometry(attributes, axes, Shape.of(output));
  }

  /** The output's dimensions over an input of these; a dimension that does not follow is unknown. */
  static List<Dim> infer(Inference call) {
    List<Dim> x = call.dims(0);
    if (x == null) {
      return null;
    }
    ResizeAttributes attributes = ResizeAttributes.of(call);
    int[] chosen = axes(call, attributes, x.size());
    Extent extent = Extent.of(call, call::known);
    List<Dim> sizes = call.content(3);
    List<Dim> dims = new ArrayList<>(x);
    for (int i = 0; i < chosen.length; i++) {
      Dim dim = Dim.unknown();
      if (extent.scales() != null && extent.scales().length == chosen.length && !attributes.crops()) {
        dim = scaled(x.get(chosen[i]), extent.scales()[i]);
      } else if (sizes != null && sizes.size() == chosen.length && attributes.policy().equals("stretch")) {
        dim = sizes.get(i);
      }
      dims.set(chosen[i], dim);
    }
    boolean known = call.tensor(0).isStatic() && (extent.scales() != null || extent.sizes() != null)
        && (!attributes.crops() || extent.roi() != null);
    return known ? shapeDims(call, chosen, extent, dims) : dims;
  }

  private static List<Dim> shapeDims(Inference call, int[] chosen, Extent extent, List<Dim> dims) {
    ResizeAttributes attributes = ResizeAttributes.of(call);
    Shape x = call.tensor(0).shape();
    int[] sizes = sizes(call, attributes, x, chosen, extent, scales(call, attributes, x, chosen, extent));
    for (int i = 0; i < chosen.length; i++) {
      dims.set(chosen[i], Dim.of(sizes[i]));
    }
    return dims;
  }

  private static Dim scaled(Dim dim, float scale) {
    if (dim.isKnown()) {
      return Dim.of((long) (dim.size() * scale));
    }
    return scale == Math.rint(scale) ? dim.times(Dim.of((long) scale)) : Dim.unknown();
  }

  private static int[] axes(Call call, ResizeAttributes attributes, int rank) {
    int[] axes = new int[attributes.axes() == null ? rank : attributes.axes().length];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = attributes.axes() == null ? i : call.axis(attributes.axes()[i], rank);
    }
    return axes;
  }

  private static double[] scales(Call call, ResizeAttributes attributes, Shape x, int[] axes, Extent extent) {
    double[] scales = new double[axes.length];
    int found = extent.scales() != null ? extent.scales().length : extent.sizes() != null ? extent.sizes().length : 0;
    if (found != axes.length) {
      throw call.invalid("scales or sizes have " + found + " entries, expected " + axes.length);
    }
    for (int i = 0; i < axes.length; i++) {
      scales[i] = extent.scales() != null ? extent.scales()[i] : (double) extent.sizes()[i] / x.dim(axes[i]);
      if (x.dim(axes[i]) == 0) {
        scales[i] = 1;
      } else if (!(scales[i] > 0)) {
        throw call.invalid("scale of axis " + axes[i] + " is " + scales[i] + ", expected more than 0");
      }
    }
    if (extent.scales() == null && !attributes.policy().equals("stretch")) {
      boolean least = attributes.policy().equals("not_larger");
      double common = least ? Arrays.stream(scales).min().orElse(1)
          : Arrays.stream(scales).max().orElse(1);
      Arrays.fill(scales, common);
    }
    return scales;
  }

  private static int[] sizes(Call call, ResizeAttributes attributes, Shape x, int[] axes, Extent extent,
      double[] scale) {
    int[] sizes = new int[axes.length];
    for (int i = 0; i < axes.length; i++) {
      if (x.dim(axes[i]) == 0) {
        continue;
      }
      ResizeAxis.Region region = region(call, attributes, extent, i, axes.length);
      double size = extent.scales() != null
          ? x.dim(axes[i]) * (region.end() - region.start()) * extent.scales()[i]
          : attributes.policy().equals("stretch") ? extent.sizes()[i] : scale[i] * x.dim(axes[i]) + 0.5;
      if (!(size >= 0 && size <= Integer.MAX_VALUE)) {
        throw call.invalid("scales or sizes resize axis " + axes[i] + " from " + x.dim(axes[i]) + " to " + size
            + ", expected 0 to 2^31 - 1");
      }
      sizes[i] = (int) size;
    }
    return sizes;
  }

  private static ResizeAxis.Region region(Call call, ResizeAttributes attributes, Extent extent, int i, int count) {
    if (!attributes.crops()) {
      return ResizeAxis.Region.WHOLE;
    }
    if (extent.roi() == null || extent.roi().length != 2 * count) {
      throw call.invalid("roi has " + (extent.roi() == null ? 0 : extent.roi().length) + " entries, expected "
          + 2 * count + " for tf_crop_and_resize");
    }
    return new ResizeAxis.Region(extent.roi()[i], extent.roi()[i + count]);
  }
}
