package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The attributes that convolutions and pools share, checked, with their defaults filled in: one entry for each spatial
 * axis ({@code pads}: all begins, then all ends). {@code autoPad} is NOTSET, VALID, SAME_UPPER or SAME_LOWER; unless it
 * is NOTSET, {@code pads} has no say.
 */
public record WindowAttributes(Call call, long[] kernel, long[] strides, long[] dilations, long[] pads, String autoPad,
    boolean ceilMode) {
  private static final Set<String> AUTO_PADS = Set.of("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER");

  /** The attributes of a pool: {@code kernel_shape} is required. */
  public static WindowAttributes ofPool(Call call) {
    long[] kernel = call.integers("kernel_shape", (long[]) null);
    if (kernel == null) {
      throw call.invalid("attribute 'kernel_shape' is missing");
    }
    return of(call, kernel);
  }

  /** The attributes of a convolution with weights of this spatial extent. */
  public static WindowAttributes of(Call call, long[] kernel) {
    int rank = kernel.length;
    long[] declared = call.integers("kernel_shape", kernel);
    if (!Arrays.equals(declared, kernel)) {
      throw call.invalid(
          "kernel_shape is " + Arrays.toString(declared) + ", but the weights have " + Arrays.toString(kernel));
    }
    String autoPad = call.text("auto_pad", "NOTSET");
    if (!AUTO_PADS.contains(autoPad)) {
      throw call.invalid("auto_pad is '" + autoPad + "', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
    }
    return new WindowAttributes(call, atLeast(call, "kernel_shape", kernel, rank, 1),
        atLeast(call, "strides", call.integers("strides", ones(rank)), rank, 1),
        atLeast(call, "dilations", call.integers("dilations", ones(rank)), rank, 1),
        atLeast(call, "pads", call.integers("pads", new long[2 * rank]), 2 * rank, 0),
        autoPad.isEmpty() ? "NOTSET" : autoPad, call.flag("ceil_mode", false));
  }

  /** Number of spatial axes. */
  public int rank() {
    return kernel.length;
  }

  /** The geometry over an input of this spatial extent. */
  public WindowGeometry over(long... spatial) {
    requireRank(spatial.length);
    int[] begin = new int[rank()];
    int[] end = new int[rank()];
    int[] output = new int[rank()];
    for (int i = 0; i < rank(); i++) {
      call.fitted("spatial axis " + i, spatial[i]);
      output[i] = call.fitted("output axis " + i, outputSize(i, spatial[i]));
      long missing = Math.max(0, (output[i] - 1) * strides[i] + extent(i) - spatial[i]);
      begin[i] = (int) switch (autoPad) {
        case "VALID" -> 0;
        case "SAME_UPPER" -> missing / 2;
        case "SAME_LOWER" -> missing - missing / 2;
        default -> pads[i];
      };
      end[i] = (int) (isSame() ? missing - begin[i] : autoPad.equals("VALID") ? 0 : pads[i + rank()]);
    }
    return new WindowGeometry(ints(spatial), ints(kernel), ints(strides), ints(dilations), begin, end, output);
  }

  /** The output's spatial dimensions over an input of these. */
  public List<Dim> outputDims(List<Dim> spatial) {
    requireRank(spatial.size());
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < rank(); i++) {
      Dim d = spatial.get(i);
      if (d.isKnown()) {
        dims.add(Dim.of(outputSize(i, d.size())));
      } else if (isSame()) {
        dims.add(strides[i] == 1 ? d : d.plus(Dim.of(strides[i] - 1)).floorDiv(Dim.of(strides[i])));
      } else if (ceilMode && strides[i] > 1) {
        dims.add(Dim.unknown());
      } else {
        dims.add(d.plus(Dim.of(padding(i) - extent(i))).floorDiv(Dim.of(strides[i])).plus(Dim.of(1)));
      }
    }
    return dims;
  }

  /** Positions that the dilated kernel spans along an axis. */
  public long extent(int axis) {
    return (kernel[axis] - 1) * dilations[axis] + 1;
  }

  private boolean isSame() { return autoPad.startsWith("SAME"); }

  private long padding(int axis) {
    return autoPad.equals("VALID") ? 0 : pads[axis] + pads[axis + rank()];
  }

  private long outputSize(int axis, long input) {
    long stride = strides[axis];
    if (isSame()) {
      return Math.ceilDiv(input, stride);
    }
    long room = input + padding(axis) - extent(axis);
    if (room < 0) {
      throw call.invalid("spatial axis " + axis + " has size " + input + " with padding " + padding(axis)
          + ", expected at least the " + extent(axis) + " that the kernel spans");
    }
    long steps = ceilMode ? Math.ceilDiv(room, stride) : room / stride;
    long begin = autoPad.equals("VALID") ? 0 : pads[axis];
    return steps * stride >= input + begin && steps > 0 && ceilMode ? steps : steps + 1;
  }

  /** Checks how many spatial axes an input has. */
  void requireRank(int found) {
    if (found != rank()) {
      throw call.invalid("the input has " + found + " spatial axes, but the kernel has " + rank());
    }
  }

  private static long[] atLeast(Call call, String name, long[] values, int count, long least) {
    if (values.length != count) {
      throw call.invalid(name + " has " + values.length + " entries, expected " + count);
    }
    for (long value : values) {
      if (value < least || value > Integer.MAX_VALUE) {
        throw call.invalid(name + " is " + Arrays.toString(values) + ", expected entries of " + least + " or more");
      }
    }
    return values;
  }

  private static long[] ones(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }
}
