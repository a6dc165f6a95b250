package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Operators that write updates into a copy of a tensor, at the places that an index tensor names. */
final class Scattering {
  private Scattering() {}

  /** ScatterElements, and Scatter as it was called before version 11: one update for each index, along an axis. */
  record ScatterElements(String name, int since) implements Operator {
    @Override
    public List<ValueType> infer(Inference call) {
      return call.same(0);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape data = call.shape(0);
      if (!call.shape(1).equals(call.shape(2))) {
        throw call.invalid("updates have shape " + call.shape(2) + ", expected " + call.shape(1) + " as indices");
      }
      int axis = call.axis(call.integer("axis", 0), data.rank());
      return List.of(scatter(call, Gathering.elementOffsets(call, data, call.required(1), axis), 1));
    }
  }

  /** ScatterND: a slice of updates for each index tuple. */
  static final class ScatterND implements Operator {
    @Override
    public String name() {
      return "ScatterND";
    }

    @Override
    public int since() {
      return 11;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return call.same(0);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape data = call.shape(0);
      long[] offsets = Gathering.tupleOffsets(call, data, call.required(1), 0);
      long inner = data.product(call.shape(1).intDim(-1), data.rank());
      if (call.required(2).size() != offsets.length * inner) {
        throw call
            .invalid("updates have shape " + call.shape(2) + ", expected " + offsets.length + " slices of " + inner
                + " elements");
      }
      return List.of(scatter(call, offsets, inner));
    }
  }

  private static Tensor scatter(Evaluation call, long[] offsets, long inner) {
    Tensor data = call.required(0);
    Tensor updates = call.required(2);
    String reduction = call.text("reduction", "none");
    if (reduction.equals("none")) {
      ElementBuffer buffer = ElementBuffer.copyOf(data);
      for (int i = 0; i < offsets.length; i++) {
        buffer.copy(updates, i * inner, offsets[i], inner);
      }
      return buffer.tensor();
    }
    DType dtype = data.dtype();
    if (dtype.isFloating()) {
      double[] values = Elements.doubles(data);
      double[] changes = Elements.doubles(updates);
      for (int i = 0; i < changes.length; i++) {
        int at = (int) (offsets[(int) (i / inner)] + i % inner);
        values[at] = combine(call, reduction, values[at], changes[i]);
      }
      return Elements.ofDoubles(dtype, data.shape(), values);
    }
    long[] values = Elements.longs(data);
    long[] changes = Elements.longs(updates);
    for (int i = 0; i < changes.length; i++) {
      int at = (int) (offsets[(int) (i / inner)] + i % inner);
      values[at] = combine(call, reduction, dtype, values[at], changes[i]);
    }
    return Elements.ofLongs(dtype, data.shape(), values);
  }

  private static double combine(Call call, String reduction, double a, double b) {
    return switch (reduction) {
      case "add" -> a + b;
      case "mul" -> a * b;
      case "max" -> Math.max(a, b);
      case "min" -> Math.min(a, b);
      default -> throw unknown(call, reduction);
    };
  }

  private static long combine(Call call, String reduction, DType dtype, long a, long b) {
    boolean less = dtype == DType.UINT64 ? Long.compareUnsigned(a, b) < 0 : a < b;
    return switch (reduction) {
      case "add" -> a + b;
      case "mul" -> a * b;
      case "max" -> less ? b : a;
      case "min" -> less ? a : b;
      default -> throw unknown(call, reduction);
    };
  }

  private static InvalidInputException unknown(Call call, String reduction) {
    return call.invalid("reduction is '" + reduction + "', expected none, add, mul, max or min");
  }

  /** TensorScatter: a run of updates written into a cache along its sequence axis, from an index for each sample. */
  static final class TensorScatter implements Operator {
    @Override
    public String name() {
      return "TensorScatter";
    }

    @Override
    public int since() {
      return 24;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return call.same(0);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape cache = call.shape(0);
      Shape update = call.shape(1);
      int axis = call.axis(call.integer("axis", -2), cache.rank());
      if (axis == 0 || update.rank() != cache.rank() || cache.dim(axis) < update.dim(axis)
          || !update.with(axis, 0).equals(cache.with(axis, 0))) {
        throw call.invalid("cache has shape " + cache + " and update " + update + ", expected equal ones but on axis "
            + axis + ", which must not be 0 and is no longer in the update");
      }
      boolean circular = call.text("mode", "linear").equals("circular");
      long[] starts = call.has(2) ? call.longs(2) : new long[cache.intDim(0)];
      if (starts.length != cache.dim(0)) {
        throw call.invalid("found " + starts.length + " write indices, expected one for each of " + cache.dim(0)
            + " samples");
      }
      long inner = cache.product(axis + 1, cache.rank());
      long perSample = cache.product(1, axis);
      long length = update.dim(axis);
      ElementBuffer buffer = ElementBuffer.copyOf(call.required(0));
      for (long prefix = 0; prefix < cache.dim(0) * perSample; prefix++) {
        for (long i = 0; i < length; i++) {
          long at = starts[(int) (prefix / perSample)] + i;
          at = circular ? Math.floorMod(at, cache.dim(axis)) : Gathering.index(call, at, cache.dim(axis));
          buffer.copy(call.required(1), (prefix * length + i) * inner, (prefix * cache.dim(axis) + at) * inner, inner);
        }
      }
      return List.of(buffer.tensor());
    }
  }
}
