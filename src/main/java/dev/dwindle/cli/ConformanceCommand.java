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
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code conformance DIR}: the ONNX project's node tests on a device. */
@Command(name = "conformance", description = "Runs the ONNX project's node tests (written by scripts/conformance) on a device.")
final class ConformanceCommand implements Callable<Integer> {
  @Spec
  CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "A folder of tests: test_x/model.onnx, test_x/test_data_set_0/input_0.pb, ...")
  Path folder;

  @Option(names = "--device", paramLabel = "D", defaultValue = "cpu", description = "Device (default: ${DEFAULT-VALUE}).")
  String device;

  @Option(names = "--filter", paramLabel = "REGEX", defaultValue = ".*", description = "Runs only tests whose names match.")
  String filter;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes each test's status and reason.")
  Path json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Pattern named = pattern();
    try (Backend backend = Backends.open(device)) {
      ConformanceResult result = new Conformance(Conformance.on(backend)).run(folder, named.asMatchPredicate(),
          TerminalProgress.create());
      result.tests().forEach((test, outcome) -> {
        if (outcome.status() == Status.FAIL) out.println("fail: " + test + ": " + outcome.reason());
      });
      out.println(
          device + ": " + result.count(Status.PASS) + " passed, " + result.count(Status.FAIL) + " failed, "
              + result.count(Status.UNSUPPORTED) + " unsupported");
      if (json != null) OutputFile.write(json, json(result));
      return result.count(Status.FAIL) == 0 ? ExitCode.DONE : ExitCode.GATE;
    }
  }

  private Pattern pattern() {
    try {
      return Pattern.compile(filter);
    } catch (PatternSyntaxException e) {
      throw new InvalidInputException(
          "--filter: found '" + filter + "', expected a regular expression: " + e.getDescription(), e);
    }
  }

  private static String json(ConformanceResult result) {
    Map<String, Map<String, String>> tests = new LinkedHashMap<>();
    result.tests().forEach((test, outcome) -> {
      Map<String, String> entry = new LinkedHashMap<>();
      entry.put("status", outcome.status().word());
      if (outcome.reason() != null) entry.put("reason", outcome.reason());
      tests.put(test, entry);
    });
    return JsonReport.of(Map.of("tests", tests));
  }
}
