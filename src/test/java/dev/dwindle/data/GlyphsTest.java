package dev.dwindle.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The sample of the quickstart, as its description tells it. */
class GlyphsTest {
  private static final Path SAMPLE = Path.of("src/main/resources/dev/dwindle/sample/glyphs.yaml");

  @Test
  void everySampleIsAnImageInZeroToOneWithAClass() {
    DataSet glyphs = DataSet.read(SAMPLE);
    assertEquals(256, glyphs.calibration().count());
    assertEquals(1200, glyphs.evaluation().count());
    int[] perClass = new int[glyphs.classes().size()];
    try (Stream<Sample> samples = glyphs.evaluation().stream()) {
      samples.forEach(sample -> {
        Tensor image = sample.inputs().get("image");
        assertEquals(Shape.of(1, 1, 24, 24), image.shape());
        for (float value : image.floats()) {
          assertTrue(value >= 0 && value <= 1);
        }
        perClass[(int) sample.label().longs()[0]]++;
      });
    }
    for (int count : perClass) {
      assertEquals(60, count);
    }
  }
}
