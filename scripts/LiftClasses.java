import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar and gives its classes of before Java 6 stack maps, as {@code java LiftClasses.java IN OUT}: the JVM keeps only
 * classes that have them in an archive, and verifies all others anew at each start (docs/decisions/019).
 */
class LiftClasses {
  /** The first version of class files whose verification rests on stack maps alone (JVM specification, 4.10.1). */
  private static final int STACK_MAPS = 51;

  public static void main(String[] args) throws IOException {
    try (ZipFile in = new ZipFile(args[0]);
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(Path.of(args[1])))) {
      ClassFile format = ClassFile.of(
          StackMapsOption.GENERATE_STACK_MAPS, ConstantPoolSharingOption.NEW_POOL,
          ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofResourceParsing(
                  name -> {
                    ZipEntry entry = in.getEntry(name.packageName().replace('.', '/') + "/" + name.displayName() + ".class");
                    try {
                      return entry == null ? null : in.getInputStream(entry);
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  })
                  .orElse(ClassHierarchyResolver.defaultResolver())));
      for (ZipEntry entry : in.stream().toList()) {
        byte[] bytes = in.getInputStream(entry).readAllBytes();
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(entry.getName().endsWith(".class") ? lifted(format, bytes) : bytes);
      }
    }
  }

  private static byte[] lifted(ClassFile format, byte[] bytes) {
    ClassModel old = format.parse(bytes);
    if (old.majorVersion() >= STACK_MAPS) return bytes;
    // Each instruction is written again, so that the builder computes the frames.
    ClassTransform rewrite = ClassTransform.transformingMethodBodies((code, element) -> code.with(element));
    return format.transformClass(old, rewrite.andThen(ClassTransform.endHandler(built -> built.withVersion(STACK_MAPS, 0))));
  }
}
