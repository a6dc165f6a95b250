package dev.dwindle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the order of the packages, and shows by planted classes that a breach of each kind is found. */
class LayersTest {
  @TempDir
  Path folder;

  @Test
  void everyClassKeepsTheOrder() throws IOException {
    var breaches = new TreeSet<String>();
    // Beside them stand declarations of native libraries, which JavaCPP makes.
    List<Path> classes = classFiles(Path.of("target", "classes", "dev"));
    assertFalse(classes.isEmpty(), "no class in target/classes: nothing was checked");
    for (Path file : classes) breaches.addAll(Layers.breaches(Files.readAllBytes(file)));
    assertEquals(Set.of(), breaches);
  }

  @Test
  void anUpwardImportIsFound() throws IOException {
    plant("engine/Compression", "package dev.dwindle.engine; public class Compression {}");
    plant("tensor/Planted", """
        package dev.dwindle.tensor;
        import dev.dwindle.engine.Compression;
        class Planted { Compression above; }
        """);
    assertEquals(
        Set.of("dev.dwindle.tensor.Planted names dev.dwindle.engine.Compression: 'engine' stands above 'tensor'"),
        planted());
  }

  @Test
  void aFullyQualifiedUseInsideAMethodIsFound() throws IOException {
    plant("engine/Compression",
        "package dev.dwindle.engine; public class Compression { public static void start() {} }");
    plant("tensor/Planted", """
        package dev.dwindle.tensor;
        class Planted { void go() { dev.dwindle.engine.Compression.start(); } }
        """);
    assertEquals(
        Set.of("dev.dwindle.tensor.Planted names dev.dwindle.engine.Compression: 'engine' stands above 'tensor'",
            "dev.dwindle.tensor.Planted names dev.dwindle.engine.Compression#start: 'engine' stands above 'tensor'"),
        planted());
  }

  @Test
  void aTypeArgumentIsFound() throws IOException {
    plant("graph/Graph", "package dev.dwindle.graph; public class Graph {}");
    plant("result/Planted", """
        package dev.dwindle.result;
        record Planted(java.util.List<dev.dwindle.graph.Graph> graphs) {}
        """);
    assertEquals(Set.of("dev.dwindle.result.Planted names dev.dwindle.graph.Graph: 'graph' stands above 'result'"),
        planted());
  }

  @Test
  void siblingsDoNotSeeEachOther() throws IOException {
    plant("backend/cpu/Plan", "package dev.dwindle.backend.cpu; public class Plan {}");
    plant("pass/fold/Planted", "package dev.dwindle.pass.fold; class Planted extends dev.dwindle.backend.cpu.Plan {}");
    plant("pass/half/Half", "package dev.dwindle.pass.half; public class Half {}");
    plant("pass/prune/Planted", "package dev.dwindle.pass.prune; class Planted { dev.dwindle.pass.half.Half half; }");
    Set<String> breaches = planted();
    breaches.removeIf(breach -> breach.contains("#"));
    assertEquals(
        Set.of(
            "dev.dwindle.pass.fold.Planted names dev.dwindle.backend.cpu.Plan: 'backend.cpu' is a sibling of 'pass.fold'",
            "dev.dwindle.pass.prune.Planted names dev.dwindle.pass.half.Half: 'pass.half' is a sibling of 'pass.prune'"),
        breaches);
  }

  @Test
  void onlyTheCatalogNamesImplementations() throws IOException {
    plant("pass/fold/Folding", "package dev.dwindle.pass.fold; public class Folding {}");
    plant("engine/Planted", "package dev.dwindle.engine; class Planted { dev.dwindle.pass.fold.Folding fold; }");
    plant("catalog/Passes", "package dev.dwindle.catalog; class Passes { dev.dwindle.pass.fold.Folding fold; }");
    assertEquals(
        Set.of(
            "dev.dwindle.engine.Planted names dev.dwindle.pass.fold.Folding: only 'catalog' may name an implementation"),
        planted());
  }

  @Test
  void theReportKnowsNoPass() throws IOException {
    plant("pass/Pass", "package dev.dwindle.pass; public interface Pass {}");
    plant("report/Planted", "package dev.dwindle.report; class Planted { dev.dwindle.pass.Pass pass; }");
    assertEquals(
        Set.of("dev.dwindle.report.Planted names dev.dwindle.pass.Pass: 'report' knows no pass and no backend"),
        planted());
  }

  @Test
  void whatBelongsToOnePackageIsFoundElsewhere() throws IOException {
    plant("graph/Planted", """
        package dev.dwindle.graph;
        class Planted {
          com.google.protobuf.ByteString bytes;
          void go() { System.out.println(); System.exit(1); }
        }
        """);
    assertEquals(
        Set.of("dev.dwindle.graph.Planted names com.google.protobuf.ByteString: only 'onnx' may",
            "dev.dwindle.graph.Planted names java.lang.System#out: only 'cli' may",
            "dev.dwindle.graph.Planted names java.lang.System#exit: only 'cli' may"),
        planted());
  }

  @Test
  void whatBelongsToOneClassIsFoundBesideIt() throws IOException {
    plant("backend/openvino/OpenVino",
        "package dev.dwindle.backend.openvino; class OpenVino { org.bytedeco.javacpp.Pointer p; class In { org.bytedeco.javacpp.Pointer p; } }");
    plant("backend/openvino/Planted",
        "package dev.dwindle.backend.openvino; class Planted { org.bytedeco.javacpp.Pointer p; }");
    assertEquals(
        Set.of(
            "dev.dwindle.backend.openvino.Planted names org.bytedeco.javacpp.Pointer: only 'backend.cuda.Nvrtc' or 'backend.openvino.OpenVino' may"),
        planted());
  }

  @Test
  void aPackageOutsideTheOrderIsFound() throws IOException {
    plant("attic/Planted", "package dev.dwindle.attic; class Planted {}");
    assertEquals(
        Set.of(
            "dev.dwindle.attic.Planted: package 'attic' is not in the order: add it to Layers and docs/architecture.md"),
        planted());
  }

  private void plant(String path, String source) throws IOException {
    Path file = folder.resolve("dev/dwindle/" + path + ".java");
    Files.createDirectories(file.getParent());
    Files.writeString(file, source);
  }

  /** Compiles what was planted and returns all breaches in it. */
  private Set<String> planted() throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    var options = List.of("-proc:none", "-classpath", System.getProperty("java.class.path"), "-d", folder.toString());
    var messages = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      var sources = files.getJavaFileObjectsFromPaths(filesEndingWith(folder, ".java"));
      assertEquals(true, compiler.getTask(messages, files, null, options, null, sources).call(), messages::toString);
    }
    var breaches = new TreeSet<String>();
    for (Path file : classFiles(folder)) breaches.addAll(Layers.breaches(Files.readAllBytes(file)));
    return breaches;
  }

  private static List<Path> classFiles(Path root) throws IOException { return filesEndingWith(root, ".class"); }

  private static List<Path> filesEndingWith(Path root, String end) throws IOException {
    try (var files = Files.walk(root)) {
      return new ArrayList<>(files.filter(file -> file.toString().endsWith(end)).sorted().toList());
    }
  }
}
