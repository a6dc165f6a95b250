import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.attribute.NestMembersAttribute;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessFlag;
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
    boolean lift = old.majorVersion() < STACK_MAPS;
    boolean dynamic = old.findAttribute(Attributes.bootstrapMethods()).isPresent();
    if (!lift && !dynamic) return;
    Rewriting rewriting = new Rewriting(name, old);
    out.put(entry(name), format.transformClass(old, lift ? rewriting.andThen(version()) : rewriting));
  }

  private static ClassTransform version() {
    return ClassTransform.endHandler(built -> built.withVersion(STACK_MAPS, 0));
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

  private static String entry(ClassDesc name) {
    return internal(name) + ".class";
  }

  private static String internal(ClassDesc name) {
    String descriptor = name.descriptorString();
    return descriptor.substring(1, descriptor.length() - 1);
  }

  /** One class while its dynamic places are made plain. */
  private final class Rewriting implements ClassTransform {
    private final ClassDesc name;
    private final ClassDesc host;
    private final boolean isInterface;
    private final List<Consumer<ClassBuilder>> added = new ArrayList<>();
    private int places;

    Rewriting(ClassDesc name, ClassModel old) {
      this.name = name;
      this.host = old.findAttribute(Attributes.nestHost()).map(NestHostAttribute::nestHost).map(each -> each.asSymbol()).orElse(name);
      this.isInterface = old.flags().has(AccessFlag.INTERFACE);
    }

    @Override
    public void accept(ClassBuilder built, ClassElement element) {
      if (element instanceof MethodModel method && method.code().isPresent()) {
        built.transformMethod(method, MethodTransform.transformingCode(this::code));
      } else {
        built.with(element);
      }
    }

    @Override
    public void atEnd(ClassBuilder built) {
      added.forEach(each -> each.accept(built));
    }

    private void code(CodeBuilder code, CodeElement element) {
      if (!(element instanceof InvokeDynamicInstruction place && replace(code, place))) code.with(element);
    }

    /** Writes plain code instead of this place, or nothing where there is none for it. */
    private boolean replace(CodeBuilder code, InvokeDynamicInstruction place) {
      DirectMethodHandleDesc bootstrap = place.bootstrapMethod();
      return switch (bootstrap.owner().displayName() + "." + bootstrap.methodName()) {
        case "LambdaMetafactory.metafactory" -> lambda(code, place);
        case "SwitchBootstraps.typeSwitch" -> typeSwitch(code, place);
        case "ObjectMethods.bootstrap" -> recordMember(code, place);
        default -> false;
      };
    }

    private boolean lambda(CodeBuilder code, InvokeDynamicInstruction place) {
      ClassDesc made = ClassDesc.ofDescriptor("L" + internal(name) + "$Plain" + places + ";");
      Lambda lambda = Lambda.of(made, place);
      if (lambda == null) return false;
      places++;
      out.put(entry(made), format.build(made, built -> lambda.write(built, host)));
      newMembers.computeIfAbsent(host, each -> new ArrayList<>()).add(made);
      code.invokestatic(made, "of", place.typeSymbol());
      return true;
    }

    /** A chain of {@code instanceof}, for switches whose labels are types alone. */
    private boolean typeSwitch(CodeBuilder code, InvokeDynamicInstruction place) {
      List<ConstantDesc> labels = place.bootstrapArgs();
      if (!labels.stream().allMatch(each -> each instanceof ClassDesc type && !type.isPrimitive())) return false;
      String method = "typeSwitch$" + places++;
      add(method, place.typeSymbol(), body -> {
        Label notNull = body.newLabel();
        body.aload(0).ifnonnull(notNull).iconst_m1().ireturn().labelBinding(notNull);
        for (int i = 0; i < labels.size(); i++) {
          Label next = body.newLabel();
          body.iload(1).loadConstant(i).if_icmpgt(next).aload(0).instanceOf((ClassDesc) labels.get(i)).ifeq(next).loadConstant(i).ireturn();
          body.labelBinding(next);
        }
        body.loadConstant(labels.size()).ireturn();
      });
      code.invokestatic(name, method, place.typeSymbol(), isInterface);
      return true;
    }

    /** {@code equals} and {@code hashCode} of a record, by the rules of {@link java.lang.runtime.ObjectMethods}. */
    private boolean recordMember(CodeBuilder code, InvokeDynamicInstruction place) {
      String kind = place.name().stringValue();
      if (kind.equals("toString")) return false;
      List<DirectMethodHandleDesc> fields = place.bootstrapArgs().stream().skip(2).map(DirectMethodHandleDesc.class::cast).toList();
      String method = kind + "$" + places++;
      add(method, place.typeSymbol(), body -> {
        if (kind.equals("equals")) equal(body, fields);
        else hash(body, fields);
      });
      code.invokestatic(name, method, place.typeSymbol(), isInterface);
      return true;
    }

    private void equal(CodeBuilder body, List<DirectMethodHandleDesc> fields) {
      Label no = body.newLabel();
      body.aload(1).instanceOf(name).ifeq(no);
      for (DirectMethodHandleDesc field : fields) {
        ClassDesc type = field.invocationType().returnType();
        body.aload(0).getfield(name, field.methodName(), type).aload(1).checkcast(name).getfield(name, field.methodName(), type);
        switch (TypeKind.from(type)) {
          case INT, SHORT, BYTE, CHAR, BOOLEAN -> body.if_icmpne(no);
          case LONG -> body.lcmp().ifne(no);
          case FLOAT, DOUBLE -> body.invokestatic(box(type), "compare", MethodTypeDesc.of(CD_int, type, type)).ifne(no);
          default -> body.invokestatic(ClassDesc.of("java.util.Objects"), "equals", MethodTypeDesc.of(CD_boolean, CD_Object, CD_Object)).ifeq(no);
        }
      }
      body.iconst_1().ireturn().labelBinding(no).iconst_0().ireturn();
    }

    private void hash(CodeBuilder body, List<DirectMethodHandleDesc> fields) {
      body.iconst_0();
      for (DirectMethodHandleDesc field : fields) {
        ClassDesc type = field.invocationType().returnType();
        body.loadConstant(31).imul().aload(0).getfield(name, field.methodName(), type);
        ClassDesc by = type.isPrimitive() ? box(type) : ClassDesc.of("java.util.Objects");
        body.invokestatic(by, "hashCode", MethodTypeDesc.of(CD_int, type.isPrimitive() ? type : CD_Object)).iadd();
      }
      body.ireturn();
    }

    private void add(String method, MethodTypeDesc type, Consumer<CodeBuilder> body) {
      int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC;
      added.add(built -> built.withMethodBody(method, type, flags, body));
    }
  }

  /** A lambda or method reference as a class: made by {@code of}, with what it captures in fields. */
  private record Lambda(ClassDesc name, String method, MethodTypeDesc made, MethodTypeDesc erased, MethodTypeDesc exact, DirectMethodHandleDesc body) {
    /** The lambda of a place, or null where only the JVM can reach its body. */
    static Lambda of(ClassDesc name, InvokeDynamicInstruction place) {
      List<ConstantDesc> args = place.bootstrapArgs();
      DirectMethodHandleDesc body = (DirectMethodHandleDesc) args.get(1);
      boolean reached = body.kind() != DirectMethodHandleDesc.Kind.SPECIAL && body.kind() != DirectMethodHandleDesc.Kind.INTERFACE_SPECIAL
          || body.methodName().startsWith("lambda$");
      boolean inherited = body.owner().isArray() || body.owner().equals(CD_Object) && body.methodName().equals("clone");
      return reached && !inherited ? new Lambda(
          name, place.name().stringValue(), place.typeSymbol(), (MethodTypeDesc) args.get(0), (MethodTypeDesc) args.get(2), body) : null;
    }

    void write(ClassBuilder built, ClassDesc host) {
      built.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC);
      built.withInterfaceSymbols(made.returnType());
      built.with(NestHostAttribute.of(host));
      for (int i = 0; i < made.parameterCount(); i++) {
        built.withField("c" + i, made.parameterType(i), ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
      }
      built.withMethodBody(INIT_NAME, made.changeReturnType(CD_void), ClassFile.ACC_PRIVATE, this::constructor);
      built.withMethodBody("of", made, ClassFile.ACC_STATIC, this::factory);
      built.withMethodBody(method, erased, ClassFile.ACC_PUBLIC, this::call);
      if (made.parameterCount() == 0) {
        built.withField("ONLY", name, ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
        built.withMethodBody("<clinit>", MethodTypeDesc.of(CD_void), ClassFile.ACC_STATIC, code -> {
          code.new_(name).dup().invokespecial(name, INIT_NAME, MethodTypeDesc.of(CD_void)).putstatic(name, "ONLY", name).return_();
        });
      }
    }

    private void constructor(CodeBuilder code) {
      code.aload(0).invokespecial(CD_Object, INIT_NAME, MethodTypeDesc.of(CD_void));
      for (int i = 0; i < made.parameterCount(); i++) {
        ClassDesc type = made.parameterType(i);
        code.aload(0).loadLocal(TypeKind.from(type), code.parameterSlot(i)).putfield(name, "c" + i, type);
      }
      code.return_();
    }

    private void factory(CodeBuilder code) {
      if (made.parameterCount() == 0) {
        code.getstatic(name, "ONLY", name).areturn();
        return;
      }
      code.new_(name).dup();
      for (int i = 0; i < made.parameterCount(); i++) {
        code.loadLocal(TypeKind.from(made.parameterType(i)), code.parameterSlot(i));
      }
      code.invokespecial(name, INIT_NAME, made.changeReturnType(CD_void)).areturn();
    }

    private void call(CodeBuilder code) {
      MethodTypeDesc takes = body.invocationType();
      boolean creates = body.kind() == DirectMethodHandleDesc.Kind.CONSTRUCTOR;
      if (creates) code.new_(body.owner()).dup();
      for (int i = 0; i < made.parameterCount(); i++) {
        code.aload(0).getfield(name, "c" + i, made.parameterType(i));
      }
      for (int i = 0; i < erased.parameterCount(); i++) {
        ClassDesc from = erased.parameterType(i);
        code.loadLocal(TypeKind.from(from), code.parameterSlot(i));
        convert(code, from, exact.parameterType(i), takes.parameterType(made.parameterCount() + i));
      }
      invoke(code);
      if (erased.returnType().equals(CD_void)) {
        drop(code, takes.returnType());
      } else {
        convert(code, takes.returnType(), exact.returnType(), erased.returnType());
      }
      code.return_(TypeKind.from(erased.returnType()));
    }

    private void invoke(CodeBuilder code) {
      MethodTypeDesc type = MethodTypeDesc.ofDescriptor(body.lookupDescriptor());
      switch (body.kind()) {
        case STATIC -> code.invokestatic(body.owner(), body.methodName(), type, false);
        case INTERFACE_STATIC -> code.invokestatic(body.owner(), body.methodName(), type, true);
        case CONSTRUCTOR -> code.invokespecial(body.owner(), INIT_NAME, type);
        case INTERFACE_VIRTUAL, INTERFACE_SPECIAL -> code.invokeinterface(body.owner(), body.methodName(), type);
        default -> code.invokevirtual(body.owner(), body.methodName(), type);
      }
    }

    private static void drop(CodeBuilder code, ClassDesc type) {
      switch (TypeKind.from(type).slotSize()) {
        case 1 -> code.pop();
        case 2 -> code.pop2();
        default -> { }
      }
    }

    /** As LambdaMetafactory allows: casts, boxing, unboxing and widening. */
    private static void convert(CodeBuilder code, ClassDesc from, ClassDesc exact, ClassDesc to) {
      if (from.equals(to)) return;
      if (from.isPrimitive() && to.isPrimitive()) {
        code.conversion(TypeKind.from(from), TypeKind.from(to));
      } else if (from.isPrimitive()) {
        code.invokestatic(box(from), "valueOf", MethodTypeDesc.of(box(from), from));
      } else if (to.isPrimitive()) {
        ClassDesc boxed = unboxed(exact) != null ? exact : unboxed(from) != null ? from : superclass(to);
        ClassDesc primitive = unboxed(boxed) != null ? unboxed(boxed) : to;
        code.checkcast(boxed).invokevirtual(boxed, primitive.displayName() + "Value", MethodTypeDesc.of(primitive));
        code.conversion(TypeKind.from(primitive), TypeKind.from(to));
      } else if (!to.equals(CD_Object)) {
        code.checkcast(to);
      }
    }
  }

  private static final List<Class<?>> PRIMITIVES = List.of(
      boolean.class, byte.class, short.class, char.class, int.class, long.class, float.class, double.class);

  private static ClassDesc box(ClassDesc primitive) {
    return PRIMITIVES.stream().map(MethodType::methodType).filter(each -> desc(each).equals(primitive))
        .map(each -> desc(each.wrap())).findFirst().orElseThrow();
  }

  /** What a reference is taken for that is none of the boxes, such as the element of a generic collection. */
  private static ClassDesc superclass(ClassDesc primitive) {
    boolean isNumber = !primitive.equals(CD_boolean) && !primitive.equals(ConstantDescs.CD_char);
    return isNumber ? ClassDesc.of("java.lang.Number") : box(primitive);
  }

  private static ClassDesc unboxed(ClassDesc box) {
    return PRIMITIVES.stream().map(MethodType::methodType).filter(each -> desc(each.wrap()).equals(box))
        .map(ArchiveReady::desc).findFirst().orElse(null);
  }

  private static ClassDesc desc(MethodType type) {
    return type.returnType().describeConstable().orElseThrow();
  }
}
