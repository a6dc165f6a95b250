package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.data.NpzTensors;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What a teacher says to each sample of {@link Lessons}, in each of its variants. A variant is gone through in the order of the samples when its first batch is asked
 * for: what is said to a sample does not depend on when, or beside which others, it is learned from. It is kept in a file and read when the variant comes again. One
 * variant is in memory at a time.
 */
final class TeacherOutputs implements AutoCloseable {
  private static final String JOB = "dwindle/job";
  private static final ValueLayout.OfFloat FLOATS = ValueLayout.JAVA_FLOAT_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Lessons lessons;
  private final List<String> values;
  private final IntFunction<Path> files;
  private final long job;
  private final List<String> inputs;
  private final Executable executable;
  private final Bound bound;
  private int variant = -1;
  private Map<String, Tensor> rows = Map.of();
  private String warning = "";

  /**
   * Outputs of a teacher.
   *
   * @param teacher is not changed
   * @param values of its graph, each with the batch as its first axis
   * @param files where each variant is kept; null for those that are not to be
   * @param job tells apart files of other teachers and samples
   * @throws InvalidInputException where the graph has no such value
   */
  TeacherOutputs(Model teacher, List<String> values, Lessons lessons, IntFunction<Path> files, long job,
      Backend backend, int threads) {
    this.lessons = lessons;
    this.values = List.copyOf(values);
    this.files = files;
    this.job = job;
    Graph graph = computing(teacher, values).graph();
    inputs = graph.requiredInputs().stream().map(Value::name).toList();
    executable = backend.compile(graph,
        CompileOptions.DEFAULT.withThreads(threads).withShapes(lessons.shapes()));
    bound = executable.bind();
  }

  /** A copy of a model with these outputs. */
  static Model computing(Model model, List<String> values) {
    Model copy = model.copy();
    Graph graph = copy.graph();
    List<Integer> kept = new ArrayList<>();
    for (String name : values) {
      Value value = graph.value(name);
      if (value == null || value.producer() == null) {
        throw new InvalidInputException("teacher: computes no value '" + name + "', expected one such as its outputs "
            + graph.outputs().stream().map(Value::name).toList());
      }
      if (!value.isGraphOutput()) graph.addOutput(value);
      kept.add(graph.outputs().indexOf(value));
    }
    graph.retainOutputs(kept);
    graph.removeDead();
    return copy;
  }

  /** What is said to the samples of a batch: a tensor for each value, in their order. */
  List<Tensor> at(Lessons.Batch batch) {
    if (batch.variant() != variant) {
      rows = find(batch.variant());
      variant = batch.variant();
    }
    return values.stream().map(name -> rows(rows.get(name), batch.samples())).toList();
  }

  /** Why a variant was not kept, or empty. */
  String warning() {
    return warning;
  }

  private static Tensor rows(Tensor all, int[] samples) {
    int each = Math.toIntExact(all.shape().product(1, all.shape().rank()));
    float[] to = new float[samples.length * each];
    for (int i = 0; i < samples.length; i++) {
      MemorySegment.copy(all.segment(), FLOATS, (long) Float.BYTES * samples[i] * each,
          MemorySegment.ofArray(to), ValueLayout.JAVA_FLOAT, (long) Float.BYTES * i * each, each);
    }
    return Tensor.of(withRows(all.shape(), samples.length), to);
  }

  private static Shape withRows(Shape shape, int rows) {
    long[] dims = shape.dims();
    dims[0] = rows;
    return Shape.of(dims);
  }

  private Map<String, Tensor> find(int which) {
    Path file = files.apply(which);
    Map<String, Tensor> kept = file != null && Files.exists(file) ? read(file) : null;
    if (kept != null) return kept;
    Map<String, Tensor> said = ask(which);
    if (file != null) keep(file, said);
    return said;
  }

  /** What is kept of a variant, or null where the file is of another job. */
  private Map<String, Tensor> read(Path file) {
    Map<String, Tensor> all = new LinkedHashMap<>(NpzTensors.read(file));
    Tensor of = all.remove(JOB);
    return of != null && of.dtype() == DType.INT64 && of.longs()[0] == job ? all : null;
  }

  /** A disk that is full costs the time to ask again, not the training. */
  private void keep(Path file, Map<String, Tensor> said) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    all.put(JOB, Tensor.of(Shape.of(1), job));
    all.putAll(said);
    try {
      OutputFile.write(file, channel -> NpzTensors.write(all, Channels.newOutputStream(channel)));
    } catch (DwindleException e) {
      warning = "what the teacher says is asked again each time: " + e.getMessage();
    }
  }

  private Map<String, Tensor> ask(int which) {
    int batch = lessons.batch();
    int count = lessons.count();
    List<float[]> all = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    for (int from = 0; from < count; from += batch) {
      int first = from;
      Lessons.Batch samples = new Lessons.Batch(
          IntStream.range(0, batch).map(i -> (first + i) % count).toArray(), which);
      Map<String, Tensor> given = lessons.inputs(samples);
      inputs.forEach(name -> bound.set(name, given.get(name)));
      bound.run();
      for (int i = 0; i < values.size(); i++) {
        Tensor said = bound.outputs().get(values.get(i));
        if (from == 0) {
          shapes.add(require(values.get(i), said, batch));
          all.add(new float[Math.toIntExact(shapes.get(i).product(1, said.shape().rank()) * count)]);
        }
        int each = all.get(i).length / count;
        System.arraycopy(said.floats(), 0, all.get(i), from * each, Math.min(batch, count - from) * each);
      }
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      tensors.put(values.get(i), Tensor.of(withRows(shapes.get(i), count), all.get(i)));
    }
    return tensors;
  }

  private Shape require(String name, Tensor said, int batch) {
    Shape shape = said.shape();
    if (said.dtype() != DType.FLOAT || shape.rank() < 1 || shape.dim(0) != batch) {
      throw new InvalidInputException("teacher: '" + name + "' is " + said.dtype().text() + shape + " for a batch of "
          + batch + ", expected float with the batch as its first axis");
    }
    long bytes = shape.product(1, shape.rank()) * lessons.count() * Float.BYTES;
    long most = Math.min(Runtime.getRuntime().maxMemory() / 4, Integer.MAX_VALUE / 2);
    if (bytes > most) {
      throw new InvalidInputException(
          "teacher: '%s' takes %,d MB for all samples, expected at most %,d MB; take a smaller value, or fewer samples"
              .formatted(name, bytes >> 20, most >> 20));
    }
    return shape;
  }

  @Override
  public void close() {
    bound.close();
    executable.close();
  }
}
