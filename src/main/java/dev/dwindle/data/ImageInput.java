package dev.dwindle.data;

import dev.dwindle.data.Field.Pixels;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An input that is an image: resized, cut from the middle, its channels chosen, scaled, laid out, in this order.
 *
 * @param from the field
 * @param resize the new size, or null
 * @param crop the size to cut, or null
 * @param channels {@code rgb}, {@code bgr}, {@code gray}, or null for as they are
 * @param scaling of each number
 * @param nchw whether planes follow each other (else pixels)
 * @param dtype element type
 */
record ImageInput(
    String from, Size resize, Size crop, String channels, Scaling scaling, boolean nchw,
    DType dtype) implements InputRule {
  static final Set<String> OWN_KEYS = Set.of("resize", "crop", "channels", "layout");
  private static final int LARGEST_SIDE = 1 << 14;

  /**
   * A size in pixels.
   *
   * @param height 0 where only the shorter side is given, as width
   * @param width the width
   * @param filter how to resize
   */
  record Size(int height, int width, Resampling filter) {
    static Size read(Yaml yaml, boolean resizes) {
      if (yaml.isScalar()) {
        int side = side(yaml);
        return new Size(side, side, Resampling.BICUBIC);
      }
      Set<String> known = resizes ? Set.of("height", "width", "short", "filter") : Set.of("height", "width");
      Map<String, Yaml> keys = yaml.mapping(known);
      Resampling filter = Resampling.BICUBIC;
      if (keys.containsKey("filter")) {
        List<String> names = Arrays.stream(Resampling.values()).map(Resampling::text).toList();
        filter = Resampling.values()[names.indexOf(keys.get("filter").word(names))];
      }
      Set<String> sides = new HashSet<>(keys.keySet());
      sides.remove("filter");
      if (sides.equals(Set.of("short"))) {
        return new Size(0, side(keys.get("short")), filter);
      }
      if (!sides.equals(Set.of("height", "width"))) {
        throw yaml.error("found " + keys.keySet() + ", expected height and width" + (resizes ? ", or short" : ""));
      }
      return new Size(side(keys.get("height")), side(keys.get("width")), filter);
    }

    private static int side(Yaml yaml) {
      long side = yaml.whole();
      if (side < 1 || side > LARGEST_SIDE) {
        throw yaml.error("found " + side + ", expected 1 to " + LARGEST_SIDE + " pixels");
      }
      return (int) side;
    }
  }

  static ImageInput read(String from, Map<String, Yaml> keys) {
    return new ImageInput(
        from, keys.containsKey("resize") ? Size.read(keys.get("resize"), true) : null,
        keys.containsKey("crop") ? Size.read(keys.get("crop"), false) : null,
        keys.containsKey("channels") ? keys.get("channels").word(List.of("rgb", "bgr", "gray")) : null,
        Scaling.read(keys),
        !keys.containsKey("layout") || keys.get("layout").word(List.of("NCHW", "NHWC")).equals("NCHW"),
        keys.containsKey("dtype") ? Cast.dtype(keys.get("dtype")) : DType.FLOAT);
  }

  @Override
  public Set<String> fields() {
    return Set.of(from);
  }

  @Override
  public Tensor make(Row row) {
    Pixels image = recolour(row.field(from).pixels(row.where()));
    if (resize != null) {
      image = resized(image, row);
    }
    if (crop != null) {
      image = cropped(image, row);
    }
    if (scaling.channels() > 1 && scaling.channels() != image.channels()) {
      throw new InvalidInputException(
          row.where() + ": found " + image.channels() + " channels, expected " + scaling.channels()
              + " as in mean and std");
    }
    return laidOut(image, row);
  }

  /** Grey as Pillow weighs it: ITU-R BT.601 in 16-bit fixed point. */
  private Pixels recolour(Pixels p) {
    if (channels == null || channels.equals("gray") == (p.channels() == 1) && !channels.equals("bgr")) {
      return p;
    }
    int wanted = channels.equals("gray") ? 1 : 3;
    byte[] out = new byte[p.height() * p.width() * wanted];
    for (int i = 0; i < p.height() * p.width(); i++) {
      for (int c = 0; c < wanted; c++) {
        int value;
        if (p.channels() == 1) {
          value = p.bytes()[i];
        } else if (wanted == 3) {
          value = p.bytes()[3 * i + 2 - c];
        } else {
          value = (19595 * (p.bytes()[3 * i] & 0xff) + 38470 * (p.bytes()[3 * i + 1] & 0xff)
              + 7471 * (p.bytes()[3 * i + 2] & 0xff) + 0x8000) >> 16;
        }
        out[i * wanted + c] = (byte) value;
      }
    }
    return new Pixels(p.height(), p.width(), wanted, out);
  }

  private Pixels resized(Pixels image, Row row) {
    if (resize.height() > 0) {
      return resize.filter().resize(image, resize.height(), resize.width());
    }
    int side = resize.width();
    long longer = (long) side * Math.max(image.height(), image.width()) / Math.min(image.height(), image.width());
    if (longer > LARGEST_SIDE) {
      throw new InvalidInputException(
          row.where() + ": found " + image.width() + "x" + image.height() + ", whose longer side would become " + longer
              + ", expected at most " + LARGEST_SIDE);
    }
    boolean tall = image.height() > image.width();
    return resize.filter().resize(image, tall ? (int) longer : side, tall ? side : (int) longer);
  }

  private Pixels cropped(Pixels p, Row row) {
    int top = (p.height() - crop.height()) / 2;
    int left = (p.width() - crop.width()) / 2;
    if (p.height() < crop.height() || p.width() < crop.width()) {
      throw new InvalidInputException(
          row.where() + ": found " + p.width() + "x" + p.height() + ", expected at least the crop of " + crop.width()
              + "x"
              + crop.height() + "; resize before");
    }
    byte[] out = new byte[crop.height() * crop.width() * p.channels()];
    int line = crop.width() * p.channels();
    for (int y = 0; y < crop.height(); y++) {
      System.arraycopy(p.bytes(), ((top + y) * p.width() + left) * p.channels(), out, y * line, line);
    }
    return new Pixels(crop.height(), crop.width(), p.channels(), out);
  }

  private Tensor laidOut(Pixels p, Row row) {
    int channels = p.channels();
    int area = p.height() * p.width();
    Shape shape = nchw ? Shape.of(1, channels, p.height(), p.width()) : Shape.of(1, p.height(), p.width(), channels);
    if (dtype == DType.FLOAT) {
      float[] values = new float[area * channels];
      for (int c = 0; c < channels; c++) {
        look(p.bytes(), c, channels, floats(c), values, nchw ? c * area : c, nchw ? 1 : channels);
      }
      return Tensor.of(shape, values);
    }
    double[] values = new double[area * channels];
    for (int i = 0; i < values.length; i++) {
      int channel = nchw ? i / area : i % channels;
      int pixel = nchw ? i % area : i / channels;
      values[i] = scaling.apply(p.bytes()[pixel * channels + channel] & 0xff, channel);
    }
    return Cast.tensor(dtype, shape, values, row.where());
  }

  /** What each byte of a channel becomes. */
  private float[] floats(int channel) {
    float[] table = new float[256];
    for (int i = 0; i < table.length; i++) {
      table[i] = (float) scaling.apply(i, channel);
    }
    return table;
  }

  /** Looks every {@code channels}-th byte up; one plain loop, because a short job runs it before it is compiled. */
  private static void look(byte[] bytes, int from, int channels, float[] table, float[] out, int to, int step) {
    for (int i = from, o = to; i < bytes.length; i += channels, o += step) {
      out[o] = table[bytes[i] & 0xff];
    }
  }
}
