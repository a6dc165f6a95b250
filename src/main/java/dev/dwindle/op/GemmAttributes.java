package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.tensor.Shape;
import java.util.List;

/** The attributes of Gemm: {@code alpha * A' * B' + beta * C}, where a prime transposes if asked to. */
public record GemmAttributes(float alpha, float beta, boolean transposeA, boolean transposeB) {
  public static GemmAttributes of(Call call) {
    return new GemmAttributes(call.real("alpha", 1), call.real("beta", 1), call.flag("transA", false),
        call.flag("transB", false));
  }

  /** Rows, inner size and columns of a product of these matrices. */
  public int[] sizes(Call call, Shape a, Shape b) {
    if (a.rank() != 2 || b.rank() != 2) {
      throw call.invalid("inputs of shapes " + a + " and " + b + ", expected two matrices");
    }
    int inner = a.intDim(transposeA ? 0 : 1);
    if (inner != b.dim(transposeB ? 1 : 0)) {
      throw call.invalid("inputs of shapes " + a + (transposeA ? " (transposed)" : "") + " and " + b
          + (transposeB ? " (transposed)" : "") + ", expected equal inner sizes");
    }
    return new int[] {a.intDim(transposeA ? 1 : 0), inner, b.intDim(transposeB ? 0 : 1)};
  }

  /** The output's dimensions. */
  public List<Dim> infer(Call call, List<Dim> a, List<Dim> b) {
    if ((a != null && a.size() != 2) || (b != null && b.size() != 2)) {
      throw call.invalid("inputs of shapes " + a + " and " + b + ", expected two matrices");
    }
    Dim left = a == null ? Dim.unknown() : a.get(transposeA ? 0 : 1);
    Dim right = b == null ? Dim.unknown() : b.get(transposeB ? 1 : 0);
    if (left.isKnown() && right.isKnown() && !left.equals(right)) {
      throw call.invalid("inner sizes " + left + " and " + right + ", expected equal ones");
    }
    return List.of(a == null ? Dim.unknown() : a.get(transposeA ? 1 : 0),
        b == null ? Dim.unknown() : b.get(transposeB ? 0 : 1));
  }
}
