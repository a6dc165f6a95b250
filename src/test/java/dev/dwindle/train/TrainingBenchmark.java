package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.DataSet;
import dev.dwindle.data.Sample;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.Progress;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Training from random weights, on the processor: {@code TrainingBenchmark speed MODEL BATCH THREADS SECONDS [MB]} tells images a second on random images, and
 * the megabytes of a step, which are at most as many as are given;
 * {@code TrainingBenchmark lenet ZOO THREADS SEED} what LeNet-5 reaches on MNIST, and after how many seconds.
 */
public final class TrainingBenchmark {
  private static final Optimizer ADAM = new Optimizer.AdamW(0.9, 0.999, 1e-8, 0.01);

  private TrainingBenchmark() {}

  public static void main(String[] args) {
    System.out.println(args[0].equals("speed")
        ? speed(Path.of(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]), Double.parseDouble(args[4]),
            args.length > 5 ? Double.parseDouble(args[5]) : Double.MAX_VALUE)
        : lenet(Path.of(args[1]), Integer.parseInt(args[2]), Long.parseLong(args[3])));
  }

  private static TrainingStep step(Model model, Map<String, Shape> shapes) {
    String output = model.graph().outputs().getFirst().name();
    return TrainingStep.of(model, shapes, List.of(new TrainingStep.Goal(output, Loss.CROSS_ENTROPY)),
        new TrainingStep.Update(ADAM), TrainingStep::isWeight);
  }

  /** Half as long again beforehand, until all is compiled. */
  private static String speed(Path file, int batch, int threads, double seconds, double megabytes) {
    Model model = Student.redraw(OnnxReader.read(file), 1);
    Value input = model.graph().requiredInputs().getFirst();
    long[] dims = input.tensorType().dims().stream().mapToLong(dim -> dim.isKnown() ? dim.size() : batch).toArray();
    Shape shape = Shape.of(dims);
    TrainingStep step = step(model, Map.of(input.name(), shape)).within((long) (megabytes * 1e6),
        TrainingBenchmark::bytes);
    Random random = new Random(1);
    float[] images = new float[shape.intSize()];
    for (int i = 0; i < images.length; i++) images[i] = random.nextFloat();
    try (Backend cpu = new CpuBackend();
        Executable executable = cpu.compile(step.model().graph(), CompileOptions.DEFAULT.withThreads(threads));
        Bound bound = executable.bind()) {
      step.initial().forEach(bound::set);
      step.carried().forEach((in, out) -> bound.carry(out, in));
      bound.set(input.name(), Tensor.of(shape, images));
      bound.set(TrainingStep.TARGET, Tensor.of(Shape.of(batch), random.longs(batch, 0, 10).toArray()));
      bound.set(TrainingStep.RATE, Tensor.scalar(1e-4f));
      run(bound, seconds / 2);
      long begin = System.nanoTime();
      long steps = run(bound, seconds);
      return String.format(Locale.ROOT, "%.1f %.1f", steps * batch / ((System.nanoTime() - begin) / 1e9),
          bytes(step.model().graph()) / 1e6);
    }
  }

  private static long bytes(Graph graph) {
    try (Backend cpu = new CpuBackend()) {
      return cpu.bytes(graph, CompileOptions.DEFAULT);
    }
  }

  private static long run(Bound bound, double seconds) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long steps = 0;
    for (; System.nanoTime() < end; steps++) bound.run();
    return steps;
  }

  private static String lenet(Path zoo, int threads, long seed) {
    long begin = System.nanoTime();
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("inputs.input.scale", "1/255");
    keys.put("training.idx.images", zoo.resolve("data/mnist_train_images_idx3.gz").toString());
    keys.put("training.idx.labels", zoo.resolve("data/mnist_train_labels_idx1.gz").toString());
    keys.put("evaluation.idx.images", zoo.resolve("data/mnist_test_a_images_idx3.gz").toString());
    keys.put("evaluation.idx.labels", zoo.resolve("data/mnist_test_a_labels_idx1.gz").toString());
    keys.put("augment.crop", "1");
    DataSet data = DataSet.of(keys, Path.of(""), null);
    Lessons lessons = Lessons.of(data.training(), data.augmentation(), new Lessons.Batching(64, 8, false), seed);
    Model model = Student.redraw(OnnxReader.read(zoo.resolve("models/lenet5_mnist.onnx")), seed);
    TrainingStep step = step(model, lessons.shapes());
    long steps = 12 * lessons.steps();
    try (Backend cpu = new CpuBackend()) {
      Trainer.Outcome outcome = Trainer.run(step,
          new Trainer.Plan(steps, lessons.steps(), new Schedule.Cosine(0.003, 100, steps, 0.01), null, 1e9, false, 0),
          at -> {
            Lessons.Batch batch = lessons.at(at);
            Map<String, Tensor> given = lessons.inputs(batch);
            given.put(TrainingStep.TARGET, lessons.labels(batch));
            return given;
          }, Progress.SILENT, cpu, threads);
      double seconds = (System.nanoTime() - begin) / 1e9;
      step.parameters().forEach(name -> model.graph().setConstant(model.graph().value(name),
          Constant.of(outcome.state().get(name))));
      return String.format(Locale.ROOT,
          "{\"seed\": %d, \"top_1\": %.2f, \"seconds\": %.1f, \"epochs\": 12, \"loss\": %.4f}", seed,
          100 * accuracy(cpu, model, data), seconds, outcome.losses().getLast());
    }
  }

  private static double accuracy(Backend cpu, Model model, DataSet data) {
    long right = 0;
    try (Executable executable = cpu.compile(model.graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind();
        Stream<Sample> samples = data.evaluation().stream()) {
      for (Sample sample : (Iterable<Sample>) samples::iterator) {
        sample.inputs().forEach(bound::set);
        bound.run();
        float[] logits = bound.outputs().values().iterator().next().floats();
        int best = 0;
        for (int i = 1; i < logits.length; i++) best = logits[i] > logits[best] ? i : best;
        if (best == sample.label().longs()[0]) right++;
      }
    }
    return (double) right / data.evaluation().count();
  }
}
