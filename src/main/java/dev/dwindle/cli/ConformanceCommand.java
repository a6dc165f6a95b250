package dev.dwindle.cli;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import dev.dwindle.engine.Conformance;
import dev.dwindle.report.JsonReport;
import dev.dwindle.result.ConformanceResult;
import dev.dwindle.result.ConformanceResult.Status;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** {@code conformance DIR}: the ONNX project's node tests on a device. */
final class ConformanceCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Path> folder;
  private final Argument<String> device;
  private final Argument<String> filter;
  private final Argument<Path> json;

  ConformanceCommand(Options options) {
    this.options = options;
    options.describe("Runs the ONNX project's node tests (written by scripts/conformance) on a device.");
    folder = options.parameter("DIR", Path.class,
        "A folder of tests: test_x/model.onnx, test_x/test_data_set_0/input_0.pb, ...");
    device = options.option("--device", "D", String.class, "cpu", "Device (default: ${DEFAULT-VALUE}).");
    filter = options.option("--filter", "REGEX", String.class, ".*", "Runs only tests whose names match.");
    json = options.option("--json", "FILE", Path.class, "Writes each test's status and reason.");
  }

  @Override
  public Integer call() {
    PrintWriter out = options.out();
    Pattern named = pattern();
    try (Backend backend = Backends.open(device.get())) {
      ConformanceResult result = new Conformance(Conformance.on(backend)).run(folder.get(), named.asMatchPredicate(),
          TerminalProgress.create());
      result.tests().forEach((test, outcome) -> {
        if (outcome.status() == Status.FAIL) out.println("fail: " + test + ": " + outcome.reason());
      });
      out.println(
          device.get() + ": " + result.count(Status.PASS) + " passed" + whole(result) + ", " + result.count(Status.FAIL)
              + " failed, "
              + result.count(Status.UNSUPPORTED) + " unsupported");
      if (json.get() != null) OutputFile.write(json.get(), json(result));
      return result.count(Status.FAIL) == 0 ? ExitCode.DONE : ExitCode.GATE;
    }
  }

  /** How many needed no other device, where some did. */
  private static String whole(ConformanceResult result) {
    return result.countWhole() == result.count(Status.PASS) ? "" : " (" + result.countWhole() + " without a fallback)";
  }

  private Pattern pattern() {
    try {
      return Pattern.compile(filter.get());
    } catch (PatternSyntaxException e) {
      throw new InvalidInputException(
          "--filter: found '" + filter.get() + "', expected a regular expression: " + e.getDescription(), e);
    }
  }

  private static String json(ConformanceResult result) {
    Map<String, Map<String, String>> tests = new LinkedHashMap<>();
    result.tests().forEach((test, outcome) -> {
      Map<String, String> entry = new LinkedHashMap<>();
      entry.put("status", outcome.status().word());
      if (outcome.reason() != null) entry.put("reason", outcome.reason());
      if (outcome.fallback() != null) entry.put("fallback", outcome.fallback());
      tests.put(test, entry);
    });
    return JsonReport.of(Map.of("tests", tests));
  }
}
