package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Augmentation;
import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.pass.Training;
import dev.dwindle.pass.TrainingFiles;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A task that a small net learns in a second, and passes that train on it. */
public final class Lesson {
  private Lesson() {}

  /** Two classes of images {@code [1, 1, 6, 6]}: brighter on the left, or on the right. */
  public static Samples images(int count, boolean labelled) {
    Random random = new Random(3);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] x = new float[36];
      for (int k = 0; k < 36; k++) x[k] = random.nextFloat() + (k % 6 < 3 == (i % 2 == 0) ? 0.5f : 0);
      samples.add(new Sample(Map.of("x", Tensor.of(Shape.of(1, 1, 6, 6), x)),
          labelled ? Tensor.scalar((long) (i % 2)) : null, true));
    }
    return Samples.of(samples);
  }

  /** A net that tells them apart: the sum of the left half less that of the right, through eight channels of two layers, six of which are weak. */
  public static Model teacher(String end) {
    return GraphText.parse(
        """
            <ir_version: 8, opset_import: ["": 13]>
            net (float[N,1,6,6] x) => (float[N,2] y)
            <float[8,1,3,3] w = random(1), float[8] b = random(4), float[8,8,3,3] u = random(5), float[8] d = random(6), float[128,2] v = random(2), float[2] c = {0}>
            { h = Conv(x, w, b)  r = Relu(h)  g = Conv<pads=[1,1,1,1]>(r, u, d)  s = Relu(g)  f = Flatten(s)  %s }
            """
            .formatted(end));
  }

  /** Sentences of 2 to 7 tokens {@code ids} with a mask of ones, two of them in each row of the data. */
  public static Samples sentences(int rows) {
    Random random = new Random(4);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 2 * rows; i++) {
      Shape shape = Shape.of(1, 2 + random.nextInt(6));
      samples.add(new Sample(Map.of("ids", Tensor.of(shape, random.longs(shape.intSize(), 1, 20).toArray()), "mask",
          Tensor.of(shape, LongStream.generate(() -> 1).limit(shape.size()).toArray())), null, true));
    }
    Samples all = Samples.of(samples);
    return new Samples() {
      @Override
      public long count() {
        return all.count();
      }

      @Override
      public Stream<Sample> stream() {
        return all.stream();
      }

      @Override
      public int perRow() {
        return 2;
      }
    };
  }

  /** Embedded tokens and so many layers of attention, which a mask bounds, and of feed-forward; what is added is normalized. */
  public static Model transformer(int layers) {
    StringBuilder constants = new StringBuilder("float[20,8] table = random(1), float[8] s = {1}, float[8] o = {0}");
    StringBuilder nodes = new StringBuilder();
    for (int i = 0; i < layers; i++) {
      constants.append(
          (", float[8,8] q%1$d = random(%2$d), float[8,8] k%1$d = random(%3$d), float[8,8] v%1$d = random(%4$d),"
              + " float[8,16] u%1$d = random(%5$d), float[16,8] d%1$d = random(%6$d)")
              .formatted(i, 10 * i + 10, 10 * i + 11, 10 * i + 12, 10 * i + 13, 10 * i + 14));
      nodes.append(
          """
              a%1$d = MatMul(h%1$d, q%1$d)  b%1$d = MatMul(h%1$d, k%1$d)  t%1$d = Transpose<perm=[0,2,1]>(b%1$d)
              g%1$d = MatMul(a%1$d, t%1$d)  z%1$d = Add(g%1$d, bias)  p%1$d = Softmax(z%1$d)  w%1$d = MatMul(h%1$d, v%1$d)
              c%1$d = MatMul(p%1$d, w%1$d)  [attention%1$d] r%1$d = Add(c%1$d, h%1$d)  n%1$d = LayerNormalization(r%1$d, s, o)
              e%1$d = MatMul(n%1$d, u%1$d)  f%1$d = Relu(e%1$d)  m%1$d = MatMul(f%1$d, d%1$d)
              [forward%1$d] j%1$d = Add(m%1$d, n%1$d)  h%2$d = LayerNormalization(j%1$d, s, o)
              """
              .formatted(i, i + 1));
    }
    return GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17]>
        net (int64[B,T] ids, int64[B,T] mask) => (float[B,T,8] y)
        <%s, int64[1] one = {1}, float[1] ones = {1}, float[1] far = {-10000}>
        {
          real = Cast<to=1>(mask)  wide = Unsqueeze(real, one)  left = Sub(ones, wide)  bias = Mul(left, far)
          x = Gather(table, ids)  h0 = LayerNormalization(x, s, o)
          %s
          y = Identity(h%d)
        }
        """.formatted(constants, nodes, layers));
  }

  /** Runs a pass; settings as in a recipe. */
  public static PassResult run(Pass pass, Model model, Model original, Samples samples, Map<String, Object> settings,
      int threads, TrainingFiles files) {
    try (Backend cpu = new CpuBackend()) {
      PassContext context = new PassContext(pass.settings().check("test", settings), TargetProfile.of("cpu"), cpu,
          samples, threads, 7, Progress.SILENT).withTraining(
              new Training(original, samples, Augmentation.NONE, List.of(new MetricSpec.TopK(1, 0)), files, 0,
                  threads));
      PassResult result = pass.apply(model.graph(), context);
      GraphVerifier.verify(model.graph());
      return result;
    }
  }
}
