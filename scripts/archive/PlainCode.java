import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CLASS_INIT_NAME;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One class while its dynamic places are made plain. */
final class PlainCode implements ClassTransform {
  /** Where classes go that are made for a place in the code of a host. */
  interface Made {
    void put(ClassDesc made, Consumer<ClassBuilder> content, ClassDesc host);
  }

  private final ClassDesc name;
  private final ClassDesc host;
  private final Made made;
  private final boolean isInterface;
  private final List<Consumer<ClassBuilder>> added = new ArrayList<>();
  private int places;

  PlainCode(ClassDesc name, ClassModel old, Made made) {
    this.name = name;
    this.made = made;
    this.host = old.findAttribute(Attributes.nestHost()).map(NestHostAttribute::nestHost).map(each -> each.asSymbol()).orElse(name);
    this.isInterface = old.flags().has(AccessFlag.INTERFACE);
  }

  @Override
  public void accept(ClassBuilder built, ClassElement element) {
    if (element instanceof MethodModel method && method.code().isPresent()) {
      Consumer<CodeBuilder> spared = Spared.code(name, method);
      if (spared != null) {
        built.withMethodBody(method.methodName().stringValue(), method.methodTypeSymbol(), method.flags().flagsMask(), spared);
      } else {
        boolean first = method.methodName().equalsString(CLASS_INIT_NAME);
        built.transformMethod(method, MethodTransform.transformingCode((code, each) -> code(code, each, first)));
      }
    } else {
      built.with(element);
    }
  }

  @Override
  public void atEnd(ClassBuilder built) {
    added.forEach(each -> each.accept(built));
  }

  private void code(CodeBuilder code, CodeElement element, boolean first) {
    boolean done = switch (element) {
      case InvokeDynamicInstruction place -> replace(code, place);
      case InvokeInstruction call when first -> Spared.postpone(code, call);
      case FieldInstruction read -> Spared.log(code, read);
      default -> false;
    };
    if (!done) code.with(element);
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
    ClassDesc type = ClassDesc.ofDescriptor("L" + ArchiveReady.internal(name) + "$Plain" + places + ";");
    PlainLambda lambda = PlainLambda.of(type, place);
    if (lambda == null) return false;
    places++;
    made.put(type, built -> lambda.write(built, host), host);
    code.invokestatic(type, "of", place.typeSymbol());
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
        case FLOAT, DOUBLE -> body.invokestatic(Boxes.box(type), "compare", MethodTypeDesc.of(CD_int, type, type)).ifne(no);
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
      ClassDesc by = type.isPrimitive() ? Boxes.box(type) : ClassDesc.of("java.util.Objects");
      body.invokestatic(by, "hashCode", MethodTypeDesc.of(CD_int, type.isPrimitive() ? type : CD_Object)).iadd();
    }
    body.ireturn();
  }

  private void add(String method, MethodTypeDesc type, Consumer<CodeBuilder> body) {
    int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC;
    added.add(built -> built.withMethodBody(method, type, flags, body));
  }
}
