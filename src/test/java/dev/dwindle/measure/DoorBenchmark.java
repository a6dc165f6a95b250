package dev.dwindle.measure;

import ai.onnxruntime.OrtException;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.cpu.BenchmarkMachine;
import dev.dwindle.backend.cpu.OrtModel;
import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.catalog.Backends;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.OutputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the way through {@code onnxruntime:CPU} costs: the zoo's models on that device, in turn with the bare Java package on the
 * same files. {@code DoorBenchmark SECONDS FILE}, where FILE is the result.
 */
public final class DoorBenchmark {
  private DoorBenchmark() {}

  /** The bare package: a session on a file, whose outputs are thrown away. */
  private static final class Bare implements Source {
    private final ZooModel model;
    private final int threads;
    private OrtModel session;

    Bare(ZooModel model, int threads) {
      this.model = model;
      this.threads = threads;
      renew();
    }

    @Override
    public Load open() {
      return new Load() {
        @Override
        public void run() {
          checked(session::run);
        }

        @Override
        public void close() {
          // the session's buffers are its own
        }
      };
    }

    @Override
    public void renew() {
      close();
      checked(() -> session = new OrtModel(model.path(), threads, model.samples()));
    }

    @Override
    public void close() {
      if (session != null) {
        checked(session::close);
        session = null;
      }
    }
  }

  private interface Action {
    void run() throws OrtException;
  }

  private static void checked(Action action) {
    try {
      action.run();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  public static void main(String[] args) throws IOException {
    double seconds = Double.parseDouble(args[0]);
    String machine = BenchmarkMachine.json();
    List<String> lines = new ArrayList<>();
    for (ZooModel model : ZooModel.chosen().toList()) {
      lines.add(String.format(Locale.ROOT, "    {\"model\": \"%s\", \"one_thread\": %s, \"two_threads\": %s}",
          model.fileName(), measure(model, 1, seconds), measure(model, 2, seconds)));
      System.out.println(lines.getLast());
    }
    OutputFile.write(Path.of(args[1]), "{\n"
        + "  \"what\": \"median latency in ms, batch 1, of onnxruntime:CPU and of OrtSession.run on the same file, in turn in one process\",\n"
        + "  \"ratio\": \"onnxruntime:CPU / OrtSession.run by blocks, with its 95 % interval; above 1 the door costs\",\n"
        + "  \"machine\": " + machine + ",\n  \"models\": [\n" + String.join(",\n", lines) + "\n  ]\n}\n");
  }

  private static String measure(ZooModel model, int threads, double seconds) {
    try (Backend backend = Backends.open("onnxruntime:CPU")) {
      Request request = new Request(OnnxReader.read(model.path()), model.samples());
      CompileOptions options = CompileOptions.DEFAULT.withThreads(threads);
      Runs runs = new Interleaving(Clock.SYSTEM, new Length(500, seconds / 2, seconds)).measure(2,
          i -> i == 0 ? new ModelSource(backend, options, request, 1, 1) : new Bare(model, threads), Progress.SILENT);
      Estimate ratio = runs.speedup(0, 1);
      return String.format(Locale.ROOT,
          "{\"ours_ms\": %.4f, \"bare_ms\": %.4f, \"ratio\": %.3f, \"low\": %.3f, \"high\": %.3f, \"runs\": %d}",
          runs.timing(0).median().value(), runs.timing(1).median().value(), ratio.value(), ratio.low(), ratio.high(),
          runs.timing(0).runs());
    }
  }
}
