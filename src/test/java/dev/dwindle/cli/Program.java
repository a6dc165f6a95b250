package dev.dwindle.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The program as a process of its own.
 *
 * @param folder where it works
 * @param log what it prints, outside of that folder
 */
record Program(Path folder, Path log) {
  /** Starts a command of it, behind the words of another program that starts it in turn, if any. */
  Process start(List<String> starter, String... args) throws IOException {
    return start(starter, List.of(), args);
  }

  /** As the other, with more flags of the JVM. */
  Process start(List<String> starter, List<String> flags, String... args) throws IOException {
    // Whoever starts tests in the background may ignore Ctrl-C, and a process hands that on.
    List<String> command = new ArrayList<>(
        System.getProperty("os.name").equals("Linux") ? List.of("env", "--default-signal=INT") : List.of());
    command.addAll(starter);
    command.addAll(List.of(ProcessHandle.current().info().command().orElseThrow(), "--add-modules",
        "jdk.incubator.vector", "-XX:-UsePerfData", "-cp", System.getProperty("java.class.path")));
    command.addAll(flags);
    command.add("dev.dwindle.cli.Main");
    command.addAll(List.of(args));
    return new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
        .redirectOutput(log.toFile()).start();
  }

  /** What it printed, without the line about the Vector API that the JVM prints. */
  List<String> lines() throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> !line.startsWith("WARNING: Using incubator modules")).toList();
    }
  }

  /** The names of the files in a folder. */
  static TreeSet<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(p -> p.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
