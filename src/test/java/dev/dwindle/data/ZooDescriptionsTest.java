package dev.dwindle.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The descriptions of the zoo's models. The sums were computed from arrays that the zoo's evaluate.py (with Pillow 12)
 * hands to a model: element i counts 1 + i mod 97 times.
 */
@Tag("zoo")
class ZooDescriptionsTest {
  private static final Path FOLDER = Path.of("benchmarks/zoo");

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      lenet300-100_mnist   | 1000 | 5000 | 5 | input     | 1x1x28x28   | 3   | 3827.427492272109
      lenet5_mnist         | 1000 | 5000 | 5 | input     | 1x1x28x28   | 3   | 3827.427492272109
      mnist_cntk           | 1000 | 5000 | 5 | Input3    | 1x1x28x28   | 3   | 975994
      resnet20_cifar10     | 1000 | 3000 | 5 | input     | 1x3x32x32   | 5   | -29611.71825705329
      resnet20_bn_cifar10  | 1000 | 3000 | 5 | input     | 1x3x32x32   | 5   | -29611.71825705329
      resnet8_cifar10      | 1000 | 3000 | 5 | input     | 1x3x32x32   | 5   | 15395187
      vgg_small_cifar10    | 1000 | 3000 | 5 | input     | 1x3x32x32   | 5   | -40539.30604814459
      mobilenet_v1_025_224 | 200  | 800  | 5 | input     | 1x3x224x224 | 7   | -1164390.8238878022
      nanodet_m_320        | 200  | 120  | 5 | input.1   | 1x3x320x320 | 14  | 8628255.385778055
      ultraface_rfb320     | 200  | 12   | 5 | input     | 1x3x240x320 |     | 4436075.7265625
      silero_vad_16k       | 625  | 3125 | 5 | input     | 1x576       | 0   | -0.988677978515625
      stories260k          | 32   | 28   | 5 | ids       | 1x256       | 256 | 4180304
      minilm_l6            | 1000 | 3000 | 5 | input_ids | 1x12        | 5   | 244606
      """)
  void samplesAreThoseOfTheJudge(
      String name, long calibration, long evaluation, int index, String input, String shape, Integer label,
      double sum) {
    DataSet data = DataSet.read(FOLDER.resolve(name + ".yaml"));
    assertEquals(calibration, data.calibration().count());
    assertEquals(evaluation, data.evaluation().count());
    Sample sample = sample(data.evaluation(), index);
    Tensor tensor = sample.inputs().get(input);
    assertEquals(shape.replace('x', ','), tensor.shape().toString().replaceAll("[\\[\\]]", ""));
    double[] values = Cast.doubles(tensor);
    double found = 0;
    double magnitude = 0;
    for (int i = 0; i < values.length; i++) {
      found += values[i] * (1 + i % 97);
      magnitude += 1 + i % 97;
    }
    assertEquals(sum, found, 1e-7 * magnitude);
    assertEquals(label, answer(sample));
    try (Stream<Sample> all = data.calibration().stream()) {
      assertEquals(sample.inputs().keySet(), all.findFirst().orElseThrow().inputs().keySet());
    }
  }

  /** A single answer as it is, of several how many there are. */
  private static Integer answer(Sample sample) {
    return sample.label() == null ? null
        : sample.label().size() > 1 ? Integer.valueOf((int) sample.label().size())
            : Integer.valueOf((int) Cast.doubles(sample.label())[0]);
  }

  private static Sample sample(Samples samples, int index) {
    try (Stream<Sample> all = samples.stream()) {
      return all.skip(index).findFirst().orElseThrow();
    }
  }

  @Test
  void aPairOfSentencesIsRunTwiceAtItsOwnLengths() {
    DataSet data = DataSet.read(FOLDER.resolve("minilm_l6.yaml"));
    List<Sample> pair = List.of(sample(data.evaluation(), 6), sample(data.evaluation(), 7));
    for (Sample one : pair) {
      Shape shape = one.inputs().get("input_ids").shape();
      assertEquals(Tensor.of(shape, ones(shape)).toString(), one.inputs().get("attention_mask").toString());
      assertTrue(Tensor.of(shape, ones(shape)).contentEquals(one.inputs().get("attention_mask")));
      assertTrue(Tensor.of(shape, new long[shape.intSize()]).contentEquals(one.inputs().get("token_type_ids")));
      assertEquals(101, one.inputs().get("input_ids").longs()[0]);
      assertEquals(102, one.inputs().get("input_ids").longs()[shape.intSize() - 1]);
    }
    assertEquals(pair.get(0).label().floats()[0], pair.get(1).label().floats()[0]);
    assertEquals(List.of(new MetricSpec.Spearman(0, "attention_mask")), data.metrics());
  }

  private static long[] ones(Shape shape) {
    long[] ones = new long[shape.intSize()];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void aWindowOfSpeechBeginsWithTheEndOfTheOneBefore() {
    DataSet data = DataSet.read(FOLDER.resolve("silero_vad_16k.yaml"));
    Sample before = sample(data.evaluation(), 100);
    Sample window = sample(data.evaluation(), 101);
    float[] last = before.inputs().get("input").floats();
    float[] now = window.inputs().get("input").floats();
    for (int i = 0; i < 64; i++) {
      assertEquals(last[512 + i], now[i]);
    }
    assertTrue(sample(data.evaluation(), 0).first());
    assertFalse(window.first());
    assertTrue(Tensor.scalar(16000L).contentEquals(window.inputs().get("sr")));
    assertEquals(Shape.of(2, 1, 128), window.inputs().get("state").shape());
    assertEquals(Map.of("stateN", "state"), data.evaluation().carried());
  }

  @Test
  void everyModelHasADescription() throws IOException {
    try (Stream<Path> models = Files.list(Path.of(System.getProperty("dwindle.zoo"), "models"))) {
      models.map(m -> m.getFileName().toString().replaceFirst("\\.\\w+$", ""))
          .forEach(name -> assertTrue(Files.exists(FOLDER.resolve(name + ".yaml")), name));
    }
  }
}
