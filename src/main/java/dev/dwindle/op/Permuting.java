package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Operators that put the same elements into another order of axes. */
final class Permuting {
  private Permuting() {}

  /** Transpose: axis {@code i} of the output is axis {@code perm[i]} of the input; reversed without {@code perm}. */
  static final class Transpose implements Operator {
    @Override
    public String name() {
      return "Transpose";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      long[] given = call.integers("perm", (long[]) null);
      if (!call.hasRank(0)) {
        return Inference.one(call.dtype(0), given == null ? null : Inference.unknownDims(given.length));
      }
      List<Dim> dims = new ArrayList<>();
      for (int axis : permutation(call, call.tensor(0).rank())) {
        dims.add(call.dims(0).get(axis));
      }
      return Inference.one(call.dtype(0), dims);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      return List.of(transpose(call.required(0), permutation(call, call.shape(0).rank())));
    }

    @Override
    public List<Dim> content(Inference call) {
      return call.content(0);
    }

    private static int[] permutation(Call call, int rank) {
      long[] given = call.integers("perm", (long[]) null);
      int[] permutation = new int[rank];
      for (int i = 0; i < rank; i++) {
        permutation[i] = given == null ? rank - 1 - i : i < given.length ? call.axis(given[i], rank) : 0;
      }
      if (given != null) {
        Axes.marked(call, given, rank);
        if (given.length != rank) {
          throw call.invalid("perm has " + given.length + " axes, expected " + rank + " as the input has");
        }
      }
      return permutation;
    }
  }

  private static Tensor transpose(Tensor input, int... permutation) {
    long[] strides = new long[permutation.length];
    long[] dims = new long[permutation.length];
    long[] from = input.shape().strides();
    for (int i = 0; i < permutation.length; i++) {
      strides[i] = from[permutation[i]];
      dims[i] = input.shape().dim(permutation[i]);
    }
    return ElementBuffer.view(input, Shape.of(dims), 0, strides);
  }

  /**
   * DepthToSpace and SpaceToDepth: blocks of pixels to and from the channels of NCHW.
   *
   * @param toSpace whether channels become pixels
   */
  record Blocks(String name, boolean toSpace) implements Operator {
    @Override
    public List<ValueType> infer(Inference call) {
      long block = block(call);
      if (!call.hasRank(0)) {
        return Inference.one(call.dtype(0), Inference.unknownDims(4));
      }
      List<Dim> d = nchw(call, call.dims(0));
      Dim b = Dim.of(block);
      return Inference.one(call.dtype(0),
          toSpace ? List.of(d.get(0), d.get(1).floorDiv(b.times(b)), d.get(2).times(b), d.get(3).times(b))
              : List.of(d.get(0), d.get(1).times(b.times(b)), d.get(2).floorDiv(b), d.get(3).floorDiv(b)));
    }

    private static <T> List<T> nchw(Call call, List<T> dims) {
      if (dims.size() != 4) {
        throw call.invalid("input has shape " + dims + ", expected 4 axes [N,C,H,W]");
      }
      return dims;
    }

    private static long block(Call call) {
      long block = call.integer("blocksize");
      if (block < 1 || block > Short.MAX_VALUE) {
        throw call.invalid("blocksize is " + block + ", expected 1 to " + Short.MAX_VALUE);
      }
      return block;
    }

    private static boolean depthFirst(Call call) {
      return call.text("mode", "DCR").equals("DCR");
    }

    private int[] permutation(Call call) {
      return toSpace ? depthFirst(call) ? new int[] {0, 3, 4, 1, 5, 2} : new int[] {0, 1, 4, 2, 5, 3}
          : depthFirst(call) ? new int[] {0, 3, 5, 1, 2, 4} : new int[] {0, 1, 3, 5, 2, 4};
    }

    /** The six axes into which the input falls before the transposition. */
    private long[] parts(Call call, Shape s) {
      long b = block(call);
      long depth = s.dim(1) / (b * b);
      if (toSpace ? s.dim(1) % (b * b) != 0 : s.dim(2) % b != 0 || s.dim(3) % b != 0) {
        throw call.invalid("input has shape " + s + ", expected dimensions that divide by the blocksize " + b);
      }
      return !toSpace ? new long[] {s.dim(0), s.dim(1), s.dim(2) / b, b, s.dim(3) / b, b}
          : depthFirst(call) ? new long[] {s.dim(0), b, b, depth, s.dim(2), s.dim(3)}
              : new long[] {s.dim(0), depth, b, b, s.dim(2), s.dim(3)};
    }

    private long[] result(Call call, Shape s) {
      long b = block(call);
      return toSpace ? new long[] {s.dim(0), s.dim(1) / (b * b), s.dim(2) * b, s.dim(3) * b}
          : new long[] {s.dim(0), s.dim(1) * b * b, s.dim(2) / b, s.dim(3) / b};
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape shape = call.shape(0);
      nchw(call, java.util.Arrays.stream(shape.dims()).boxed().toList());
      Tensor parts = call.required(0).reshape(Shape.of(parts(call, shape)));
      return List.of(transpose(parts, permutation(call)).reshape(Shape.of(result(call, shape))));
    }

    @Override
    public List<Value> decompose(Expansion call) {
      if (!call.type(0).isStatic()) {
        return null;
      }
      Shape shape = call.type(0).shape();
      long[] permutation = java.util.Arrays.stream(permutation(call)).asLongStream().toArray();
      Value parts = call.op("Reshape", call.input(0), call.integers(parts(call, shape)));
      Value turned = call.op("Transpose", List.of(Attribute.of("perm", permutation)), parts);
      return List.of(call.op("Reshape", turned, call.integers(result(call, shape))));
    }
  }
}
