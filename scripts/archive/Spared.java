import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What classes do when they begin, and nobody needs: a logger is sought, which starts the whole of logging, and protobuf seeks a
 * class that no JVM has, in every jar, and formats three numbers by the rules of a language.
 */
final class Spared {
  private static final ClassDesc LOGGER = ClassDesc.of("java.util.logging.Logger");

  /** Methods by name and type, whose answer is known, and dear to find. */
  private static final Map<String, Consumer<CodeBuilder>> SPARED = Map.of(
      "com/google/protobuf/Android.getClassForName(Ljava/lang/String;)Ljava/lang/Class;", code -> code.aconst_null().areturn(),
      "com/google/protobuf/RuntimeVersion.versionString(IIILjava/lang/String;)Ljava/lang/String;", Spared::joinVersion);

  private Spared() {}

  /** Whether a method of this class is spared. */
  static boolean has(ClassDesc name) {
    return SPARED.keySet().stream().anyMatch(each -> each.startsWith(ArchiveReady.internal(name) + "."));
  }

  /** The code of a spared method, or null. */
  static Consumer<CodeBuilder> code(ClassDesc name, MethodModel method) {
    return SPARED.get(ArchiveReady.internal(name) + "." + method.methodName() + method.methodType());
  }

  /** Whether a class mentions a logger. */
  static boolean logs(ClassModel model) {
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof ClassEntry named && named.asSymbol().equals(LOGGER)) return true;
    }
    return false;
  }

  /** No logger is sought when a class begins: that starts the whole of logging. */
  static boolean postpone(CodeBuilder code, InvokeInstruction call) {
    boolean seeks = call.owner().asSymbol().equals(LOGGER) && call.typeSymbol().equals(MethodTypeDesc.of(LOGGER, CD_String));
    if (seeks) code.pop().aconst_null();
    return seeks;
  }

  /** Instead it is sought where it is read, by the name that all libraries give it. */
  static boolean log(CodeBuilder code, FieldInstruction read) {
    boolean reads = read.opcode() == Opcode.GETSTATIC && read.typeSymbol().equals(LOGGER) && !read.owner().asSymbol().equals(LOGGER);
    if (reads) {
      code.loadConstant(ArchiveReady.internal(read.owner().asSymbol()).replace('/', '.'));
      code.invokestatic(LOGGER, "getLogger", MethodTypeDesc.of(LOGGER, CD_String));
    }
    return reads;
  }

  private static void joinVersion(CodeBuilder code) {
    ClassDesc builder = ClassDesc.of("java.lang.StringBuilder");
    code.new_(builder).dup().invokespecial(builder, INIT_NAME, MethodTypeDesc.of(CD_void));
    for (int i = 0; i < 4; i++) {
      code.loadLocal(i < 3 ? TypeKind.INT : TypeKind.REFERENCE, i);
      code.invokevirtual(builder, "append", MethodTypeDesc.of(builder, i < 3 ? CD_int : CD_String));
      if (i < 2) code.loadConstant(".").invokevirtual(builder, "append", MethodTypeDesc.of(builder, CD_String));
    }
    code.invokevirtual(builder, "toString", MethodTypeDesc.of(CD_String)).areturn();
  }
}
