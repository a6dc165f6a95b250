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

  /** By name, in their order, which is the same in every process; of one sample, as it is filled up. */
  private final Map<String, Shape> shapes = new TreeMap<>();
  private final Map<String, DType> types = new TreeMap<>();
  private final List<Map<String, Tensor>> inputs = new ArrayList<>();
  private final List<Long> labels = new ArrayList<>();
  private final Augmentation augmentation;
  private final Batching batching;
  private final long seed;
  private long orderOf = -1;
  private int[] order;

  /**
   * Some samples, and which of their variants.
   *
   * @param samples by their place among all
   */
  public record Batch(int[] samples, int variant) {}

  /**
   * How samples become batches.
   *
   * @param batch how many make one; what is left of an epoch waits for the next
   * @param variants in how many ways each sample is varied; then they come again
   * @param pad whether samples of different shapes are filled up with zeros, at the end of each axis
   */
  public record Batching(int batch, int variants, boolean pad) {}

  private Lessons(Augmentation augmentation, Batching batching, long seed) {
    this.augmentation = augmentation;
    this.batching = batching;
    this.seed = seed;
  }

  /**
   * Reads samples.
   *
   * @param samples inputs of equal shapes, or where they are filled up of equally many axes, each of a batch of 1
   * @param augmentation of FLOAT inputs {@code [1, channels, height, width]}
   * @throws InvalidInputException where shapes differ, or memory does not suffice
   */
  public static Lessons of(Samples samples, Augmentation augmentation, Batching batching, long seed) {
    Lessons lessons = new Lessons(augmentation,
        augmentation.isNone() ? new Batching(batching.batch, 1, batching.pad) : batching, seed);
    long count = samples.count();
    try (Stream<Sample> stream = samples.stream()) {
      stream.forEach(sample -> lessons.add(sample, count));
    }
    lessons.requireMixable();
    if (lessons.count() < batching.batch) {
      throw new InvalidInputException("training: found " + lessons.count() + " samples, expected at least a batch of "
          + batching.batch);
    }
    return lessons;
  }

  /** Mixtures of what is no image would be labelled as such and be none. */
  private void requireMixable() {
    if (!areMixed()) return;
    shapes.forEach((name, shape) -> {
      if (isImage(name)) return;
      throw new InvalidInputException("training: mixup mixes images, float[1,channels,height,width], but input '" + name
          + "' is " + types.get(name).text() + shape + "; leave mixup out");
    });
  }

  private boolean isImage(String name) {
    return types.get(name) == DType.FLOAT && shapes.get(name).rank() == 4;
  }

  private void add(Sample sample, long count) {
    if (inputs.isEmpty()) begin(sample, count);
    if (!sample.inputs().keySet().equals(shapes.keySet())) {
      throw new InvalidInputException("training: sample " + inputs.size() + " has inputs " + sample.inputs().keySet()
          + ", expected " + shapes.keySet() + " as the first");
    }
    Map<String, Tensor> values = new TreeMap<>();
    new TreeMap<>(sample.inputs()).forEach((name, tensor) -> {
      require(name, tensor);
      long[] dims = shapes.get(name).dims();
      for (int axis = 0; axis < dims.length; axis++) dims[axis] = Math.max(dims[axis], tensor.shape().dim(axis));
      shapes.put(name, Shape.of(dims));
      values.put(name, Tensor.of(tensor.dtype(), tensor.shape(), tensor.bytes()));
    });
    inputs.add(values);
    boolean labelled = sample.label() != null && sample.label().dtype() == DType.INT64 && sample.label().size() == 1;
    if (labelled) labels.add(Elements.longs(sample.label())[0]);
  }

  private void require(String name, Tensor tensor) {
    Shape shape = shapes.get(name);
    boolean isNumbers = tensor.dtype() != DType.STRING && tensor.dtype().bits() >= 8;
    boolean isOne = tensor.shape().rank() > 0 && tensor.shape().dim(0) == 1;
    boolean isAlike = shape != null && tensor.dtype() == types.get(name)
        && (batching.pad ? tensor.shape().rank() == shape.rank() : tensor.shape().equals(shape));
    if (isNumbers && isOne && isAlike) return;
    boolean differs = isNumbers && isOne && shape != null && tensor.shape().rank() == shape.rank();
    throw new InvalidInputException("training: input '" + name + "' of sample " + inputs.size() + " is " + tensor
        + ", expected "
        + (shape == null ? "what the first sample has" : types.get(name).text() + shape + " as the first")
        + ", of a batch of 1" + (differs ? "; 'pad: true' fills samples up with zeros" : ""));
  }

  private void begin(Sample first, long count) {
    first.inputs().forEach((name, tensor) -> {
      shapes.put(name, tensor.shape());
      types.put(name, tensor.dtype());
    });
    long bytes = count * first.inputs().values().stream().mapToLong(Tensor::byteSize).sum();
    long most = Runtime.getRuntime().maxMemory() / 2;
    if (bytes > most) {
      throw new InvalidInputException(
          "training: %,d samples take %,d MB, expected at most %,d MB; take fewer, or give more with DWINDLE_OPTS=-Xmx"
              .formatted(count, bytes >> 20, most >> 20));
    }
  }

  /** How many samples make a batch. */
  public int batch() {
    return batching.batch;
  }

  /** How many samples there are. */
  public int count() {
    return inputs.size();
  }

  /** In how many ways each is varied. */
  public int variants() {
    return batching.variants;
  }

  /** Whether each has a class. */
  public boolean areLabelled() {
    return labels.size() == inputs.size();
  }

  /** Batches of an epoch. */
  public long steps() {
    return count() / batching.batch;
  }

  /** The shapes of a batch's inputs. */
  public Map<String, Shape> shapes() {
    Map<String, Shape> all = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> {
      long[] dims = shape.dims();
      dims[0] = batching.batch;
      all.put(name, Shape.of(dims));
    });
    return all;
  }

  /** The batch of a step, from 1 on. */
  public Batch at(long step) {
    long epoch = (step - 1) / steps();
    if (orderOf != epoch) shuffle(epoch);
    int from = (int) ((step - 1) % steps()) * batching.batch;
    return new Batch(Arrays.copyOfRange(order, from, from + batching.batch), (int) (epoch % batching.variants));
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
      DType dtype = types.get(name);
      if (isImage(name) && !augmentation.isNone()) {
        tensors.put(name, varied(name, shape, which));
        return;
      }
      byte[] bytes = new byte[Math.toIntExact(dtype.bytes(shape.size()))];
      int each = bytes.length / which.samples.length;
      for (int i = 0; i < which.samples.length; i++) {
        Tensor one = inputs.get(which.samples[i]).get(name);
        fill(one.bytes(), one.shape(), bytes, i * each, shapes.get(name), dtype.bits() / 8);
      }
      tensors.put(name, Tensor.of(dtype, shape, bytes));
    });
    return tensors;
  }

  /** Puts a tensor into the corner of zeros of a shape that is nowhere smaller. */
  private static void fill(byte[] from, Shape shape, byte[] to, int at, Shape filled, int width) {
    int rank = shape.rank();
    int run = width * shape.intDim(rank - 1);
    int[] place = new int[rank];
    for (int read = 0; read < from.length; read += run) {
      int offset = 0;
      for (int axis = 0; axis < rank; axis++) offset = offset * filled.intDim(axis) + place[axis];
      System.arraycopy(from, read, to, at + offset * width, run);
      for (int axis = rank - 2; axis >= 0 && ++place[axis] == shape.intDim(axis); axis--) place[axis] = 0;
    }
  }

  private Tensor varied(String name, Shape shape, Batch which) {
    float[] values = new float[shape.intSize()];
    int each = shapes.get(name).intSize();
    float[] other = new float[each];
    for (int i = 0; i < which.samples.length; i++) {
      SplittableRandom random = random(which, i);
      Mix mix = mix(random, which.samples[i]);
      // Drawn only where something is mixed in: without mixup, a seed goes on giving the variants that it gave.
      SplittableRandom ofOther = mix.share == 1 ? null : random.split();
      vary(name, which.samples[i], random, values, i * each);
      if (ofOther == null) continue;
      vary(name, mix.other, ofOther, other, 0);
      for (int j = 0; j < each; j++)
        values[i * each + j] = mix.share * values[i * each + j] + (1 - mix.share) * other[j];
    }
    return Tensor.of(shape, values);
  }

  private SplittableRandom random(Batch which, int place) {
    return new SplittableRandom(seed ^ GOLDEN * (1 + which.samples[place] + (long) count() * which.variant));
  }

  /**
   * What a sample is mixed with.
   *
   * @param share of the sample itself; 1 where nothing is mixed in
   */
  private record Mix(int other, float share) {}

  /** The first that is drawn for a sample, so that it is the same for all its inputs and for its class. */
  private Mix mix(SplittableRandom random, int sample) {
    return augmentation.mixup() == 0 ? new Mix(sample, 1)
        : new Mix(random.nextInt(count()), (float) augmentation.share(random));
  }

  private void vary(String name, int sample, SplittableRandom random, float[] values, int at) {
    Tensor image = inputs.get(sample).get(name);
    Shape one = shapes.get(name);
    if (!image.shape().equals(one)) {
      throw new InvalidInputException(
          "training: input '" + name + "' has images of " + image.shape() + " and of " + one
              + ", expected one size to augment them");
    }
    augmentation.apply(image.floats(), 0, one.intDim(1), one.intDim(2), one.intDim(3), random, values, at);
  }

  /** Whether samples are mixtures of two, and so of two classes. */
  public boolean areMixed() {
    return augmentation.mixup() > 0;
  }

  /** The share that each class has of each sample of a batch, {@code [batch, classes]}. */
  public Tensor shares(Batch which, int classes) {
    float[] shares = new float[which.samples.length * classes];
    for (int i = 0; i < which.samples.length; i++) {
      Mix mix = mix(random(which, i), which.samples[i]);
      shares[i * classes + index(which.samples[i], classes)] += mix.share;
      shares[i * classes + index(mix.other, classes)] += 1 - mix.share;
    }
    return Tensor.of(Shape.of(which.samples.length, classes), shares);
  }

  private int index(int sample, int classes) {
    long label = labels.get(sample);
    if (label < 0 || label >= classes) {
      throw new InvalidInputException("training: sample " + sample + " is of class " + label
          + ", expected 0 to " + (classes - 1) + " as the model has " + classes + " classes");
    }
    return (int) label;
  }

  /** The classes of a batch. */
  public Tensor labels(Batch which) {
    return Tensor.of(Shape.of(which.samples.length),
        Arrays.stream(which.samples).mapToLong(labels::get).toArray());
  }

  /** A number that tells other samples, orders and variants apart from these. */
  public long checksum() {
    CRC32C sum = new CRC32C();
    for (Map<String, Tensor> each : inputs) {
      each.values().forEach(tensor -> {
        sum.update(tensor.shape().toString().getBytes(StandardCharsets.UTF_8));
        sum.update(tensor.bytes());
      });
    }
    String rest = shapes + " " + types + " " + labels + " " + augmentation + " " + seed + " " + batching;
    sum.update(rest.getBytes(StandardCharsets.UTF_8));
    return sum.getValue();
  }
}
