package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** TfIdfVectorizer: how often the n-grams of a pool occur in rows of tokens, plain or weighted. */
final class TfIdfVectorizer implements Operator {
  @Override
  public String name() {
    return "TfIdfVectorizer";
  }

  @Override
  public int since() {
    return 9;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    if (!call.hasRank(0)) {
      return Inference.one(DType.FLOAT, (List<Dim>) null);
    }
    Dim width = Dim.of(width(call));
    return Inference.one(
        DType.FLOAT, call.tensor(0).rank() == 2 ? List.of(call.dims(0).getFirst(), width) : List.of(width));
  }

  private static int width(Call call) {
    return (int) Arrays.stream(indexes(call)).max().orElse(-1) + 1;
  }

  private static long[] indexes(Call call) {
    long[] indexes = call.integers("ngram_indexes", (long[]) null);
    if (indexes == null || Arrays.stream(indexes).anyMatch(i -> i < 0 || i > Integer.MAX_VALUE - 1)) {
      throw call.invalid("ngram_indexes is " + Arrays.toString(indexes) + ", expected coordinates of 0 or more");
    }
    return indexes;
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    if (shape.rank() < 1 || shape.rank() > 2) {
      throw call.invalid("input has shape " + shape + ", expected [C] or [N,C]");
    }
    List<?> tokens = tokens(call);
    int columns = shape.intDim(-1);
    int rows = shape.rank() == 2 ? shape.intDim(0) : 1;
    int width = width(call);
    Map<List<?>, Integer> pool = pool(call);
    float[] counts = new float[Shape.of(rows, width).intSize()];
    for (int row = 0; row < rows; row++) {
      count(call, pool, tokens.subList(row * columns, (row + 1) * columns), counts, row * width);
    }
    return List.of(Tensor.of(shape.rank() == 2 ? Shape.of(rows, width) : Shape.of(width), counts));
  }

  private static List<?> tokens(Evaluation call) {
    return call.dtype(0) == DType.STRING ? call.required(0).strings().stream().map(TfIdfVectorizer::text).toList()
        : Arrays.stream(call.longs(0)).boxed().toList();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** For each n-gram its place in the pool. */
  private static Map<List<?>, Integer> pool(Call call) {
    Attribute strings = call.node().attribute("pool_strings");
    List<?> items = strings != null && strings.value() instanceof Attribute.StringValues v
        ? v.values().stream().map(TfIdfVectorizer::text).toList()
        : Arrays.stream(call.integers("pool_int64s")).boxed().toList();
    long[] starts = call.integers("ngram_counts");
    Map<List<?>, Integer> pool = new HashMap<>();
    int place = 0;
    for (int n = 1; n <= starts.length; n++) {
      int end = n < starts.length ? (int) starts[n] : items.size();
      if (starts[n - 1] < 0 || starts[n - 1] > end || end > items.size()) {
        throw call.invalid("ngram_counts is " + Arrays.toString(starts) + ", expected rising places in a pool of "
            + items.size());
      }
      for (int at = (int) starts[n - 1]; at + n <= end; at += n) {
        pool.put(List.copyOf(items.subList(at, at + n)), place++);
      }
    }
    if (place > indexes(call).length) {
      throw call
          .invalid("the pool has " + place + " n-grams, expected as many ngram_indexes, not " + indexes(call).length);
    }
    return pool;
  }

  private static void count(Call call, Map<List<?>, Integer> pool, List<?> tokens, float[] counts, int to) {
    long[] indexes = indexes(call);
    float[] weights = call.reals("weights", (float[]) null);
    String mode = call.text("mode", "TF");
    long skips = Math.min(call.integer("max_skip_count"), tokens.size());
    long shortest = call.integer("min_gram_length");
    if (shortest < 1) {
      throw call.invalid("min_gram_length is " + shortest + ", expected 1 or more");
    }
    for (long n = shortest; n <= Math.min(call.integer("max_gram_length"), tokens.size()); n++) {
      for (long step = 1; step <= (n == 1 ? 1 : skips + 1); step++) {
        for (long start = 0; start + (n - 1) * step < tokens.size(); start++) {
          List<Object> gram = new ArrayList<>();
          for (long k = 0; k < n; k++) {
            gram.add(tokens.get((int) (start + k * step)));
          }
          Integer place = pool.get(gram);
          if (place != null) {
            int at = to + (int) indexes[place];
            float weight = weights == null || mode.equals("TF") ? 1 : weights[place];
            counts[at] = mode.equals("IDF") ? weight : counts[at] + weight;
          }
        }
      }
    }
  }
}
