package dev.dwindle.data;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * How images are varied that a model is trained on: what does not change what they show, and mixtures that show two things at once.
 *
 * @param crop how many pixels an image is shifted at most, up or down, left or right; zeros come in
 * @param flip whether half of them are mirrored, left to right
 * @param colour by which share the brightness of each channel changes at most
 * @param mixup the parameter alpha of the Beta distribution that says which share of an image another one takes (Zhang et al., mixup: Beyond Empirical Risk Minimization,
 *          2018): 0 for none, 1 for any share alike
 */
public record Augmentation(int crop, boolean flip, double colour, double mixup) {
  /** Images as they are. */
  public static final Augmentation NONE = new Augmentation(0, false, 0, 0);

  private static final int MOST_PIXELS = 1 << 10;
  /** Below it, shares are as good as 0 or 1. */
  private static final double LEAST_MIXUP = 0.01;

  static Augmentation read(Yaml yaml) {
    Map<String, Yaml> keys = yaml.mapping(Set.of("crop", "flip", "colour", "mixup"));
    long crop = keys.containsKey("crop") ? keys.get("crop").whole() : 0;
    if (crop < 0 || crop > MOST_PIXELS) {
      throw keys.get("crop").error("found " + crop + ", expected 0 to " + MOST_PIXELS + " pixels");
    }
    double colour = keys.containsKey("colour") ? keys.get("colour").number() : 0;
    if (!(colour >= 0 && colour < 1)) {
      throw keys.get("colour").error("found " + colour + ", expected 0 or more and less than 1");
    }
    double mixup = keys.containsKey("mixup") ? keys.get("mixup").number() : 0;
    if (!(mixup == 0 || mixup >= LEAST_MIXUP && mixup <= 1)) {
      throw keys.get("mixup").error("found " + mixup + ", expected 0, or " + LEAST_MIXUP + " to 1");
    }
    boolean flip = keys.containsKey("flip") && keys.get("flip").word(List.of("true", "false")).equals("true");
    return new Augmentation((int) crop, flip, colour, mixup);
  }

  /** Whether images stay as they are. */
  public boolean isNone() { return equals(NONE); }

  /** The share of an image that stays where another is mixed in: 1 where none is. */
  public double share(RandomGenerator random) {
    if (mixup == 0) return 1;
    while (true) { // Joehnk, Erzeugung von betaverteilten und gammaverteilten Zufallszahlen, 1964
      double first = Math.pow(random.nextDouble(), 1 / mixup);
      double both = first + Math.pow(random.nextDouble(), 1 / mixup);
      if (both > 0 && both <= 1) return first / both;
    }
  }

  /**
   * Writes a varied copy of an image {@code [channels, height, width]}.
   *
   * @param from where the image begins in {@code x}
   * @param to where the copy begins in {@code y}
   */
  public void apply(float[] x, int from, int channels, int height, int width, RandomGenerator random, float[] y,
      int to) {
    int down = crop == 0 ? 0 : random.nextInt(2 * crop + 1) - crop;
    int right = crop == 0 ? 0 : random.nextInt(2 * crop + 1) - crop;
    boolean mirrored = flip && random.nextBoolean();
    int at = to;
    for (int c = 0; c < channels; c++) {
      float gain = colour == 0 ? 1 : (float) (1 + colour * (2 * random.nextDouble() - 1));
      for (int r = 0; r < height; r++) {
        int row = r + down;
        boolean inside = row >= 0 && row < height;
        int line = from + (c * height + row) * width;
        for (int i = 0; i < width; i++) {
          int column = (mirrored ? width - 1 - i : i) + right;
          y[at++] = inside && column >= 0 && column < width ? x[line + column] * gain : 0;
        }
      }
    }
  }
}
