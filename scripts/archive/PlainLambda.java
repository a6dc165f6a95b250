import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;

/** A lambda or method reference as a class: made by {@code of}, with what it captures in fields. */
record PlainLambda(ClassDesc name, String method, MethodTypeDesc made, MethodTypeDesc erased, MethodTypeDesc exact, DirectMethodHandleDesc body) {
  /** The lambda of a place, or null where only the JVM can reach its body. */
  static PlainLambda of(ClassDesc name, InvokeDynamicInstruction place) {
    List<ConstantDesc> args = place.bootstrapArgs();
    DirectMethodHandleDesc body = (DirectMethodHandleDesc) args.get(1);
    boolean reached = body.kind() != DirectMethodHandleDesc.Kind.SPECIAL && body.kind() != DirectMethodHandleDesc.Kind.INTERFACE_SPECIAL
        || body.methodName().startsWith("lambda$");
    boolean inherited = body.owner().isArray() || body.owner().equals(CD_Object) && body.methodName().equals("clone");
    return reached && !inherited ? new PlainLambda(
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
      code.invokestatic(Boxes.box(from), "valueOf", MethodTypeDesc.of(Boxes.box(from), from));
    } else if (to.isPrimitive()) {
      ClassDesc boxed = Boxes.unboxed(exact) != null ? exact : Boxes.unboxed(from) != null ? from : Boxes.superclass(to);
      ClassDesc primitive = Boxes.unboxed(boxed) != null ? Boxes.unboxed(boxed) : to;
      code.checkcast(boxed).invokevirtual(boxed, primitive.displayName() + "Value", MethodTypeDesc.of(primitive));
      code.conversion(TypeKind.from(primitive), TypeKind.from(to));
    } else if (!to.equals(CD_Object)) {
      code.checkcast(to);
    }
  }
}
