package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;

/** Codes a block: at most {@link #MOST_BYTES} of one tensor, or of the rest of the file, by themselves. */
final class BlockCodec {
  static final int MOST_BYTES = 1 << 20;

  private static final int RAW = 0;
  private static final int PLANES = 1;
  private static final int SPARSE = 2;
  private static final int PALETTE = 3;
  private static final int TEXT = 4;
  private static final int MOST_ENTRIES = 4096;
  private static final int SAMPLE = 8192;

  private static final byte[] NOTHING = {};

  private BlockCodec() {}

  /** The block, coded; never more than a byte longer than the block. */
  static byte[] write(byte[] raw, Layout layout, Preset preset) {
    Bytes out = new Bytes(raw.length / 2);
    if (layout.bits() == 4) {
      out.put(PLANES);
      PlaneCodec.write(nibbles(raw, layout), 2 * raw.length, nibblePlane(layout), preset, out);
    } else if (layout.width() == 8) {
      out.put(PLANES);
      writeWide(raw, layout, preset, out);
    } else {
      int[] keys = Keys.of(raw, layout);
      writeKeys(keys, layout, preset, out);
      int whole = keys.length * layout.width();
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

  private static void writeKeys(int[] keys, Layout layout, Preset preset, Bytes out) {
    int n = keys.length;
    Palette palette = layout.width() == 1 ? null
        : Palette.of(keys, preset == Preset.FAST ? 256 : Math.min(MOST_ENTRIES, Math.max(16, n / 2)));
    if (palette != null && palette.keys().length >= 2 && pays(palette, keys, layout)) {
      out.put(PALETTE);
      out.putVarint(palette.keys().length);
      Palette.write(palette.keys(), out);
      PlaneCodec.write(palette.indices(), n, indexPlane(palette.keys().length, layout), preset, out);
      return;
    }
    int zeros = 0;
    for (int key : keys) if (key == 0) zeros++;
    if (layout.width() > 1 && zeros > n / 16 && zeros < n) {
      out.put(SPARSE);
      writeSparse(keys, zeros, layout, preset, out);
    } else {
      out.put(PLANES);
      writePlanes(keys, layout, layout.neighbours(), preset, out);
    }
  }

  /** Whether a palette takes less than planes where each symbol stands by itself. */
  private static boolean pays(Palette palette, int[] keys, Layout layout) {
    int n = keys.length;
    int entries = palette.keys().length;
    double indices = PlaneCodec.bits(PlaneCodec.counts(palette.indices(), n, entries), n);
    double planes = 0;
    for (int p = 0; p < layout.width(); p++) {
      planes += PlaneCodec.bits(PlaneCodec.counts(plane(keys, layout, p), n, 256), n);
    }
    return indices + 8.0 * layout.width() * entries < planes;
  }

  private static void writeSparse(int[] keys, int zeros, Layout layout, Preset preset, Bytes out) {
    char[] mask = new char[keys.length];
    int[] others = new int[keys.length - zeros];
    for (int i = 0, at = 0; i < keys.length; i++) {
      if (keys[i] == 0) continue;
      mask[i] = 1;
      others[at++] = keys[i];
    }
    PlaneCodec.write(mask, mask.length, maskPlane(layout), preset, out);
    writePlanes(others, layout, Neighbours.NONE, preset, out);
  }

  private static void writePlanes(int[] keys, Layout layout, Neighbours neighbours, Preset preset, Bytes out) {
    for (int p = 0; p < layout.width(); p++) {
      if (looksRandom(keys, layout, p)) {
        PlaneCodec.writeRaw(lowBytes(keys, 8 * (layout.width() - 1 - p)), out);
      } else {
        PlaneCodec.write(plane(keys, layout, p), keys.length, bytePlane(layout, p, neighbours), preset, out);
      }
    }
  }

  /** Whether, by a sample, coding a byte of the keys would win nothing. */
  private static boolean looksRandom(int[] keys, Layout layout, int p) {
    int step = keys.length / SAMPLE;
    if (step == 0) return false;
    int shift = 8 * (layout.width() - 1 - p);
    int[] counts = new int[256];
    int taken = 0;
    for (int i = 0; i < keys.length; i += step, taken++) counts[keys[i] >>> shift & 0xff]++;
    return PlaneCodec.bits(counts, taken) > 7.88 * taken;
  }

  private static byte[] lowBytes(int[] keys, int shift) {
    byte[] bytes = new byte[keys.length];
    for (int i = 0; i < keys.length; i++) bytes[i] = (byte) (keys[i] >>> shift);
    return bytes;
  }

  /** A byte of each key, the highest first. */
  private static char[] plane(int[] keys, Layout layout, int p) {
    int shift = 8 * (layout.width() - 1 - p);
    char[] plane = new char[keys.length];
    for (int i = 0; i < keys.length; i++) plane[i] = (char) (keys[i] >>> shift & 0xff);
    return plane;
  }

  /** Elements of eight bytes as they are, byte by byte, the highest first; the bytes behind the last whole element are stored. */
  private static void writeWide(byte[] raw, Layout layout, Preset preset, Bytes out) {
    int n = raw.length / 8;
    char[] plane = new char[n];
    for (int p = 0; p < 8; p++) {
      for (int i = 0; i < n; i++) plane[i] = (char) (raw[8 * i + 7 - p] & 0xff);
      PlaneCodec.write(plane, n, bytePlane(layout, p, layout.neighbours()), preset, out);
    }
    out.put(raw, 8 * n, raw.length - 8 * n);
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
  private static char[] nibbles(byte[] raw, Layout layout) {
    int flip = layout.order() == Layout.Order.SIGNED ? 0x88 : 0;
    char[] nibbles = new char[2 * raw.length];
    for (int i = 0; i < raw.length; i++) {
      int b = raw[i] & 0xff ^ flip;
      nibbles[2 * i] = (char) (b & 15);
      nibbles[2 * i + 1] = (char) (b >>> 4);
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
    byte[] raw = new byte[bytes];
    int way = in.get();
    switch (way) {
      case RAW -> in.copyTo(raw, 0, bytes);
      case TEXT -> {
        return ByteModel.read(in.get(in.left()), bytes, dictionary);
      }
      case PLANES, SPARSE, PALETTE -> readElements(in, way, layout, raw);
      default -> throw new InvalidInputException("found kind of block " + way + ", expected 0 to 4");
    }
    in.requireEnd();
    return raw;
  }

  static byte[] read(byte[] packed, int bytes, Layout layout) {
    return read(packed, bytes, layout, NOTHING);
  }

  private static void readElements(Reading in, int way, Layout layout, byte[] raw) {
    int n = raw.length / layout.width();
    if (way != PLANES && (layout.bits() == 4 || layout.width() == 8)) {
      throw new InvalidInputException("found kind of block " + way + ", expected " + PLANES);
    }
    if (layout.bits() == 4) {
      char[] nibbles = new char[2 * raw.length];
      PlaneCodec.read(in, nibbles, nibbles.length, nibblePlane(layout));
      int flip = layout.order() == Layout.Order.SIGNED ? 0x88 : 0;
      for (int i = 0; i < raw.length; i++) raw[i] = (byte) ((nibbles[2 * i] | nibbles[2 * i + 1] << 4) ^ flip);
    } else if (layout.width() == 8) {
      char[] plane = new char[n];
      for (int p = 0; p < 8; p++) {
        PlaneCodec.read(in, plane, n, bytePlane(layout, p, layout.neighbours()));
        for (int i = 0; i < n; i++) raw[8 * i + 7 - p] = (byte) plane[i];
      }
    } else {
      Keys.restore(switch (way) {
        case SPARSE -> readSparse(in, n, layout);
        case PALETTE -> readPalette(in, n, layout);
        default -> readPlanes(in, n, layout, layout.neighbours());
      }, layout, raw);
    }
    int whole = n * layout.width();
    in.copyTo(raw, whole, raw.length - whole);
  }

  private static int[] readPlanes(Reading in, int n, Layout layout, Neighbours neighbours) {
    int[] keys = new int[n];
    char[] plane = new char[n];
    for (int p = 0; p < layout.width(); p++) {
      int shift = 8 * (layout.width() - 1 - p);
      if (PlaneCodec.isRaw(in)) {
        in.get();
        in.orInto(keys, shift);
      } else {
        PlaneCodec.read(in, plane, n, bytePlane(layout, p, neighbours));
        for (int i = 0; i < n; i++) keys[i] |= plane[i] << shift;
      }
    }
    return keys;
  }

  private static int[] readSparse(Reading in, int n, Layout layout) {
    char[] mask = new char[n];
    PlaneCodec.read(in, mask, n, maskPlane(layout));
    int count = 0;
    for (char c : mask) count += c;
    int[] others = readPlanes(in, count, layout, Neighbours.NONE);
    int[] keys = new int[n];
    for (int i = 0, at = 0; i < n; i++) if (mask[i] != 0) keys[i] = others[at++];
    return keys;
  }

  private static int[] readPalette(Reading in, int n, Layout layout) {
    int[] entries = Palette.read(in, (int) in.varint("entries", 2, MOST_ENTRIES));
    char[] indices = new char[n];
    PlaneCodec.read(in, indices, n, indexPlane(entries.length, layout));
    int[] keys = new int[n];
    for (int i = 0; i < n; i++) keys[i] = entries[indices[i]];
    return keys;
  }
}
