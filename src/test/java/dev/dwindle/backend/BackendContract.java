package dev.dwindle.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What every backend must do, with the plain meaning as the oracle: a subclass names its backend. */
public abstract class BackendContract {
  /** The backend under test, made anew for each test. */
  protected abstract Backend backend();

  /** Whether the backend promises the same bytes on any number of threads; else only the same as the plain meaning is. */
  protected boolean isExactOnThreads() {
    return true;
  }

  /** How far a device's floats may be from the plain meaning of an operator, beyond what its case allows. */
  protected double slack(String operator) {
    return 0;
  }

  @TestFactory
  Stream<DynamicTest> operatorsEqualTheirPlainMeaning() {
    return OperatorCases.all().stream().filter(c -> isSupported(c.model()))
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> assertPlainMeaning(c)));
  }

  @TestFactory
  Stream<DynamicTest> twoThreadsGiveTheBytesOfOne() {
    return OperatorCases.all().stream().filter(c -> isSupported(c.model()))
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> assertSameOnThreads(c)));
  }

  /** Holds every case that the backend takes to its plain meaning; returns how many. For JVMs of other vector widths. */
  public int holdAll() {
    List<OperatorCases.Case> cases = OperatorCases.all().stream().filter(c -> isSupported(c.model())).toList();
    cases.forEach(this::assertPlainMeaning);
    return cases.size();
  }

  /** Holds every case that the backend takes to its plain meaning and tells of each that does not hold, with why; returns how many cases there were. */
  public int holdEach(BiConsumer<String, String> wrong) {
    List<OperatorCases.Case> cases = OperatorCases.all().stream().filter(c -> isSupported(c.model())).toList();
    for (OperatorCases.Case c : cases) {
      try {
        assertPlainMeaning(c);
      } catch (RuntimeException | AssertionError e) {
        wrong.accept(c.name(), String.valueOf(e.getMessage()));
      }
    }
    return cases.size();
  }

  /** The graphs of the cases, for a backend that must show a case for each of its kernels; types are static. */
  protected static List<Model> models() {
    return OperatorCases.all().stream().map(OperatorCases.Case::model).toList();
  }

  private boolean isSupported(Model model) {
    try (Backend backend = backend()) {
      return model.graph().nodes().stream().allMatch(n -> backend.supports(n).isYes());
    }
  }

  private void assertPlainMeaning(OperatorCases.Case c) {
    List<Tensor> expected = Interpreter.run(c.model().graph(), c.inputs());
    List<Tensor> actual = run(c, 1);
    double slack = slack(c.model().graph().nodes().getFirst().operator());
    OperatorCases.Tolerance tolerance = slack == 0 ? c.tolerance() : OperatorCases.within(slack);
    for (int i = 0; i < expected.size(); i++) {
      tolerance.assertEqual(c.name() + ", output " + i, expected.get(i), actual.get(i), c);
    }
  }

  private void assertSameOnThreads(OperatorCases.Case c) {
    List<Tensor> one = run(c, 1);
    List<Tensor> two = run(c, 2);
    for (int i = 0; i < one.size(); i++) {
      String output = c.name() + ", output " + i;
      if (isExactOnThreads()) {
        assertTrue(one.get(i).contentEquals(two.get(i)), output + " differs on two threads");
      } else {
        c.tolerance().assertEqual(output + " on two threads", one.get(i), two.get(i), c);
      }
    }
  }

  /** Outputs of the second of two runs, so that what a run leaves behind shows. */
  private List<Tensor> run(OperatorCases.Case c, int threads) {
    try (Backend backend = backend();
        Executable executable = backend.compile(c.model().graph(), CompileOptions.DEFAULT.withThreads(threads));
        Bound bound = executable.bind()) {
      c.inputs().forEach(bound::set);
      bound.run();
      bound.run();
      return bound.outputs().values().stream().map(BackendContract::copy).toList();
    }
  }

  private static Tensor copy(Tensor view) {
    byte[] bytes = view.segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    return Tensor.of(view.dtype(), view.shape(), bytes);
  }

  @Test
  void carriesAnOutputToTheNextRun() {
    withBound(sum(Dim.symbol("n")), bound -> {
      bound.set("a", Tensor.of(Shape.of(3), 1f, 2f, 3f));
      bound.set("b", Tensor.of(Shape.of(3), 10f, 20f, 30f));
      bound.carry("sum", "a");
      assertOutput(bound, 11, 22, 33);
      assertOutput(bound, 21, 42, 63);
      bound.set("a", Tensor.of(Shape.of(3), 0f, 0f, 0f));
      assertOutput(bound, 10, 20, 30);
    });
  }

  @Test
  void takesNewShapesAndOldOnesAgain() {
    withBound(sum(Dim.symbol("n")), bound -> {
      for (int n : new int[] {3, 1, 17, 3}) {
        float[] values = new float[n];
        float[] doubled = new float[n];
        for (int i = 0; i < n; i++) {
          values[i] = i + 1;
          doubled[i] = 2 * values[i];
        }
        bound.set("a", Tensor.of(Shape.of(n), values));
        bound.set("b", Tensor.of(Shape.of(n), values));
        assertOutput(bound, doubled);
      }
    });
  }

  @Test
  void keepsAnInputThatIsNotSetAgain() {
    withBound(sum(Dim.symbol("n")), bound -> {
      bound.set("a", Tensor.of(Shape.of(2), 1f, 2f));
      bound.set("b", Tensor.of(Shape.of(1), 5f));
      assertOutput(bound, 6, 7);
      bound.set("b", Tensor.of(Shape.of(2), 1f, 1f));
      assertOutput(bound, 2, 3);
    });
  }

  @Test
  void runsSeveralRequestsAtOnce() throws InterruptedException {
    try (Backend backend = backend();
        Executable executable = backend.compile(sum(Dim.symbol("n")).graph(), CompileOptions.DEFAULT.withThreads(1))) {
      List<Thread> threads = new ArrayList<>();
      Set<String> failures = ConcurrentHashMap.newKeySet();
      for (int t = 1; t <= 4; t++) {
        float value = t;
        Thread thread = new Thread(() -> requests(executable, value));
        thread.setUncaughtExceptionHandler((which, thrown) -> failures.add(thrown.toString()));
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(Set.of(), failures);
    }
  }

  private static void requests(Executable executable, float value) {
    try (Bound bound = executable.bind()) {
      for (int i = 0; i < 50; i++) {
        bound.set("a", Tensor.of(Shape.of(2), i, value));
        bound.set("b", Tensor.of(Shape.of(2), value, value));
        assertOutput(bound, i + value, 2 * value);
      }
    }
  }

  @Test
  void readsAnInputWhenItIsSet() {
    try (Backend backend = backend();
        Executable executable = backend.compile(sum(Dim.symbol("n")).graph(), CompileOptions.DEFAULT.withThreads(1));
        Bound first = executable.bind();
        Bound second = executable.bind()) {
      first.set("a", Tensor.of(Shape.of(2), 1f, 2f));
      first.set("b", Tensor.of(Shape.of(2), 1f, 1f));
      first.run();
      second.set("a", first.outputs().get("sum"));
      second.set("b", Tensor.of(Shape.of(2), 0f, 0f));
      first.set("a", Tensor.of(Shape.of(2), 7f, 7f));
      first.run();
      assertOutput(second, 2, 3);
    }
  }

  @Test
  void checksAndPassesOnAnInputThatNoNodeReads() {
    Model model = sum(Dim.of(2));
    Value through = model.graph().addValue("through", TensorType.of(DType.FLOAT, Shape.of(2)));
    model.graph().addInput(through);
    model.graph().addOutput(through);
    withBound(model, bound -> {
      bound.set("a", Tensor.of(Shape.of(2), 1f, 2f));
      bound.set("b", Tensor.of(Shape.of(2), 1f, 2f));
      assertSays("int64[9]", () -> bound.set("through", Tensor.of(Shape.of(9), new long[9])));
      assertSays("'through'", bound::run);
      bound.set("through", Tensor.of(Shape.of(2), 3f, 4f));
      bound.run();
      bound.set("through", Tensor.of(Shape.of(2), 5f, 6f));
      assertTrue(Tensor.of(Shape.of(2), 3f, 4f).contentEquals(bound.outputs().get("through")));
      bound.run();
      assertTrue(Tensor.of(Shape.of(2), 5f, 6f).contentEquals(bound.outputs().get("through")));
    });
  }

  @Test
  void keepsOutputsAndTimesUntilTheNextRun() {
    try (Backend backend = backend();
        Executable executable = backend.compile(sum(Dim.symbol("n")).graph(), CompileOptions.DEFAULT.withProfile(true));
        Bound bound = executable.bind()) {
      bound.set("a", Tensor.of(Shape.of(2), 1f, 2f));
      bound.set("b", Tensor.of(Shape.of(2), 1f, 1f));
      bound.run();
      int times = bound.profile().size();
      bound.set("a", Tensor.of(Shape.of(3), 1f, 2f, 3f));
      assertEquals(times, bound.profile().size());
      assertTrue(Tensor.of(Shape.of(2), 2f, 3f).contentEquals(bound.outputs().get("sum")));
      bound.set("b", Tensor.of(Shape.of(3), 1f, 1f, 1f));
      assertOutput(bound, 2, 3, 4);
    }
  }

  @Test
  void refusesWorkOnceItIsClosed() {
    try (Backend backend = backend()) {
      Executable executable = backend.compile(sum(Dim.of(2)).graph(), CompileOptions.DEFAULT);
      Bound bound = executable.bind();
      Tensor value = Tensor.of(Shape.of(2), 1f, 2f);
      bound.set("a", value);
      bound.set("b", value);
      bound.run();
      bound.close();
      bound.close();
      assertClosed(() -> bound.set("a", value));
      assertClosed(() -> bound.carry("sum", "a"));
      assertClosed(bound::run);
      assertClosed(bound::outputs);
      assertClosed(bound::profile);
      executable.close();
      executable.close();
      assertClosed(executable::bind);
    }
  }

  private static void assertClosed(org.junit.jupiter.api.function.Executable action) {
    String message = assertThrows(IllegalStateException.class, action).getMessage();
    assertTrue(message.contains("closed"), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void answersAnInterrupt() {
    withBound(sum(Dim.of(2)), bound -> {
      bound.set("a", Tensor.of(Shape.of(2), 1f, 2f));
      bound.set("b", Tensor.of(Shape.of(2), 1f, 2f));
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, bound::run);
      assertFalse(Thread.interrupted());
      assertOutput(bound, 2, 4);
    });
  }

  @Test
  void namesWhatIsWrongWithAnInput() {
    withBound(sum(Dim.of(2)), bound -> {
      assertSays("'c'", () -> bound.set("c", Tensor.of(Shape.of(2), 1f, 2f)));
      assertSays("int64[2]", () -> bound.set("a", Tensor.of(Shape.of(2), 1L, 2L)));
      assertSays("float[3]", () -> bound.set("a", Tensor.of(Shape.of(3), 1f, 2f, 3f)));
      bound.set("a", Tensor.of(Shape.of(2), 1f, 2f));
      assertSays("'b'", bound::run);
      assertSays("'none'", () -> bound.carry("none", "a"));
    });
  }

  private static void assertSays(String part, org.junit.jupiter.api.function.Executable action) {
    String message = assertThrows(InvalidInputException.class, action).getMessage();
    assertTrue(message.contains(part), message);
    assertEquals(1, message.lines().count(), message);
  }

  private void withBound(Model model, java.util.function.Consumer<Bound> action) {
    try (Backend backend = backend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      action.accept(bound);
    }
  }

  private static void assertOutput(Bound bound, float... expected) {
    bound.run();
    assertEquals(List.of("sum"), new ArrayList<>(bound.outputs().keySet()));
    Tensor actual = bound.outputs().get("sum");
    assertTrue(Tensor.of(Shape.of(expected.length), expected).contentEquals(actual),
        java.util.Arrays.toString(actual.floats()));
  }

  /** sum = a + b. */
  private static Model sum(Dim n) {
    Model model = new Model(8, 17);
    Graph graph = model.graph();
    Map<String, Value> inputs = new HashMap<>();
    for (String name : List.of("a", "b")) {
      Dim dim = name.equals("b") && !n.isKnown() ? Dim.symbol("m") : n;
      Value input = graph.addValue(name, new TensorType(DType.FLOAT, List.of(dim)));
      graph.addInput(input);
      inputs.put(name, input);
    }
    Value sum = graph.addValue("sum", new TensorType(DType.FLOAT, null));
    graph.node("Add").in(inputs.get("a"), inputs.get("b")).out(sum).append();
    graph.addOutput(sum);
    return model;
  }
}
