package dev.dwindle.calibrate;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.GraphText;
import dev.dwindle.pass.PassContext;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Second moments of rows, summed on a device, many rows at once: a sample of text has so few that to read and write the moments would take longer than the product. */
final class RowSums implements AutoCloseable {
  private static final int ROWS = 256;

  private final PassContext context;
  private final Map<Integer, Product> products = new HashMap<>();
  private final Map<String, Rows> all = new LinkedHashMap<>();

  RowSums(PassContext context) {
    this.context = context;
  }

  /** Rows that wait, and the sum of the moments of those before them. */
  private final class Rows {
    private final int inputs;
    private final float[] waiting;
    private int count;
    private Tensor sum;

    Rows(int inputs) {
      this.inputs = inputs;
      waiting = new float[ROWS * inputs];
      sum = Tensor.of(Shape.of(inputs, inputs), new float[inputs * inputs]);
    }

    void add(float[] rows) {
      for (int from = 0; from < rows.length;) {
        int length = Math.min(rows.length - from, waiting.length - count * inputs);
        System.arraycopy(rows, from, waiting, count * inputs, length);
        from += length;
        count += length / inputs;
        if (count == ROWS) addUp();
      }
    }

    void addUp() {
      Arrays.fill(waiting, count * inputs, waiting.length, 0);
      sum = products.computeIfAbsent(inputs, Product::new).plus(sum, Tensor.of(Shape.of(ROWS, inputs), waiting));
      count = 0;
    }
  }

  private final class Product {
    private final Executable executable;
    private final Bound bound;

    Product(int inputs) {
      executable = context.backend().compile(GraphText.parse("""
          moments (float[%1$d,%1$d] before, float[%2$d,%1$d] rows) => (float[%1$d,%1$d] after) {
            turned = Transpose <perm = [1, 0]> (rows)
            product = MatMul (turned, rows)
            after = Add (before, product)
          }
          """.formatted(inputs, ROWS)).graph(), CompileOptions.DEFAULT.withThreads(context.threads()));
      bound = executable.bind();
    }

    Tensor plus(Tensor before, Tensor rows) {
      bound.set("before", before);
      bound.set("rows", rows);
      bound.run();
      return Tensor.of(before.shape(), bound.outputs().get("after").floats());
    }

    void close() {
      bound.close();
      executable.close();
    }
  }

  /** Takes rows {@code [rows, inputs]} of what a layer reads. */
  void add(String name, Tensor rows) {
    all.computeIfAbsent(name, n -> new Rows(rows.shape().intDim(1))).add(rows.floats());
  }

  /** The moments {@code [inputs, inputs]} of all rows, by the names that they came with. */
  Map<String, float[]> sums() {
    Map<String, float[]> sums = new LinkedHashMap<>();
    all.forEach((name, rows) -> {
      if (rows.count > 0) rows.addUp();
      sums.put(name, rows.sum.floats());
    });
    return sums;
  }

  @Override
  public void close() {
    products.values().forEach(Product::close);
  }
}
