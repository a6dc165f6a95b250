package dev.dwindle.quant;

import java.util.Arrays;

/**
 * The values that many numbers share (Han et al., Deep Compression, 2016, section 3): each number is stored as the place of the nearest.
 *
 * @param entries ascending, all different, 256 at most
 */
public record Codebook(float[] entries) {
  /** How many there can be for a place to be a byte. */
  public static final int MOST = 256;

  private static final int TABLE = 1 << 12;

  /** How entries are found. */
  public enum Method {
    /** Those of least squared error: 1-D k-means by dynamic programming. */
    EXACT,
    /** K-means that begins at equal distances. */
    LINEAR,
    /** K-means that begins at equal shares of the numbers. */
    DENSITY;

    private Clusters.Start start() {
      return Clusters.Start.valueOf(name());
    }
  }

  public Codebook {
    if (entries.length > MOST)
      throw new IllegalArgumentException("found " + entries.length + " entries, expected at most 256");
  }

  /**
   * Entries for numbers.
   *
   * @param values finite
   * @param most entries, from 2 to 256
   * @param keepsZero whether 0, if it occurs, is an entry of its own, beside which the others are those of the numbers that are not 0
   */
  public static Codebook of(float[] values, int most, Method method, boolean keepsZero) {
    float[] others = keepsZero ? withoutZeros(values) : values;
    boolean zero = others.length < values.length;
    float[] found = Clusters.of(others, zero ? most - 1 : most, method.start());
    if (zero && Arrays.binarySearch(found, 0f) < 0) {
      found = Arrays.copyOf(found, found.length + 1);
      Arrays.sort(found);
    }
    return new Codebook(found);
  }

  private static float[] withoutZeros(float[] values) {
    float[] others = new float[values.length];
    int count = 0;
    for (float value : values) {
      if (value != 0) others[count++] = value;
    }
    return Arrays.copyOf(others, count);
  }

  /** The place of the nearest entry for each number, as a byte without sign; of two that are as near, the smaller. */
  public byte[] indices(float[] values) {
    byte[] places = new byte[values.length];
    if (entries.length < 2) return places;
    float[] borders = new float[entries.length];
    for (int i = 0; i + 1 < entries.length; i++) borders[i] = border(entries[i], entries[i + 1]);
    borders[entries.length - 1] = Float.POSITIVE_INFINITY;
    double low = entries[0];
    double scale = TABLE / (entries[entries.length - 1] - low);
    int[] first = new int[TABLE];
    for (int bin = 0, place = 0; bin < TABLE; bin++) {
      // A bin earlier than it is: whatever falls into one after rounding has its place here or further on.
      while (borders[place] < low + (bin - 1) / scale) place++;
      first[bin] = place;
    }
    for (int i = 0; i < values.length; i++) {
      float value = values[i];
      int place = first[Math.clamp((long) ((value - low) * scale), 0, TABLE - 1)];
      while (value > borders[place]) place++;
      places[i] = (byte) place;
    }
    return places;
  }

  /** The greatest number that is not nearer to the larger of two. */
  private static float border(float small, float large) {
    double middle = ((double) small + large) / 2;
    float border = (float) middle;
    return border > middle ? Math.nextDown(border) : border;
  }

  /** The entries at these places. */
  public float[] values(byte[] places) {
    float[] values = new float[places.length];
    for (int i = 0; i < places.length; i++) values[i] = entries[Byte.toUnsignedInt(places[i])];
    return values;
  }

  /** Bits of a place. */
  public int bits() {
    return entries.length <= 16 ? 4 : 8;
  }
}
