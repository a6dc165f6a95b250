package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import java.util.Arrays;
import java.util.List;

/** Axes as operators name them: in an attribute in old versions, in an input in new ones; negative ones from the end. */
final class Axes {
  private Axes() {}

  /** The axes of a call as written, or null where none are given. */
  static long[] of(Evaluation call, int input, int inputSince) {
    return call.version() < inputSince ? call.integers("axes", (long[]) null)
        : call.has(input) ? call.longs(input) : null;
  }

  /** The axes of a call as written; null where none are given, or where they are not known (see {@link #unknown}). */
  static long[] of(Inference call, int input, int inputSince) {
    return call.version() < inputSince ? call.integers("axes", (long[]) null) : call.integers(input);
  }

  /** Whether axes are given whose numbers are not known. */
  static boolean unknown(Inference call, int input, int inputSince) {
    return call.version() >= inputSince && call.has(input) && call.known(input) == null;
  }

  /** For each axis of a tensor, whether it is among the given ones; fails where one is given twice. */
  static boolean[] marked(Call call, long[] axes, int rank) {
    boolean[] marked = new boolean[rank];
    for (long given : axes) {
      int axis = call.axis(given, rank);
      if (marked[axis]) {
        throw call.invalid("axes are " + Arrays.toString(axes) + ", expected each axis once");
      }
      marked[axis] = true;
    }
    return marked;
  }

  /** The product of dimensions from {@code from} (inclusive) to {@code to} (exclusive). */
  static Dim product(List<Dim> dims, int from, int to) {
    Dim product = Dim.of(1);
    for (Dim dim : dims.subList(from, to)) {
      product = product.times(dim);
    }
    return product;
  }

  /** The more telling of two dimensions that must be equal; fails where they are known and differ. */
  static Dim same(Call call, Dim a, Dim b, String what) {
    if (a.isKnown() && b.isKnown() && !a.equals(b)) {
      throw call.invalid(what + " are " + a + " and " + b + ", expected equal dimensions");
    }
    return a.isKnown() ? a : b.isKnown() || !a.isNamed() ? b : a;
  }
}
