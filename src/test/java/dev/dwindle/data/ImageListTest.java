package dev.dwindle.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Image files by folder, by class and by table, and what is done to an image. */
class ImageListTest {
  @TempDir
  Path folder;

  @BeforeEach
  void images() throws IOException {
    write("red/1.png", BufferedImage.TYPE_INT_RGB, 0xff0000);
    write("red/2.png", BufferedImage.TYPE_INT_ARGB, 0x80ff0102);
    write("blue/1.png", BufferedImage.TYPE_INT_RGB, 0x0000ff);
    write("grey.png", BufferedImage.TYPE_BYTE_GRAY, 0x777777);
    Files.writeString(folder.resolve("red/notes.txt"), "no image");
  }

  /** A 4 x 3 image of one colour, but for a white pixel at column 2, row 1. */
  private void write(String name, int type, int colour) throws IOException {
    BufferedImage image = new BufferedImage(4, 3, type);
    for (int i = 0; i < 12; i++) {
      image.setRGB(i % 4, i / 4, colour);
      if (type == BufferedImage.TYPE_BYTE_GRAY) {
        // setRGB converts to linear grey.
        image.getRaster().setSample(i % 4, i / 4, 0, colour & 0xff);
      }
    }
    image.setRGB(2, 1, 0xffffffff);
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  private List<Sample> samples(String yaml) throws IOException {
    DataSet data = DataSet.read(Files.writeString(folder.resolve("d.yaml"), yaml));
    try (Stream<Sample> samples = data.evaluation().stream()) {
      return samples.toList();
    }
  }

  private static List<Long> labels(List<Sample> samples) {
    return samples.stream().map(s -> s.label().longs()[0]).toList();
  }

  @Test
  void foldersAreClassesInOrderOfTheirNames() throws IOException {
    assertEquals(List.of(0L, 1L, 1L), labels(samples("{evaluation: {folders: .}, inputs: {i: {}}}")));
    assertEquals(List.of(2L, 0L, 0L),
        labels(samples("{classes: [red, green, blue], evaluation: {folders: .}, inputs: {i: {}}}")));
    String message = assertThrows(InvalidInputException.class,
        () -> samples("{classes: [red], evaluation: {folders: .}, inputs: {i: {}}}")).getMessage();
    assertTrue(message.contains("blue, expected a name among the 1 classes"), message);
  }

  @Test
  void alphaIsDroppedAndPlanesAreRgb() throws IOException {
    Tensor second = samples("{evaluation: {folders: .}, inputs: {i: {dtype: uint8}}}").get(2).inputs().get("i");
    assertEquals(Shape.of(1, 3, 3, 4), second.shape());
    assertArrayEquals(new byte[] {-1, 1, 2}, new byte[] {second.bytes()[0], second.bytes()[12], second.bytes()[24]});
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      {crop: {height: 1, width: 1}}                               | float[1,3,1,1] | 255 0 0
      {crop: {height: 1, width: 2}, layout: NHWC}                 | float[1,1,2,3] | 255 0 0 255 255 255
      {crop: {height: 1, width: 1}, channels: bgr}                | float[1,3,1,1] | 0 0 255
      {crop: {height: 1, width: 1}, channels: gray}               | float[1,1,1,1] | 76
      {resize: {short: 1, filter: nearest}, dtype: float32}       | float[1,3,1,1] | 255 255 255
      {crop: {height: 1, width: 1}, scale: 1/255, mean: [1, 0, 0], std: [1, 1, 0.5]} | float[1,3,1,1] | 0 0 0
      """)
  void imagesAreResizedCroppedRecolouredScaledAndLaidOut(String rule, String type, String expected) throws IOException {
    Tensor tensor = samples(
        "{evaluation: {folders: .}, inputs: {i: " + rule.replace("short: 1,", "height: 1, width: 1,") + "}}")
        .get(1).inputs().get("i");
    assertEquals(type, tensor.toString());
    StringBuilder found = new StringBuilder();
    for (float value : tensor.floats()) {
      found.append((int) value).append(' ');
    }
    assertEquals(expected, found.toString().strip());
  }

  @Test
  void theShorterSideDecidesTheSize() throws IOException {
    Tensor tensor = samples("{evaluation: {images: .}, inputs: {i: {resize: {short: 6}}}}").getFirst().inputs()
        .get("i");
    assertEquals(Shape.of(1, 3, 6, 8), tensor.shape());
    assertEquals(0x77, (int) tensor.floats()[0]);
  }

  @Test
  void aTableNamesFilesLabelsAndSplits() throws IOException {
    Files.writeString(folder.resolve("t.csv"), "name,class,part\nred/1.png,7,eval\n\"blue/1.png\",5,calib\n");
    String csv = "{inputs: {i: {}}, evaluation: {csv: {file: t.csv, path: name, label: class, where: {part: calib}}}}";
    assertEquals(List.of(5L), labels(samples(csv)));
    Files.writeString(folder.resolve("t.csv"), "name,class,part\nred/9.png,7,calib\n");
    String message = assertThrows(InvalidInputException.class, () -> samples(csv)).getMessage();
    assertTrue(message.contains("t.csv:2: found no file"), message);
    Files.writeString(folder.resolve("t.csv"), "name,class,part\nred/1.png,7\n");
    message = assertThrows(InvalidInputException.class, () -> samples(csv)).getMessage();
    assertTrue(message.contains("t.csv:2: found 2 values, expected 3"), message);
    Files.writeString(folder.resolve("t.csv"), "name,kind,part\nred/1.png,7,calib\n");
    message = assertThrows(InvalidInputException.class, () -> samples(csv)).getMessage();
    assertTrue(message.contains("d.yaml:1: found columns [name, kind, part]"), message);
  }

  @Test
  void labelsInATableMayBeNamesOfClassesOrNumbers() throws IOException {
    Files.writeString(folder.resolve("t.tsv"), "file\tlabel\nred/1.png\tblue\nblue/1.png\tred\n");
    assertEquals(List.of(1L, 0L),
        labels(samples("{classes: [red, blue], inputs: {i: {}}, evaluation: {csv: {file: t.tsv}}}")));
    Files.writeString(folder.resolve("t.csv"), "file,label\nred/1.png,0.5\nblue/1.png,1\n");
    assertArrayEquals(new float[] {1},
        samples("{inputs: {i: {}}, evaluation: {csv: {file: t.csv}}}").get(1).label().floats());
  }

  @Test
  void damagedImagesAreToldInOneLine() throws IOException {
    byte[] png = Files.readAllBytes(folder.resolve("grey.png"));
    Path file = folder.resolve("grey.png");
    Files.write(file, Arrays.copyOf(png, 40));
    String message = assertThrows(InvalidInputException.class, () -> ImageFile.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": cannot be read"), message);
    Files.writeString(file, "no image at all");
    message = assertThrows(InvalidInputException.class, () -> ImageFile.read(file)).getMessage();
    assertEquals(file + ": found no image, expected PNG, JPEG, BMP or GIF", message);
    png[16] = 0x7f;
    Files.write(file, png);
    message = assertThrows(InvalidInputException.class, () -> ImageFile.read(file)).getMessage();
    assertTrue(message.contains("expected at most 100000000 pixels"), message);
  }
}
