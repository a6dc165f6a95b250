package dev.dwindle.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two requests over one stream of samples: each sample once, outputs in order, and an end whatever happens. */
@Timeout(60)
class SharedRunsTest {
  private static final int COUNT = 400;

  @Test
  void outputsAreToldInTheOrderOfTheSamplesFromBothRequests() {
    List<Float> told = new ArrayList<>();
    Set<Thread> by = new HashSet<>();
    // As many as it takes until both have told some.
    Iterator<Sample> samples = IntStream.iterate(0, i -> i < COUNT || by.size() < 2, i -> i + 1)
        .mapToObj(SharedRunsTest::sample).iterator();
    run(samples, outputs -> {
      told.add(outputs.get("y").floats()[0]);
      by.add(Thread.currentThread());
    });
    assertEquals(IntStream.range(0, told.size()).mapToObj(i -> 2f * i).toList(), told);
    assertTrue(told.size() >= COUNT, told.size() + " outputs told");
  }

  @Test
  void aBadSampleEndsBothRequestsAndIsTold() {
    List<Sample> samples = new ArrayList<>(samples(COUNT));
    samples.set(COUNT / 2, new Sample(Map.of(), null, true));
    List<Float> told = new ArrayList<>();
    InvalidInputException thrown = assertThrows(
        InvalidInputException.class, () -> run(samples, outputs -> told.add(outputs.get("y").floats()[0])));
    assertTrue(thrown.getMessage().contains("expected 'x' too"), thrown.getMessage());
    assertTrue(told.size() <= COUNT / 2, told.size() + " outputs told");
    assertEquals(IntStream.range(0, told.size()).mapToObj(i -> 2f * i).toList(), told);
  }

  @Test
  void anErrorOfWhoeverIsToldComesBack() {
    IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> run(samples(COUNT), outputs -> {
      if (outputs.get("y").floats()[0] == 2f * 300) throw new IllegalStateException("enough");
    }));
    assertEquals("enough", thrown.getMessage());
  }

  @Test
  void anInterruptEndsBothRequests() throws InterruptedException {
    Thread thread = new Thread(() -> assertThrows(CancellationException.class, () -> run(endless(), outputs -> {})));
    thread.start();
    Thread.sleep(200);
    thread.interrupt();
    thread.join(30_000);
    assertFalse(thread.isAlive());
  }

  private static void run(List<Sample> samples, Consumer<Map<String, Tensor>> each) {
    run(samples.iterator(), each);
  }

  private static void run(Iterator<Sample> samples, Consumer<Map<String, Tensor>> each) {
    Graph graph = GraphText.parse("net (float[3] x) => (y) { y = Add(x, x) }").graph();
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(graph, CompileOptions.DEFAULT.withThreads(1))) {
      SharedRuns.of(executable, graph, samples, (sample, outputs) -> each.accept(outputs)).run(done -> true);
    }
  }

  private static List<Sample> samples(int count) {
    return IntStream.range(0, count).mapToObj(SharedRunsTest::sample).toList();
  }

  private static Sample sample(int i) {
    return new Sample(Map.of("x", Tensor.of(Shape.of(3), (float) i, i, i)), null, true);
  }

  private static Iterator<Sample> endless() {
    return IntStream.iterate(0, i -> i + 1).mapToObj(SharedRunsTest::sample).iterator();
  }
}
