package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;
import java.util.Arrays;

/** Codes a block: at most {@link #MOST_BYTES} of one tensor, or of the rest of the file, by themselves. */
final class BlockCodec {
  static final int MOST_BYTES = 1 << 20;

  private static final int RAW = 0;
  private static final int PLANES = 1;
  private static final int SPARSE = 2;
  private static final int PALETTE = 3;
  private static final int TEXT = 4;
  private static final int MOST_ENTRIES = 4096;

  private static final byte[] NOTHING = {};

  private BlockCodec() {}

  /** The block, coded; never more than a byte longer than the block. */
  static byte[] write(byte[] raw, Layout layout, Preset preset) {
    Bytes out = new Bytes(raw.length + 64);
    if (layout.bits() == 4) {
      out.put(PLANES);
      PlaneCodec.write(nibbles(raw, layout), nibblePlane(layout), preset, out);
    } else {
      Keys keys = Keys.of(raw, layout);
      writeKeys(keys, layout, preset, out);
      int whole = keys.count() * layout.width();
      out.put(raw, whole, raw.length - whole);
    }
    return out.size() <= raw.length ? out.toArray() : stored(raw);
  }

  /** Bytes of any kind, coded; a decoder has the dictionary, too. */
  static byte[] writeText(byte[] raw, byte[] dictionary) {
    byte[] coded = ByteModel.write(raw, dictionary);
    if (coded.length >= raw.length) return stored(raw);
    Bytes out = new Bytes(coded.length + 1);
    out.put(TEXT);
    out.put(coded);
    return out.toArray();
  }

  /** A block as it is. */
  static byte[] stored(byte[] raw) {
    Bytes out = new Bytes(raw.length + 1);
    out.put(RAW);
    out.put(raw);
    return out.toArray();
  }

  private static void writeKeys(Keys keys, Layout layout, Preset preset, Bytes out) {
    int n = keys.count();
    boolean several = layout.width() == 2 || layout.width() == 4;
    Palette palette = !several ? null
        : Palette.of(keys, preset == Preset.FAST ? 256 : Math.min(MOST_ENTRIES, Math.max(16, n / 2)));
    if (palette != null && palette.keys().length >= 2 && pays(palette, keys)) {
      out.put(PALETTE);
      writePalette(palette, layout, preset, out);
      return;
    }
    int zeros = several && mayBeSparse(keys) ? keys.zeros(1) : 0;
    if (zeros > n / 16 && zeros < n) {
      out.put(SPARSE);
      writeSparse(keys, zeros, layout, preset, out);
    } else {
      out.put(PLANES);
      writePlanes(keys, layout, layout.neighbours(), preset, out);
    }
  }

  /** Whether, by a sample, a 32nd of the elements is zero. */
  private static boolean mayBeSparse(Keys keys) {
    int every = Math.max(1, keys.count() / 1024);
    return keys.zeros(every) > keys.count() / every / 32;
  }

  /** Whether a palette takes less than planes where each symbol stands by itself. */
  private static boolean pays(Palette palette, Keys keys) {
    int n = keys.count();
    int entries = palette.keys().length;
    double indices = PlaneCodec.bits(PlaneCodec.counts(palette.indices(), entries), n);
    double planes = 0;
    for (int p = 0; p < keys.width(); p++) planes += PlaneCodec.bits(PlaneCodec.counts(keys.plane(p), 1), n);
    return indices + 8.0 * keys.width() * entries < planes;
  }

  private static void writePalette(Palette palette, Layout layout, Preset preset, Bytes out) {
    int entries = palette.keys().length;
    out.putVarint(entries);
    Palette.write(palette.keys(), out);
    if (entries > 256) {
      PlaneCodec.writeWide(palette.indices(), indexPlane(entries, layout), out);
    } else {
      PlaneCodec.write(PlaneCodec.narrowed(palette.indices()), indexPlane(entries, layout), preset, out);
    }
  }

  private static void writeSparse(Keys keys, int zeros, Layout layout, Preset preset, Bytes out) {
    int n = keys.count();
    byte[] mask = new byte[n];
    Keys others = Keys.in((n - zeros) * keys.width(), keys.width());
    for (int i = 0, to = 0; i < n; i++) {
      int key = keys.at(i);
      if (key == 0) continue;
      mask[i] = 1;
      others.put(to++, key);
    }
    PlaneCodec.write(mask, maskPlane(layout), preset, out);
    writePlanes(others, layout, Neighbours.NONE, preset, out);
  }

  private static void writePlanes(Keys keys, Layout layout, Neighbours neighbours, Preset preset, Bytes out) {
    for (int p = 0; p < keys.width(); p++) {
      PlaneCodec.write(keys.plane(p), bytePlane(layout, p, neighbours), preset, out);
    }
  }

  private static PlaneCodec.Plane bytePlane(Layout layout, int p, Neighbours neighbours) {
    boolean exponent = layout.order() == Layout.Order.FLOATING && p == 0 && layout.width() > 1 && layout.width() < 8;
    Magnitudes magnitudes = !exponent ? Magnitudes.DISTANCE
        : layout.eighths() ? Magnitudes.EIGHTHS : Magnitudes.OCTAVES;
    return new PlaneCodec.Plane(256, neighbours, magnitudes, -1);
  }

  private static PlaneCodec.Plane indexPlane(int entries, Layout layout) {
    return new PlaneCodec.Plane(entries, layout.neighbours(), Magnitudes.DISTANCE, 0);
  }

  private static PlaneCodec.Plane maskPlane(Layout layout) {
    return new PlaneCodec.Plane(2, layout.neighbours(), Magnitudes.DISTANCE, 0);
  }

  private static PlaneCodec.Plane nibblePlane(Layout layout) {
    return new PlaneCodec.Plane(16, layout.neighbours(), Magnitudes.DISTANCE, -1);
  }

  /** The two elements of each byte, the lower half first; signed ones ascend. */
  private static byte[] nibbles(byte[] raw, Layout layout) {
    int flip = layout.order() == Layout.Order.SIGNED ? 0x88 : 0;
    byte[] nibbles = new byte[2 * raw.length];
    for (int i = 0; i < raw.length; i++) {
      int b = raw[i] & 0xff ^ flip;
      nibbles[2 * i] = (byte) (b & 15);
      nibbles[2 * i + 1] = (byte) (b >>> 4);
    }
    return nibbles;
  }

  /**
   * The bytes of a block.
   *
   * @param bytes how many there are, at most {@link #MOST_BYTES}
   */
  static byte[] read(byte[] packed, int bytes, Layout layout, byte[] dictionary) {
    Reading in = new Reading(packed);
    int way = in.get();
    byte[] raw = switch (way) {
      case RAW -> in.get(bytes);
      case TEXT -> ByteModel.read(in.get(in.left()), bytes, dictionary);
      case PLANES, SPARSE, PALETTE -> readElements(in, way, layout, bytes);
      default -> throw new InvalidInputException("found kind of block " + way + ", expected 0 to 4");
    };
    in.requireEnd();
    return raw;
  }

  static byte[] read(byte[] packed, int bytes, Layout layout) {
    return read(packed, bytes, layout, NOTHING);
  }

  private static byte[] readElements(Reading in, int way, Layout layout, int bytes) {
    if (way != PLANES && (layout.bits() == 4 || layout.width() == 8)) {
      throw new InvalidInputException("found kind of block " + way + ", expected " + PLANES);
    }
    if (layout.bits() == 4) return readNibbles(in, layout, bytes);
    Keys keys = Keys.in(bytes, layout.width());
    switch (way) {
      case SPARSE -> readSparse(in, keys, layout);
      case PALETTE -> readPalette(in, keys, layout);
      default -> readPlanes(in, keys, layout, layout.neighbours());
    }
    keys.restore(layout);
    int whole = keys.count() * layout.width();
    in.copyTo(keys.bytes(), whole, bytes - whole);
    return keys.bytes().length == bytes ? keys.bytes() : Arrays.copyOf(keys.bytes(), bytes);
  }

  private static byte[] readNibbles(Reading in, Layout layout, int bytes) {
    byte[] nibbles = PlaneCodec.read(in, 2 * bytes, nibblePlane(layout));
    int flip = layout.order() == Layout.Order.SIGNED ? 0x88 : 0;
    byte[] raw = new byte[bytes];
    for (int i = 0; i < bytes; i++) raw[i] = (byte) ((nibbles[2 * i] | nibbles[2 * i + 1] << 4) ^ flip);
    return raw;
  }

  private static void readPlanes(Reading in, Keys keys, Layout layout, Neighbours neighbours) {
    byte[][] planes = new byte[keys.width()][];
    for (int p = 0; p < planes.length; p++) {
      planes[p] = PlaneCodec.read(in, keys.count(), bytePlane(layout, p, neighbours));
    }
    keys.join(planes);
  }

  private static void readSparse(Reading in, Keys keys, Layout layout) {
    byte[] mask = PlaneCodec.read(in, keys.count(), maskPlane(layout));
    int count = 0;
    for (byte m : mask) count += m;
    Keys others = Keys.in(count * keys.width(), keys.width());
    readPlanes(in, others, layout, Neighbours.NONE);
    for (int i = 0, from = 0; i < mask.length; i++) if (mask[i] != 0) keys.put(i, others.at(from++));
  }

  private static void readPalette(Reading in, Keys keys, Layout layout) {
    int[] entries = Palette.read(in, (int) in.varint("entries", 2, MOST_ENTRIES));
    PlaneCodec.Plane plane = indexPlane(entries.length, layout);
    if (entries.length > 256) {
      char[] indices = PlaneCodec.readWide(in, keys.count(), plane);
      for (int i = 0; i < indices.length; i++) keys.put(i, entries[indices[i]]);
    } else {
      byte[] indices = PlaneCodec.read(in, keys.count(), plane);
      for (int i = 0; i < indices.length; i++) keys.put(i, entries[indices[i] & 0xff]);
    }
  }
}
