package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Gradients of matrix products: of one factor, the gradient of the product times the other factor, transposed. */
final class ProductGradients {
  private ProductGradients() {}

  /** A stack of matrices that a factor is read as: a vector is a row on the left, a column on the right. */
  private record Factor(Value value, List<Dim> dims) {
    static Factor of(Backward call, int input) {
      List<Dim> dims = new ArrayList<>(call.dims(input));
      Value value = call.input(input);
      if (dims.size() == 1) {
        dims.add(input == 0 ? 0 : 1, Dim.of(1));
        value = call.op("Unsqueeze", value, call.integers(input == 0 ? 0 : 1));
      }
      return new Factor(value, dims);
    }

    Value transposed(Backward call) {
      int[] order = IntStream.range(0, dims.size()).toArray();
      order[order.length - 1] = order.length - 2;
      order[order.length - 2] = order.length - 1;
      return call.transposed(value, order);
    }
  }

  static List<Value> matMul(Backward call) {
    Factor a = Factor.of(call, 0);
    Factor b = Factor.of(call, 1);
    Factor y = product(call, a, b);
    Value ofA = null;
    Value ofB = null;
    if (call.needs(0)) ofA = given(call, 0, call.op("MatMul", y.value, b.transposed(call)), y, a);
    if (call.needs(1)) {
      ofB = b.dims.size() == 2 && a.dims.size() > 2 ? shared(call, a, b, y)
          : given(call, 1, call.op("MatMul", a.transposed(call), y.value), y, b);
    }
    return Arrays.asList(ofA, ofB);
  }

  /** The gradient of the product, as the stack of matrices that it is. */
  private static Factor product(Backward call, Factor a, Factor b) {
    Value gradient = call.gradient();
    List<Dim> dims = new ArrayList<>(call.output(0).tensorType().dims());
    if (call.rank(0) == 1) {
      dims.add(call.rank(1) == 1 ? 0 : dims.size() - 1, Dim.of(1));
      gradient = call.op("Unsqueeze", gradient, call.integers(call.rank(1) == 1 ? 0 : -2));
    }
    if (call.rank(1) == 1) {
      dims.add(Dim.of(1));
      gradient = call.op("Unsqueeze", gradient, call.integers(-1));
    }
    return new Factor(gradient, dims);
  }

  /** The gradient of a factor: over the stack of the product, then summed to that of the factor. */
  private static Value given(Backward call, int input, Value stacked, Factor y, Factor factor) {
    List<Dim> from = new ArrayList<>(y.dims.subList(0, y.dims.size() - 2));
    from.addAll(factor.dims.subList(factor.dims.size() - 2, factor.dims.size()));
    Value sum = call.sumTo(stacked, from, factor.dims);
    return call.rank(input) > 1 ? sum : call.op("Squeeze", sum, call.integers(input == 0 ? -2 : -1));
  }

  /** The gradient of one matrix that all of a stack are multiplied by: one product of all rows. */
  private static Value shared(Backward call, Factor a, Factor b, Factor y) {
    Value rows = call.reshaped(a.value, -1, size(call, b.dims.get(0)));
    Value gradients = call.reshaped(y.value, -1, size(call, b.dims.get(1)));
    Value sum = call.op("MatMul", call.transposed(rows, 1, 0), gradients);
    return call.rank(1) > 1 ? sum : call.op("Squeeze", sum, call.integers(-1));
  }

  private static long size(Backward call, Dim dim) {
    if (!dim.isKnown())
      throw call.invalid("the matrix has a dimension " + dim + ", expected a known one for its gradient");
    return dim.size();
  }

  static List<Value> gemm(Backward call) {
    GemmAttributes own = GemmAttributes.of(call);
    Value g = call.gradient();
    Value a = call.input(0);
    Value b = call.input(1);
    Value ofA = !call.needs(0) ? null
        : own.transposeA() ? product(call, own.alpha(), b, own.transposeB(), g, true)
            : product(call, own.alpha(), g, false, b, !own.transposeB());
    Value ofB = !call.needs(1) ? null
        : own.transposeB() ? product(call, own.alpha(), g, true, a, own.transposeA())
            : product(call, own.alpha(), a, !own.transposeA(), g, false);
    return Arrays.asList(ofA, ofB, call.needs(2) ? offset(call, own.beta()) : null);
  }

  private static Value product(Backward call, float alpha, Value a, boolean transposeA, Value b, boolean transposeB) {
    return call.op("Gemm", List.of(Attribute.of("alpha", alpha), Attribute.of("transA", transposeA ? 1 : 0),
        Attribute.of("transB", transposeB ? 1 : 0)), a, b);
  }

  private static Value offset(Backward call, float beta) {
    Value sum = call.sumTo(call.gradient(), 2);
    return beta == 1 ? sum : call.mul(sum, call.scalarLike(0, beta));
  }
}
