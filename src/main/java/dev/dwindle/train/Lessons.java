package dev.dwindle.train;

import dev.dwindle.data.Augmentation;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Samples to train on, kept in memory, and the batches in which they come: each epoch in an order of its own, images varied. What a batch holds depends on
 * the seed and its number alone, so that training may begin anywhere.
 */
public final class Lessons {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** By name, in their order, which is the same in every process. */
  private final Map<String, Shape> shapes = new TreeMap<>();
  private final List<Map<String, float[]>> inputs = new ArrayList<>();
  private final List<Long> labels = new ArrayList<>();
  private final Augmentation augmentation;
  private final int batch;
  private final int variants;
  private final long seed;
  private long orderOf = -1;
  private int[] order;

  /**
   * Some samples, and which of their variants.
   *
   * @param samples by their place among all
   */
  public record Batch(int[] samples, int variant) {}

  private Lessons(Augmentation augmentation, int batch, int variants, long seed) {
    this.augmentation = augmentation;
    this.batch = batch;
    this.variants = variants;
    this.seed = seed;
  }

  /**
   * Reads samples.
   *
   * @param samples FLOAT inputs of equal shapes, each of a batch of 1
   * @param augmentation of inputs {@code [1, channels, height, width]}
   * @param batch how many make a batch; what is left of an epoch waits for the next
   * @param variants in how many ways each sample is varied; then they come again
   * @throws InvalidInputException where shapes differ, or memory does not suffice
   */
  public static Lessons of(Samples samples, Augmentation augmentation, int batch, int variants, long seed) {
    Lessons lessons = new Lessons(augmentation, batch, augmentation.isNone() ? 1 : variants, seed);
    long count = samples.count();
    try (Stream<Sample> stream = samples.stream()) {
      stream.forEach(sample -> lessons.add(sample, count));
    }
    if (lessons.count() < batch) {
      throw new InvalidInputException("training: found " + lessons.count() + " samples, expected at least a batch of "
          + batch);
    }
    return lessons;
  }

  private void add(Sample sample, long count) {
    if (inputs.isEmpty()) begin(sample, count);
    Map<String, float[]> values = new TreeMap<>();
    sample.inputs().forEach((name, tensor) -> {
      if (tensor.dtype() != DType.FLOAT || !tensor.shape().equals(shapes.get(name)) || tensor.shape().rank() < 1
          || tensor.shape().dim(0) != 1) {
        throw new InvalidInputException("training: input '" + name + "' of sample " + inputs.size() + " is " + tensor
            + ", expected float" + shapes.get(name) + " as the first, of a batch of 1");
      }
      values.put(name, tensor.floats());
    });
    inputs.add(values);
    boolean labelled = sample.label() != null && sample.label().dtype() == DType.INT64 && sample.label().size() == 1;
    if (labelled) labels.add(Elements.longs(sample.label())[0]);
  }

  private void begin(Sample first, long count) {
    first.inputs().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    long bytes = count * shapes.values().stream().mapToLong(shape -> Float.BYTES * shape.size()).sum();
    long most = Runtime.getRuntime().maxMemory() / 2;
    if (bytes > most) {
      throw new InvalidInputException(
          "training: %,d samples take %,d MB, expected at most %,d MB; take fewer, or give more with DWINDLE_OPTS=-Xmx"
              .formatted(count, bytes >> 20, most >> 20));
    }
  }

  /** How many samples make a batch. */
  public int batch() {
    return batch;
  }

  /** How many samples there are. */
  public int count() {
    return inputs.size();
  }

  /** In how many ways each is varied. */
  public int variants() {
    return variants;
  }

  /** Whether each has a class. */
  public boolean areLabelled() {
    return labels.size() == inputs.size();
  }

  /** Batches of an epoch. */
  public long steps() {
    return count() / batch;
  }

  /** The shapes of a batch's inputs. */
  public Map<String, Shape> shapes() {
    Map<String, Shape> all = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> {
      long[] dims = shape.dims();
      dims[0] = batch;
      all.put(name, Shape.of(dims));
    });
    return all;
  }

  /** The batch of a step, from 1 on. */
  public Batch at(long step) {
    long epoch = (step - 1) / steps();
    if (orderOf != epoch) shuffle(epoch);
    int from = (int) ((step - 1) % steps()) * batch;
    return new Batch(Arrays.copyOfRange(order, from, from + batch), (int) (epoch % variants));
  }

  private void shuffle(long epoch) {
    SplittableRandom random = new SplittableRandom(seed + GOLDEN * (epoch + 1));
    order = new int[count()];
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    orderOf = epoch;
  }

  /** The inputs of a batch, by name. */
  public Map<String, Tensor> inputs(Batch which) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    shapes().forEach((name, shape) -> {
      int each = shapes.get(name).intSize();
      float[] values = new float[shape.intSize()];
      for (int i = 0; i < which.samples.length; i++) {
        vary(name, which.samples[i], which.variant, values, i * each, each);
      }
      tensors.put(name, Tensor.of(shape, values));
    });
    return tensors;
  }

  private void vary(String name, int sample, int variant, float[] to, int at, int length) {
    float[] from = inputs.get(sample).get(name);
    Shape shape = shapes.get(name);
    if (augmentation.isNone() || shape.rank() != 4) {
      System.arraycopy(from, 0, to, at, length);
      return;
    }
    SplittableRandom random = new SplittableRandom(seed ^ GOLDEN * (1 + sample + (long) count() * variant));
    augmentation.apply(from, 0, shape.intDim(1), shape.intDim(2), shape.intDim(3), random, to, at);
  }

  /** The classes of a batch. */
  public Tensor labels(Batch which) {
    return Tensor.of(Shape.of(which.samples.length),
        Arrays.stream(which.samples).mapToLong(labels::get).toArray());
  }

  /** A number that tells other samples, orders and variants apart from these. */
  public long checksum() {
    CRC32C sum = new CRC32C();
    for (Map<String, float[]> each : inputs) {
      each.values().forEach(values -> sum.update(Tensor.of(Shape.of(values.length), values).bytes()));
    }
    String rest = shapes + " " + labels + " " + augmentation + " " + seed + " " + batch + " " + variants;
    sum.update(rest.getBytes(StandardCharsets.UTF_8));
    return sum.getValue();
  }
}
