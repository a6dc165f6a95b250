package dev.dwindle.pass.distil;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.TrainingFiles;
import dev.dwindle.pass.finetune.Finetune;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.Cost;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.Lesson;
import dev.dwindle.train.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DistilTest {
  private static final String LOGITS = "y = Gemm(f, v, c)";
  private static final Map<String, Object> SHORT = Map.of("epochs", 20, "batch", 16, "rate", 0.01, "hold_out", 0.1);

  @TempDir
  Path folder;

  /** Tests of the command share this process, and it tells of what it has left. */
  @AfterEach
  void forget() {
    Trainer.takeUnfinished();
  }

  private static PassResult distil(Model model, Samples samples, Map<String, Object> more, int threads) {
    Map<String, Object> settings = new HashMap<>(SHORT);
    settings.putAll(more);
    return Lesson.run(new Distil(), model, model.copy(), samples, settings, threads, TrainingFiles.NONE);
  }

  /** The share of held-out samples on which student and teacher agree, as the pass tells it. */
  private static double agreement(PassResult result) {
    return Double.parseDouble(result.figures().get("held out").replaceAll("[^0-9.]", ""));
  }

  private static void assertSameConstants(Model a, Model b) {
    for (Value constant : a.graph().constants()) {
      assertArrayEquals(constant.tensor().bytes(), b.graph().value(constant.name()).tensor().bytes(), constant.name());
    }
  }

  @Test
  void aSmallerNetLearnsFromSamplesWithoutLabels() {
    Model model = Lesson.teacher(LOGITS);
    distil(model, Lesson.images(300, true), Map.of("labels", 1, "budget", 1), 1);
    long before = Cost.multiplyAdds(model);
    PassResult result = distil(model, Lesson.images(300, false), Map.of(), 1);
    assertTrue(4 * Cost.multiplyAdds(model) <= before, () -> "costs " + Cost.multiplyAdds(model) + " of " + before);
    assertTrue(result.figures().get("held out").startsWith("arg-max agreement"), result.figures().toString());
    assertTrue(agreement(result) >= 90, result.figures().toString());
    assertEquals("the teacher's 'y' by divergence at temperature 4.0 (1.0)", result.figures().get("learned from"));
    assertEquals("270, 30 held out", result.figures().get("samples"));
  }

  @Test
  void theSameOnAnyNumberOfThreads() {
    Model one = Lesson.teacher(LOGITS);
    Model two = Lesson.teacher(LOGITS);
    distil(one, Lesson.images(100, true), Map.of("epochs", 3), 1);
    distil(two, Lesson.images(100, true), Map.of("epochs", 3), 2);
    assertSameConstants(one, two);
  }

  @ParameterizedTest
  @CsvSource({"channels, 'of the channels'", "rank, 'factors of at most'"})
  void eachWayKeepsToTheBudget(String by, String words) {
    Model model = Lesson.teacher(LOGITS);
    long before = Cost.parameters(model);
    PassResult result = distil(model, Lesson.images(100, true),
        Map.of("epochs", 1, "by", by, "budget", 0.4, "budget_of", "parameters"), 1);
    assertTrue(result.figures().get("student").contains(words), result.figures().toString());
    assertTrue(Cost.parameters(model) <= 0.4 * before);
  }

  @Test
  void blocksGoWhereThereAreSome() {
    Model model = Lesson.teacher(LOGITS);
    assertTrue(assertThrows(InvalidInputException.class,
        () -> distil(model, Lesson.images(100, true), Map.of("by", "blocks"), 1)).getMessage()
        .startsWith("student: the smallest, with 1.00 of the residual blocks, costs"));
  }

  @Test
  void whatALastSoftmaxReadsIsCompared() {
    Model model = Lesson.teacher("z = Gemm(f, v, c)  y = Softmax<axis=1>(z)");
    PassResult result = distil(model, Lesson.images(200, true), Map.of(), 1);
    assertEquals("labels of 'z' (0.1), the teacher's 'z' by divergence at temperature 4.0 (0.9)",
        result.figures().get("learned from"));
    assertEquals("Softmax", model.graph().outputs().getFirst().producer().operator());
    assertEquals("y", model.graph().outputs().getFirst().name());
  }

  private Path student(String net) {
    Path file = folder.resolve("student.onnx");
    OnnxWriter.write(GraphText.parse(net), file);
    return file;
  }

  @Test
  void aStudentOfTheUsersGetsTheNamesOfItsTeacher() {
    Path file = student("""
        <ir_version: 8, opset_import: ["": 13]>
        small (float[N,1,6,6] image) => (float[N,2] scores) <float[36,4] w = random(1), float[4,2] v = random(2)>
        { y = Flatten(image)  h = MatMul(y, w)  r = Relu(h)  scores = MatMul(r, v) }
        """);
    Model model = Lesson.teacher(LOGITS);
    PassResult result = distil(model, Lesson.images(300, true), Map.of("student", file.toString()), 1);
    assertEquals("x", model.graph().inputs().getFirst().name());
    assertEquals("y", model.graph().outputs().getFirst().name());
    assertEquals(4 * 36 + 8, Cost.parameters(model));
    assertTrue(agreement(result) >= 90, result.figures().toString());
  }

  @Test
  void aStudentOfOtherShapesIsRefused() {
    Path file = student("""
        <ir_version: 8, opset_import: ["": 13]>
        small (float[N,1,6,6] x) => (float[N,3] y) <float[36,3] w = random(1)> { f = Flatten(x)  y = MatMul(f, w) }
        """);
    assertEquals(file + ": has outputs [float[N,3] y], expected those of the model, [float[N,2] y]",
        assertThrows(InvalidInputException.class,
            () -> distil(Lesson.teacher(LOGITS), Lesson.images(100, true), Map.of("student", file.toString()), 1))
            .getMessage());
  }

  @Test
  void innerValuesMayBeMadeAlike() {
    Model model = Lesson.teacher(LOGITS);
    PassResult result = distil(model, Lesson.images(100, true),
        Map.of("epochs", 2, "features", Map.of("s", "s"), "feature_loss", "attention", "feature_weight", 0.5), 1);
    assertTrue(result.figures().get("learned from").endsWith("the teacher's 's' for 's' by attention (0.5)"),
        result.figures().toString());
  }

  @Test
  void theEndsOfStagesMayLookWhereTheTeachersDo() {
    Model model = Lesson.teacher(LOGITS);
    PassResult result = distil(model, Lesson.images(100, true), Map.of("epochs", 2, "attention", 3.5), 1);
    String learned = result.figures().get("learned from");
    assertTrue(learned.endsWith(", the teacher's 's' for 's' by attention (3.5)"), learned);
  }

  @Test
  void whatCannotBeLearnedIsTold() {
    Model model = Lesson.teacher(LOGITS);
    assertEquals("training: found no samples, expected a training or a calibration part of the data",
        message(model, Samples.none(), Map.of()));
    assertEquals("training: labels have the whole loss, but not each sample has a class, expected labels below 1",
        message(model, Lesson.images(100, false), Map.of("labels", 1)));
    assertEquals("teacher: computes no value 'q', expected one such as its outputs [y]",
        message(model, Lesson.images(100, true), Map.of("features", Map.of("s", "q"))));
    Path others = student("""
        <ir_version: 8, opset_import: ["": 13]>
        small (float[N,1,6,6] x) => (float[N,2] y) <float[36,2] w = random(1)> { f = Flatten(x)  y = MatMul(f, w) }
        """);
    assertEquals(
        "training: attention: found no activations of images that both models have under one name, expected some; name them by features",
        message(model, Lesson.images(100, true), Map.of("attention", 1, "student", others.toString())));
    assertTrue(message(model, Lesson.images(100, true), Map.of("features", Map.of("q", "s")))
        .startsWith("goal 'q': graph 'net' computes no such value"));
  }

  private static String message(Model model, Samples samples, Map<String, Object> settings) {
    return assertThrows(InvalidInputException.class, () -> distil(model, samples, settings, 1)).getMessage();
  }

  @Test
  void labelsAloneNeedNoTeacher() {
    Model model = Lesson.teacher(LOGITS);
    PassResult result = distil(model, Lesson.images(300, true), Map.of("labels", 1), 1);
    assertEquals("labels of 'y' (1.0)", result.figures().get("learned from"));
    assertTrue(agreement(result) >= 90, result.figures().toString());
  }

  @Test
  void whereTrainingGoesAstrayTheBestIsKept() throws Exception {
    Path out = folder.resolve("out.onnx");
    Model model = Lesson.teacher(LOGITS);
    Path file = student(
        """
            <ir_version: 8, opset_import: ["": 13]>
            small (float[N,1,6,6] x) => (float[N,2] y) <float[36,4] w = random(1), float[4,4] u = random(3), float[4,2] v = random(2)>
            { f = Flatten(x)  h = MatMul(f, w)  g = MatMul(h, u)  y = MatMul(g, v) }
            """);
    Map<String, Object> wild = Map.of("student", file.toString(), "epochs", 40, "batch", 16, "rate", 100, "optimizer",
        "sgd", "decay", 0);
    String message = assertThrows(InvalidInputException.class, () -> Lesson.run(new Distil(), model, model.copy(),
        Lesson.images(100, true), wild, 1, new TrainingFiles(out, 1, 120, false, null))).getMessage();
    Path kept = folder.resolve("out.onnx.stopped.onnx");
    assertTrue(message.matches("step \\d+: .*"), message);
    assertEquals(Files.exists(kept), message.endsWith("; the best of the epochs before is in " + kept), message);
    assertTrue(Trainer.takeUnfinished().isEmpty(), "a checkpoint that leads nowhere");
  }

  /** Measured again, another student might be chosen: the job that goes on takes the one that it began with. */
  @Test
  void aStudentChosenByLatencyIsKept() {
    TrainingFiles files = new TrainingFiles(folder.resolve("out.onnx"), 1, 120, false, null);
    Map<String, Object> settings = Map.of("epochs", 1, "batch", 16, "budget_of", "latency", "budget", 1);
    Model one = Lesson.teacher(LOGITS);
    PassResult first = Lesson.run(new Distil(), one, one.copy(), Lesson.images(100, true), settings, 1, files);
    Path kept = folder.resolve("out.onnx.training-1.student.onnx");
    assertTrue(Files.exists(kept));
    Model narrow = OnnxReader.read(kept);
    narrow.metadata().put("dwindle.student.words", "the one that was kept");
    OnnxWriter.write(narrow, kept);
    Model two = Lesson.teacher(LOGITS);
    PassResult second = Lesson.run(new Distil(), two, two.copy(), Lesson.images(100, true), settings, 1, files);
    assertTrue(first.figures().get("student").endsWith("of the channels of each layer"), first.figures().toString());
    assertEquals("the one that was kept", second.figures().get("student"));
    assertSameConstants(one, two);
  }

  @Test
  void aStudentChosenForAnotherTeacherIsNotTaken() {
    TrainingFiles files = new TrainingFiles(folder.resolve("out.onnx"), 1, 120, false, null);
    Map<String, Object> settings = Map.of("epochs", 1, "batch", 16, "budget_of", "latency", "budget", 1);
    Model one = Lesson.teacher(LOGITS);
    Lesson.run(new Distil(), one, one.copy(), Lesson.images(100, true), settings, 1, files);
    Path kept = folder.resolve("out.onnx.training-1.student.onnx");
    String key = OnnxReader.read(kept).metadata().get("dwindle.student");
    Model two = Lesson.teacher("e = Relu(f)  y = Gemm(e, v, c)");
    Lesson.run(new Distil(), two, two.copy(), Lesson.images(100, true), settings, 1, files);
    assertNotEquals(key, OnnxReader.read(kept).metadata().get("dwindle.student"));
  }

  @Test
  void aSoftmaxOnOneSideOnlyIsRefused() {
    Path file = student("""
        <ir_version: 8, opset_import: ["": 13]>
        small (float[N,1,6,6] x) => (float[N,2] y) <float[36,2] w = random(1)>
        { f = Flatten(x)  z = MatMul(f, w)  y = Softmax(z) }
        """);
    assertEquals("student: output 'y' is behind a Softmax, but the teacher's is not, expected both alike",
        message(Lesson.teacher(LOGITS), Lesson.images(100, true), Map.of("student", file.toString())));
  }

  /** Classes that come in turn, with a period that the held-out samples' share goes into. */
  @Test
  void heldOutSamplesAreOfAllClasses() {
    PassResult result = distil(Lesson.teacher(LOGITS), Lesson.images(300, true), Map.of("epochs", 20, "hold_out", 0.5),
        1);
    assertEquals("150, 150 held out", result.figures().get("samples"));
    assertTrue(agreement(result) >= 85, result.figures().toString());
  }

  private static final Map<String, Object> TOKENS = Map.of("by", "blocks", "budget", 0.7, "mask", "mask", "pad", true);

  /** The squared error of a model's outputs beside another's, on each sentence as long as it is. */
  private static double error(Model a, Model b, Samples samples) {
    double sum = 0;
    for (Sample sample : samples.stream().toList()) {
      double[] x = Elements.doubles(Interpreter.run(a.graph(), sample.inputs()).getFirst());
      double[] y = Elements.doubles(Interpreter.run(b.graph(), sample.inputs()).getFirst());
      for (int i = 0; i < x.length; i++) sum += (x[i] - y[i]) * (x[i] - y[i]) / x.length;
    }
    return sum / samples.count();
  }

  @Test
  void aTransformerLearnsFromSentencesOfAnyLength() {
    Samples samples = Lesson.sentences(60);
    Model teacher = Lesson.transformer(2);
    Model begun = teacher.copy();
    distil(begun, samples,
        Map.of("by", "blocks", "budget", 0.7, "mask", "mask", "pad", true, "epochs", 1, "rate", 1e-9),
        1);
    Model trained = teacher.copy();
    PassResult result = distil(trained, samples, TOKENS, 2);
    assertEquals("0.500 of the residual blocks", result.figures().get("student"));
    double before = error(teacher, begun, samples);
    double after = error(teacher, trained, samples);
    assertTrue(after < 0.3 * before, () -> "error " + before + ", " + after + " after training");
    assertEquals("108, 12 held out", result.figures().get("samples"));
  }

  /** Behind a mask that holds zeros, and behind a look-up in a codebook, a layer's weights are still those of the layer. */
  @Test
  void aLayerIsFrozenWhateverItsWeightsAreBehind() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 13]>
        net (float[N,1,6,6] x) => (float[N,2] y)
        <float[36,8] w = random(1), int64[8,2] at = {1}, float[4] book = random(2)>
        { f = Flatten(x)  [body] h = MatMul(f, w)  r = Relu(h)  v = Gather(book, at)  [head] y = MatMul(r, v) }""");
    float[] w = model.graph().value("w").tensor().floats();
    for (int i = 0; i < w.length; i += 2) w[i] = 0;
    model.graph().setConstant(model.graph().value("w"), Constant.of(Tensor.of(Shape.of(36, 8), w)));
    byte[] book = model.graph().value("book").tensor().bytes();
    Map<String, Object> settings = new HashMap<>(SHORT);
    settings.put("freeze", List.of("body"));
    Model body = model.copy();
    Lesson.run(new Finetune(), body, Lesson.teacher(LOGITS), Lesson.images(64, false), settings, 1, TrainingFiles.NONE);
    assertArrayEquals(Tensor.of(Shape.of(36, 8), w).bytes(), body.graph().value("w").tensor().bytes());
    assertFalse(Arrays.equals(book, body.graph().value("book").tensor().bytes()));
    settings.put("freeze", List.of("head"));
    Lesson.run(new Finetune(), model, Lesson.teacher(LOGITS), Lesson.images(64, false), settings, 1,
        TrainingFiles.NONE);
    assertArrayEquals(book, model.graph().value("book").tensor().bytes());
    assertFalse(Arrays.equals(Tensor.of(Shape.of(36, 8), w).bytes(), model.graph().value("w").tensor().bytes()));
  }

  @Test
  void whatIsFrozenStays() {
    Map<String, Object> frozen = new HashMap<>(TOKENS);
    frozen.put("freeze", List.of("op:Gather", "nothing"));
    Model teacher = Lesson.transformer(2);
    Model model = teacher.copy();
    PassResult result = distil(model, Lesson.sentences(20), frozen, 1);
    assertEquals("freeze: [nothing] match no node", result.figures().get("warning"));
    byte[] table = teacher.graph().value("table").tensor().bytes();
    assertArrayEquals(table, model.graph().value("table").tensor().bytes());
    Model free = teacher.copy();
    distil(free, Lesson.sentences(20), TOKENS, 1);
    assertFalse(Arrays.equals(table, free.graph().value("table").tensor().bytes()));
  }

  @ParameterizedTest
  @CsvSource({"mask, '', 'training: input ''ids'' of sample 1 is *; ''pad: true'' fills samples up with zeros'",
      "'', ids, *", "'', nothing, 'mask ''nothing'': the model has no such input, expected one of [*]'"})
  void whatDoesNotFitIsTold(String pad, String mask, String message) {
    Map<String, Object> settings = new HashMap<>(
        Map.of("by", "blocks", "budget", 0.7, "pad", pad.isEmpty(), "mask", mask));
    if (message.equals("*")) {
      settings.put("loss", "divergence");
      message = "mask 'ids': is a int64[16,7] for 'y', a float[16,7,8], expected the first axes of what is compared by mean squared error or cosine";
    }
    String found = message(Lesson.transformer(2), Lesson.sentences(20), settings);
    assertTrue(found.matches(("\\Q" + message + "\\E").replace("*", "\\E.*\\Q")), found);
  }

  /** Files of a run that ends whole: the checkpoint of the last step and what the teacher said, until the job is done. */
  @Test
  void whatIsKeptTakesAnotherRunToTheSameEnd() throws Exception {
    TrainingFiles files = new TrainingFiles(folder.resolve("out.onnx"), 1, 120, false, null);
    Model one = Lesson.teacher(LOGITS);
    Model two = Lesson.teacher(LOGITS);
    Map<String, Object> settings = Map.of("epochs", 3, "batch", 16);
    Lesson.run(new Distil(), one, one.copy(), Lesson.images(100, true), settings, 1, files);
    assertTrue(Files.exists(folder.resolve("out.onnx.training-1.checkpoint")));
    assertTrue(Files.exists(folder.resolve("out.onnx.training-1.teacher-0.npz")));
    PassResult again = Lesson.run(new Distil(), two, two.copy(), Lesson.images(100, true), settings, 1, files);
    assertTrue(again.figures().get("trained").endsWith("resumed after step 15"), again.figures().toString());
    assertSameConstants(one, two);
    files.done();
    try (Stream<Path> left = Files.list(folder)) {
      assertFalse(left.findAny().isPresent());
    }
  }
}
