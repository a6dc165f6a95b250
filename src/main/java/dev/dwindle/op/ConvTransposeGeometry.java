package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A transposed convolution of known shapes: input {@code [batch, channels, ...]}, weights {@code [channels, features /
 * groups, ...]}.
 *
 * @param window of the convolution that this one transposes: its input is our output, its output our input
 */
public record ConvTransposeGeometry(int batch, int channels, int features, int groups, WindowGeometry window) {

  /** The geometry of a call with an input {@code x} and weights {@code w}. */
  public static ConvTransposeGeometry of(Call call, Shape x, Shape w) {
    int groups = ConvGeometry.groups(call);
    if (x.rank() < 3 || w.rank() != x.rank() || w.dim(0) != x.dim(1) || x.dim(1) % groups != 0) {
      throw call.invalid("input " + x + " and weights " + w + " in " + groups
          + " groups, expected [batch, channels, ...] and [channels, features / groups, ...]");
    }
    int rank = x.rank() - 2;
    WindowAttributes attributes = WindowAttributes.of(call, Arrays.copyOfRange(w.dims(), 2, w.rank()));
    int[] input = new int[rank];
    int[] output = new int[rank];
    int[] begin = new int[rank];
    int[] end = new int[rank];
    for (int i = 0; i < rank; i++) {
      input[i] = x.intDim(i + 2);
      Axis axis = axis(attributes, i, input[i]);
      output[i] = call.fitted("output axis " + i, axis.output);
      begin[i] = call.fitted("padding", axis.begin);
      end[i] = call.fitted("padding", axis.end);
      if (output[i] < 0) {
        throw call.invalid("output axis " + i + " has size " + output[i] + ", expected 0 or more; pads are too large");
      }
    }
    return new ConvTransposeGeometry(x.intDim(0), x.intDim(1), call.fitted("the number of features", w.dim(1) * groups),
        groups,
        new WindowGeometry(output, ints(attributes.kernel()), ints(attributes.strides()),
            ints(attributes.dilations()), begin, end, input));
  }

  /** The output's dimensions, or null where the input's rank is unknown. */
  static List<Dim> infer(Call call, List<Dim> x, List<Dim> w) {
    if (x == null) {
      return null;
    }
    if (x.size() < 3 || (w != null && w.size() != x.size())) {
      throw call.invalid("input " + x + " and weights " + w + ", expected [batch, channels, ...] and as many axes");
    }
    Dim features = w == null ? Dim.unknown() : w.get(1).times(Dim.of(ConvGeometry.groups(call)));
    List<Dim> dims = new ArrayList<>(List.of(x.getFirst(), features));
    boolean known = w != null && w.subList(2, w.size()).stream().allMatch(Dim::isKnown);
    long[] kernel = known ? w.subList(2, w.size()).stream().mapToLong(Dim::size).toArray()
        : call.integers("kernel_shape", (long[]) null);
    for (int i = 0; i < x.size() - 2; i++) {
      Dim d = x.get(i + 2);
      if (kernel == null) {
        dims.add(Dim.unknown());
      } else {
        WindowAttributes attributes = WindowAttributes.of(call, kernel);
        attributes.requireRank(x.size() - 2);
        boolean plain = attributes.autoPad().equals("NOTSET") && !call.hasAttribute("output_shape");
        // Linear in the input's size: the size at 0 is the constant term.
        dims.add(d.isKnown() ? Dim.of(axis(attributes, i, d.size()).output)
            : plain ? d.times(Dim.of(attributes.strides()[i])).plus(Dim.of(axis(attributes, i, 0).output))
                : Dim.unknown());
      }
    }
    return dims;
  }

  /** The output's shape. */
  public Shape output() {
    long[] dims = new long[2 + window.rank()];
    dims[0] = batch;
    dims[1] = features;
    for (int i = 0; i < window.rank(); i++) {
      dims[2 + i] = window.input()[i];
    }
    return Shape.of(dims);
  }

  private record Axis(long output, long begin, long end) {}

  /** Source: ONNX, ConvTranspose, the equations of output_shape and total_padding. */
  private static Axis axis(WindowAttributes attributes, int i, long input) {
    Call call = attributes.call();
    int rank = attributes.rank();
    long[] extra = call.integers("output_padding", new long[rank]);
    long[] shape = call.integers("output_shape", (long[]) null);
    if (extra.length != rank || (shape != null && shape.length != rank && shape.length != rank + 2)) {
      throw call.invalid("output_padding or output_shape has other than " + rank + " entries");
    }
    long full = attributes.strides()[i] * (input - 1) + extra[i] + attributes.extent(i);
    String auto = attributes.autoPad();
    if (shape == null && auto.equals("VALID")) {
      return new Axis(full, 0, 0);
    }
    if (shape == null && auto.equals("NOTSET")) {
      long begin = attributes.pads()[i];
      long end = attributes.pads()[i + rank];
      return new Axis(full - begin - end, begin, end);
    }
    long output = shape == null ? input * attributes.strides()[i] : shape[shape.length - rank + i];
    long total = Math.max(0, full - output);
    boolean upper = auto.equals("SAME_UPPER") == call.version() >= 11;
    long begin = upper ? total / 2 : total - total / 2;
    return new Axis(output, begin, total - begin);
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }
}
