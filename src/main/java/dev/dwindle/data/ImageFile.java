package dev.dwindle.data;

import dev.dwindle.data.Field.Pixels;
import dev.dwindle.tensor.InvalidInputException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;

/** A PNG, JPEG, BMP or GIF file as RGB bytes: the stored values, without colour management, alpha dropped. */
final class ImageFile {
  private static final Set<String> SUFFIXES = Set.of("png", "jpg", "jpeg", "bmp", "gif");
  private static final long MOST_PIXELS = 100_000_000;

  private ImageFile() {}

  static boolean isNamedLikeOne(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1));
  }

  static Pixels read(Path file) {
    try (FileImageInputStream in = new FileImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new InvalidInputException(file + ": found no image, expected PNG, JPEG, BMP or GIF");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MOST_PIXELS) {
          throw new InvalidInputException(
              file + ": found an image of " + reader.getWidth(0) + "x" + reader.getHeight(0) + ", expected at most "
                  + MOST_PIXELS + " pixels");
        }
        return rgb(reader.read(0));
      } finally {
        reader.dispose();
      }
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // Damaged files end in any of these inside the decoders.
      throw Places.unreadable(file, e);
    }
  }

  private static Pixels rgb(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    Raster raster = image.getRaster();
    // getRGB would convert grey and tagged images to the sRGB colour space.
    boolean plain = raster.getDataBuffer().getDataType() == DataBuffer.TYPE_BYTE
        && !(image.getColorModel() instanceof IndexColorModel) && raster.getSampleModel().getSampleSize(0) == 8;
    int bands = raster.getNumBands();
    int[] row = plain ? new int[width * bands] : new int[width];
    for (int y = 0; y < height; y++) {
      if (plain) {
        raster.getPixels(0, y, width, 1, row);
      } else {
        image.getRGB(0, y, width, 1, row, 0, width);
      }
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          int value = plain ? row[x * bands + (bands < 3 ? 0 : c)] : row[x] >> 16 - 8 * c;
          rgb[3 * (y * width + x) + c] = (byte) value;
        }
      }
    }
    return new Pixels(height, width, 3, rgb);
  }
}
