package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classes of a jar as {@code scripts/archive/ArchiveReady.java} writes them: plain code, and the same program. */
class ArchiveReadyTest {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  /** Lambdas and method references of each kind, switches over types, and members of records. */
  private static final String PROGRAM = """
      import java.util.*;
      import java.util.function.*;
      import java.util.logging.*;
      import java.util.stream.*;

      public class Program {
        private static final Logger LOGGER = Logger.getLogger(Program.class.getName());
        static class Other { static String log() { return LOGGER.getName() + " " + (LOGGER == Logger.getLogger("Program")); } }
        sealed interface Shape permits Circle, Box, Point {}
        record Circle(double r) implements Shape {}
        record Box(int w, long h, float f, byte b, String name, int[] bits) implements Shape {}
        enum Point implements Shape { ORIGIN }
        interface Greeter { default Supplier<String> greet() { return () -> "hello from " + name(); } String name(); }
        interface Widening { double of(int x); }
        static class Base { String who() { return "base"; } }
        static class Derived extends Base {
          @Override String who() { return "derived"; }
          Supplier<String> upper() { return super::who; }
          Supplier<String> own() { return this::who; }
          private String secret(String a) { return "secret " + a; }
          Function<String, String> hidden() { return this::secret; }
          class Inner { Supplier<String> both() { return () -> secret("of the outer") + who(); } }
        }

        static String name(Object o) {
          return switch (o) {
            case null -> "nothing";
            case Circle(double r) when r > 1 -> "large circle";
            case Circle c -> "circle " + c;
            case Box b when b.w() == 3 -> "three wide";
            case Box b -> "box " + b.name();
            case Point p -> "point";
            case Integer i -> "integer " + i;
            case CharSequence s -> "text " + s.length();
            default -> "something";
          };
        }

        public static void main(String[] args) {
          int base = args.length + 7;
          long wide = 1L << 40;
          String word = "word";
          IntBinaryOperator add = (a, b) -> a + b + base;
          ToLongFunction<Integer> unboxed = Integer::longValue;
          Function<Integer, Integer> negated = Math::negateExact;
          BinaryOperator<Integer> larger = Math::max;
          Widening widened = Math::abs;
          Supplier<List<String>> list = ArrayList::new;
          IntFunction<int[]> array = int[]::new;
          Function<String, Integer> length = String::length;
          Function<String, StringBuilder> builder = StringBuilder::new;
          Supplier<Long> captured = () -> wide + word.length() + base;
          Consumer<Object> dropped = new ArrayList<Object>()::add;
          UnaryOperator<int[]> cloned = int[]::clone;
          ToLongFunction<String> counted = Map.of("a", 1)::get;
          ToDoubleFunction<String> weighed = Map.of("a", 2.5f)::get;
          Predicate<String> marked = Map.of("a", true)::get;
          dropped.accept("x");
          System.out.println(add.applyAsInt(1, 2) + " " + unboxed.applyAsLong(5) + " " + negated.apply(4) + " " + larger.apply(3, 9));
          System.out.println(widened.of(-3) + " " + list.get() + " " + array.apply(3).length + " " + length.apply("four") + " " + builder.apply("b"));
          System.out.println(counted.applyAsLong("a") + " " + weighed.applyAsDouble("a") + " " + marked.test("a"));
          System.out.println(captured.get() + " " + cloned.apply(new int[] {1, 2}).length);
          Derived derived = new Derived();
          Greeter greeter = () -> "a lambda";
          System.out.println(derived.upper().get() + " " + derived.own().get() + " " + derived.hidden().apply("x"));
          System.out.println(derived.new Inner().both().get() + " " + greeter.greet().get());
          int[] bits = {1};
          Box box = new Box(3, 4L, Float.NaN, (byte) 5, null, bits);
          for (Object o : new Object[] {null, new Circle(2), new Circle(0.5), box, new Box(1, 1, 0, (byte) 0, "b", null), Point.ORIGIN, 3, "text", 'c'}) {
            System.out.println(name(o));
          }
          System.out.println(box.equals(new Box(3, 4L, Float.NaN, (byte) 5, null, bits)) + " " + box.equals(new Box(3, 4L, 0f, (byte) 5, null, bits)));
          System.out.println(new Circle(0.0).equals(new Circle(-0.0)) + " " + box.equals("box") + " " + box.equals(null));
          System.out.println(new Circle(1.5).hashCode() + " " + new Box(1, 2L << 33, 0.5f, (byte) 3, "name", null).hashCode());
          System.out.println(Other.log());
          System.out.println(Stream.of("b", "a", "c").sorted(Comparator.comparing((String s) -> s).reversed()).collect(Collectors.joining(",")));
          System.out.println(IntStream.range(0, 5).mapToObj(i -> new Circle(i)).filter(c -> c.r() > 1).map(Circle::r).toList());
        }
      }
      """;

  @Test
  void theProgramIsTheSameInPlainCode(@TempDir Path folder) throws Exception {
    Path jar = jar(compiled(folder, PROGRAM));
    Path ready = ready(jar);
    assertEquals(run("-cp", jar.toString(), "Program"), run("-cp", ready.toString(), "Program"));
    assertTrue(dynamic(jar).contains("LambdaMetafactory.metafactory"), dynamic(jar).toString());
    // What stays is rare: records as text and strings joined at run time.
    assertFalse(dynamic(ready).contains("LambdaMetafactory.metafactory"), dynamic(ready).toString());
    assertFalse(dynamic(ready).contains("SwitchBootstraps.typeSwitch"), dynamic(ready).toString());
  }

  /** Classes of before there were nestmates, with lambdas that are private methods of theirs. */
  private static final String OLD_PROGRAM = """
      import java.util.function.*;

      public class Program {
        private final String word = "own";
        class Inner { Supplier<String> both() { return () -> word + " of the outer"; } }
        Supplier<String> own() { return () -> word; }

        public static void main(String[] args) {
          System.out.println(new Program().own().get() + ", " + new Program().new Inner().both().get());
        }
      }
      """;

  @Test
  void classesOfBeforeThereWereNestmatesDoTheSame(@TempDir Path folder) throws Exception {
    Path jar = jar(compiled(folder, OLD_PROGRAM, "-source", "8", "-target", "8", "-nowarn"));
    Path ready = ready(jar);
    assertEquals("own, own of the outer\n", run("-cp", ready.toString(), "Program"));
    assertTrue(dynamic(jar).contains("LambdaMetafactory.metafactory"), dynamic(jar).toString());
    assertEquals(Set.of(), dynamic(ready));
  }

  /** Prints what protobuf says of the versions of generated classes, as an exception and in a warning. */
  private static final String LIBRARY = """
      import com.google.protobuf.*;

      public class Program {
        public static void main(String[] args) {
          System.out.println(ByteString.copyFromUtf8("bytes").toStringUtf8());
          for (int major : new int[] {RuntimeVersion.OSS_MAJOR - 1, 0}) {
            try {
              RuntimeVersion.validateProtobufGencodeVersion(RuntimeVersion.OSS_DOMAIN, major, 2, 33, "-rc", "Program");
            } catch (RuntimeException e) {
              System.out.println(e.getMessage());
            }
          }
        }
      }
      """;

  @Test
  void whatIsSparedOfProtobufAnswersTheSame(@TempDir Path folder) throws Exception {
    Path jar = Path.of(ByteString.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path ready = ready(jar, folder);
    Path source = Files.writeString(folder.resolve("Program.java"), LIBRARY);
    String before = withoutTime(run("-cp", jar.toString(), source.toString()));
    String after = withoutTime(run("-cp", ready.toString(), source.toString()));
    assertEquals(before, after);
    assertTrue(before.contains("0.2.33-rc"), before);
  }

  /** The first line of what a logger prints begins with the time. */
  private static String withoutTime(String output) {
    return output.lines().filter(line -> !line.contains("RuntimeVersion validate")).collect(Collectors.joining("\n"));
  }

  private static Path ready(Path jar) throws Exception {
    return ready(jar, jar.getParent());
  }

  private static Path ready(Path jar, Path folder) throws Exception {
    Path copy = folder.resolve("copy.jar");
    run("-cp", jar.toString(), "scripts/archive/ArchiveReady.java", jar.toString(), copy.toString());
    return folder.resolve("copy.jar.new");
  }

  private static Path compiled(Path folder, String program, String... options) throws IOException {
    Path source = Files.writeString(folder.resolve("Program.java"), program);
    Path classes = Files.createDirectory(folder.resolve("classes"));
    List<String> words = new ArrayList<>(List.of(options));
    words.addAll(List.of("-d", classes.toString(), source.toString()));
    int code = ToolProvider.getSystemJavaCompiler().run(null, null, null, words.toArray(String[]::new));
    assertEquals(0, code);
    return classes;
  }

  private static Path jar(Path classes) throws IOException {
    Path jar = classes.resolveSibling("program.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out);
        Stream<Path> files = Files.list(classes)) {
      for (Path file : files.sorted().toList()) {
        zip.putNextEntry(new ZipEntry(file.getFileName().toString()));
        Files.copy(file, zip);
      }
    }
    return jar;
  }

  private static String run(String... words) throws Exception {
    List<String> line = new ArrayList<>(List.of(JAVA.toString()));
    line.addAll(Arrays.asList(words));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  private static Set<String> dynamic(Path jar) throws IOException {
    Set<String> found = new TreeSet<>();
    places(jar).forEach(place -> found.add(bootstrap(place)));
    return found;
  }

  private static String bootstrap(InvokeDynamicInstruction place) {
    return place.bootstrapMethod().owner().displayName() + "." + place.bootstrapMethod().methodName();
  }

  private static List<InvokeDynamicInstruction> places(Path jar) throws IOException {
    List<InvokeDynamicInstruction> places = new ArrayList<>();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        ClassFile.of().parse(zip.getInputStream(entry).readAllBytes()).methods().stream()
            .flatMap(m -> m.code().stream())
            .flatMap(code -> code.elementStream()).filter(InvokeDynamicInstruction.class::isInstance)
            .map(InvokeDynamicInstruction.class::cast).forEach(places::add);
      }
    }
    return places;
  }
}
