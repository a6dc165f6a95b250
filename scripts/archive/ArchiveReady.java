import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.attribute.NestMembersAttribute;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar so that a start spends as little as it can on its classes, as {@code java -cp ALL ArchiveReady.java JAR COPY ...}, which
 * writes COPY.new (docs/decisions/019). Classes of before Java 6 get stack maps: the JVM archives none that lack them, and verifies them anew at each
 * start. What javac leaves to be linked when it first runs (lambdas, switches over types, the members of records) becomes plain
 * code, which does the same and is archived whole: the JVM makes a method handle and often a class for each place otherwise.
 */
class ArchiveReady {
  /** The first version of class files whose verification rests on stack maps alone (JVM specification, 4.10.1). */
  private static final int STACK_MAPS = 51;
  /** The first version whose classes have nestmates, which may call each other's private methods (4.7.28 there). */
  private static final int NESTS = 55;

  private final ClassFile format = ClassFile.of(
      StackMapsOption.GENERATE_STACK_MAPS, ConstantPoolSharingOption.NEW_POOL,
      ClassHierarchyResolverOption.of(
          ClassHierarchyResolver.ofResourceParsing(ClassLoader.getSystemClassLoader()).orElse(ClassHierarchyResolver.defaultResolver())));
  private final Map<ClassDesc, ClassModel> in = new LinkedHashMap<>();
  private final Map<String, byte[]> out = new LinkedHashMap<>();
  private final Map<ClassDesc, List<ClassDesc>> newMembers = new LinkedHashMap<>();

  public static void main(String[] args) throws IOException {
    for (int i = 0; i < args.length; i += 2) {
      try (ZipFile jar = new ZipFile(args[i])) {
        new ArchiveReady().read(jar).write(Path.of(args[i + 1] + ".new"));
      }
    }
  }

  private ArchiveReady read(ZipFile jar) throws IOException {
    for (ZipEntry entry : jar.stream().toList()) {
      byte[] bytes;
      try (InputStream stream = jar.getInputStream(entry)) {
        bytes = stream.readAllBytes();
      }
      out.put(entry.getName(), bytes);
      boolean plain = entry.getName().endsWith(".class") && !entry.getName().startsWith("META-INF/") && !entry.getName().endsWith("-info.class");
      if (plain) {
        ClassModel model = format.parse(bytes);
        in.put(model.thisClass().asSymbol(), model);
      }
    }
    return this;
  }

  private void write(Path file) throws IOException {
    in.forEach(this::rewrite);
    newMembers.forEach(this::announce);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> entry : out.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
  }

  private void rewrite(ClassDesc name, ClassModel old) {
    boolean dynamic = old.findAttribute(Attributes.bootstrapMethods()).isPresent();
    int least = dynamic ? NESTS : STACK_MAPS;
    boolean lift = old.majorVersion() < least;
    if (!lift && !dynamic && !Spared.has(name) && !Spared.logs(old)) return;
    PlainCode plain = new PlainCode(name, old, this::put);
    out.put(entry(name), format.transformClass(old, lift ? plain.andThen(version(least)) : plain));
  }

  private static ClassTransform version(int major) {
    return ClassTransform.endHandler(built -> built.withVersion(major, 0));
  }

  /** Names the new classes in the class that their private calls go to, as nestmates (JVM specification, 4.7.29). */
  private void announce(ClassDesc host, List<ClassDesc> members) {
    List<ClassDesc> all = new ArrayList<>();
    ClassModel old = format.parse(out.get(entry(host)));
    old.findAttribute(Attributes.nestMembers()).ifPresent(known -> known.nestMembers().forEach(each -> all.add(each.asSymbol())));
    all.addAll(members);
    ClassTransform rest = ClassTransform.dropping(NestMembersAttribute.class::isInstance);
    out.put(
        entry(host), format.transformClass(
            old, rest.andThen(ClassTransform.endHandler(built -> built.with(NestMembersAttribute.ofSymbols(all))))));
  }

  /** Takes a class that was made for a place in the code of a host. */
  private void put(ClassDesc made, Consumer<ClassBuilder> content, ClassDesc host) {
    out.put(entry(made), format.build(made, content));
    newMembers.computeIfAbsent(host, each -> new ArrayList<>()).add(made);
  }

  private static String entry(ClassDesc name) {
    return internal(name) + ".class";
  }

  /** The name of a class as class files have it, with slashes. */
  static String internal(ClassDesc name) {
    String descriptor = name.descriptorString();
    return descriptor.substring(1, descriptor.length() - 1);
  }
}
