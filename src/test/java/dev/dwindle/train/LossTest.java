package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Losses beside their formulas, written out in double. */
class LossTest {
  private static final int BATCH = 3;
  private static final int CHANNELS = 4;
  private static final int PLACES = 5;

  /** A tensor {@code [batch, channels, places]}. */
  private record Cube(double[] values, int channels) {
    static Cube random(int seed, int channels) {
      return new Cube(new Random(seed).doubles((long) BATCH * channels * PLACES, -3, 3).toArray(), channels);
    }

    double at(int sample, int channel, int place) {
      return values[(sample * channels + channel) * PLACES + place];
    }

    double[] channelsAt(int sample, int place) {
      double[] found = new double[channels];
      for (int c = 0; c < channels; c++) found[c] = at(sample, c, place);
      return found;
    }

    double[] placesAt(int sample, int channel) {
      int from = (sample * channels + channel) * PLACES;
      return Arrays.copyOfRange(values, from, from + PLACES);
    }

    Tensor tensor() {
      return Tensor.of(Shape.of(BATCH, channels, PLACES), values);
    }
  }

  private static final Cube X = Cube.random(1, CHANNELS);
  private static final Cube Y = Cube.random(2, CHANNELS);

  private static double value(Loss loss, Tensor value, Tensor target) {
    return Interpreter.run(graph(loss, value, target), Map.of("y", value, "target", target)).getLast().doubles()[0];
  }

  private static Graph graph(Loss loss, Tensor value, Tensor target) {
    Model model = GraphText.parse("g (" + type(value) + " y, " + type(target) + " target) => () { }");
    Graph graph = model.graph();
    graph.addOutput(loss.add(graph, graph.value("y"), graph.value("target"), null));
    ShapeInference.of(graph).store();
    return graph;
  }

  private static String type(Tensor tensor) {
    return tensor.dtype().text() + Arrays.toString(tensor.shape().dims()).replace(" ", "");
  }

  private static double[] softmax(double[] logits, double temperature) {
    double[] exponentials = Arrays.stream(logits).map(x -> Math.exp(x / temperature)).toArray();
    double sum = Arrays.stream(exponentials).sum();
    return Arrays.stream(exponentials).map(e -> e / sum).toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }

  private static double cosine(double[] a, double[] b) {
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }

  @Test
  void crossEntropyWithLabelSmoothing() {
    double smoothing = 0.3;
    long[] labels = new Random(3).longs((long) BATCH * PLACES, 0, CHANNELS).toArray();
    double sum = 0;
    for (int n = 0; n < BATCH; n++) {
      for (int p = 0; p < PLACES; p++) {
        double[] probability = softmax(X.channelsAt(n, p), 1);
        for (int c = 0; c < CHANNELS; c++) {
          double wanted = smoothing / CHANNELS + (c == labels[n * PLACES + p] ? 1 - smoothing : 0);
          sum -= wanted * Math.log(probability[c]);
        }
      }
    }
    assertEquals(sum / (BATCH * PLACES),
        value(new Loss.CrossEntropy(smoothing), X.tensor(), Tensor.of(Shape.of(BATCH, PLACES), labels)), 1e-6);
  }

  @Test
  void crossEntropyWithClassesThatShareASample() {
    double sum = 0;
    float[] shares = new float[BATCH * CHANNELS * PLACES];
    Random random = new Random(4);
    for (int n = 0; n < BATCH; n++) {
      for (int p = 0; p < PLACES; p++) {
        double[] probability = softmax(X.channelsAt(n, p), 1);
        float share = random.nextFloat();
        int first = random.nextInt(CHANNELS);
        int second = random.nextInt(CHANNELS);
        shares[(n * CHANNELS + first) * PLACES + p] += share;
        shares[(n * CHANNELS + second) * PLACES + p] += 1 - share;
        sum -= share * Math.log(probability[first]) + (1 - share) * Math.log(probability[second]);
      }
    }
    assertEquals(sum / (BATCH * PLACES),
        value(Loss.SOFT_CROSS_ENTROPY, X.tensor(), Tensor.of(Shape.of(BATCH, CHANNELS, PLACES),
            IntStream.range(0, shares.length).mapToDouble(i -> shares[i]).toArray())),
        1e-6);
  }

  @Test
  void meanSquaredError() {
    double sum = 0;
    for (int i = 0; i < X.values.length; i++) sum += Math.pow(X.values[i] - Y.values[i], 2);
    assertEquals(sum / X.values.length, value(Loss.MEAN_SQUARED_ERROR, X.tensor(), Y.tensor()), 1e-12);
  }

  /** Of a mask {@code [batch, channels]} only what it weighs counts, whatever stands elsewhere; without any weight there is no loss. */
  @Test
  void placesMayBeLeftOut() {
    double[] mask = {1, 0, 0.5, 0, 1, 1};
    double squares = 0;
    double cosines = 0;
    double weights = 0;
    for (int n = 0; n < BATCH; n++) {
      for (int c = 0; c < CHANNELS; c++) {
        double weight = mask[(n * CHANNELS + c) % mask.length];
        double[] x = X.placesAt(n, c);
        double[] y = Y.placesAt(n, c);
        for (int p = 0; p < PLACES; p++) squares += weight * Math.pow(x[p] - y[p], 2) / PLACES;
        cosines += weight * cosine(x, y);
        weights += weight;
      }
    }
    double[] all = IntStream.range(0, BATCH * CHANNELS).mapToDouble(i -> mask[i % mask.length]).toArray();
    assertEquals(squares / weights, masked(Loss.MEAN_SQUARED_ERROR, all), 1e-12);
    assertEquals(1 - cosines / weights, masked(Loss.COSINE, all), 1e-12);
    assertEquals(0, masked(Loss.MEAN_SQUARED_ERROR, new double[all.length]));
  }

  /** Vectors of hidden states lie along the last axis: what a place left out holds does not matter. */
  @Test
  void cosineOfHiddenStatesLeavesPlacesOut() {
    double[] mask = new double[BATCH * CHANNELS];
    Arrays.fill(mask, 1);
    mask[0] = 0;
    double[] changed = X.values().clone();
    for (int p = 0; p < PLACES; p++) changed[p] = -50;
    assertEquals(masked(Loss.COSINE, mask), masked(Loss.COSINE, mask, new Cube(changed, CHANNELS)), 1e-12);
  }

  private static double masked(Loss loss, double[] weights) {
    return masked(loss, weights, X);
  }

  private static double masked(Loss loss, double[] weights, Cube x) {
    Model model = GraphText
        .parse("g (" + type(X.tensor()) + " y, " + type(Y.tensor()) + " target, double[" + BATCH + ","
            + CHANNELS + "] mask) => () { }");
    Graph graph = model.graph();
    graph.addOutput(loss.add(graph, graph.value("y"), graph.value("target"), graph.value("mask")));
    ShapeInference.of(graph).store();
    return Interpreter.run(graph, Map.of("y", x.tensor(), "target", Y.tensor(), "mask",
        Tensor.of(Shape.of(BATCH, CHANNELS), weights))).getLast().doubles()[0];
  }

  @Test
  void divergenceIsScaledByTheSquareOfTheTemperature() {
    double temperature = 2.5;
    double sum = 0;
    for (int n = 0; n < BATCH; n++) {
      for (int p = 0; p < PLACES; p++) {
        double[] model = softmax(X.channelsAt(n, p), temperature);
        double[] teacher = softmax(Y.channelsAt(n, p), temperature);
        for (int c = 0; c < CHANNELS; c++) sum += teacher[c] * Math.log(teacher[c] / model[c]);
      }
    }
    Loss loss = new Loss.Divergence(temperature);
    assertEquals(temperature * temperature * sum / (BATCH * PLACES), value(loss, X.tensor(), Y.tensor()), 1e-12);
    assertEquals(0, value(loss, X.tensor(), X.tensor()), 1e-12);
  }

  /** The teacher is so sure that the probabilities of the other classes are 0. */
  @Test
  void divergenceOfCertaintyIsANumber() {
    Tensor logits = Tensor.of(Shape.of(1, 2), 0d, 0d);
    assertEquals(Math.log(2), value(new Loss.Divergence(1), logits, Tensor.of(Shape.of(1, 2), 5000d, -5000d)), 1e-12);
  }

  @Test
  void cosineAlongAnAxis() {
    double alongPlaces = 0;
    double alongChannels = 0;
    for (int n = 0; n < BATCH; n++) {
      for (int c = 0; c < CHANNELS; c++) alongPlaces += 1 - cosine(X.placesAt(n, c), Y.placesAt(n, c));
      for (int p = 0; p < PLACES; p++) alongChannels += 1 - cosine(X.channelsAt(n, p), Y.channelsAt(n, p));
    }
    assertEquals(alongPlaces / (BATCH * CHANNELS), value(Loss.COSINE, X.tensor(), Y.tensor()), 1e-12);
    assertEquals(alongChannels / (BATCH * PLACES), value(new Loss.Cosine(1), X.tensor(), Y.tensor()), 1e-12);
  }

  @Test
  void attentionMapsOfDifferentChannels() {
    Cube teacher = Cube.random(4, 7);
    double sum = 0;
    for (int n = 0; n < BATCH; n++) {
      double[] mine = map(X, n);
      double[] other = map(teacher, n);
      for (int p = 0; p < PLACES; p++) sum += Math.pow(mine[p] - other[p], 2);
    }
    assertEquals(sum / BATCH, value(Loss.ATTENTION, X.tensor(), teacher.tensor()), 1e-12);
  }

  private static double[] map(Cube cube, int sample) {
    double[] map = new double[PLACES];
    for (int p = 0; p < PLACES; p++) {
      double[] channels = cube.channelsAt(sample, p);
      map[p] = dot(channels, channels) / cube.channels;
    }
    double length = Math.sqrt(dot(map, map));
    return Arrays.stream(map).map(v -> v / length).toArray();
  }

  @Test
  void zerosHaveALossAndFiniteGradients() {
    Cube zeros = new Cube(new double[X.values.length], CHANNELS);
    assertEquals(1, value(Loss.COSINE, zeros.tensor(), Y.tensor()));
    for (Loss loss : List.of(Loss.COSINE, Loss.ATTENTION)) {
      for (Tensor target : List.of(zeros.tensor(), Y.tensor())) {
        Graph graph = graph(loss, zeros.tensor(), target);
        Value y = graph.value("y");
        graph.addOutput(Backpropagation.of(graph, graph.outputs().getFirst(), List.of(y)).get(y));
        List<Tensor> found = Interpreter.run(graph, Map.of("y", zeros.tensor(), "target", target));
        for (Tensor tensor : found) {
          assertTrue(Arrays.stream(tensor.doubles()).allMatch(Double::isFinite), loss + " of zeros");
        }
      }
    }
  }

  @Test
  void whatALossDoesNotTakeIsSaid() {
    assertRefused("label smoothing: is 1.0, expected at least 0 and below 1", () -> new Loss.CrossEntropy(1));
    assertRefused("label smoothing: is NaN, expected at least 0 and below 1",
        () -> new Loss.CrossEntropy(Double.NaN));
    assertRefused("temperature: is 0.0, expected a number above 0", () -> new Loss.Divergence(0));
    assertRefused("temperature: is Infinity, expected a number above 0",
        () -> new Loss.Divergence(Double.POSITIVE_INFINITY));
  }

  private static void assertRefused(String message, Runnable made) {
    assertEquals(message, assertThrows(InvalidInputException.class, made::run).getMessage());
  }
}
