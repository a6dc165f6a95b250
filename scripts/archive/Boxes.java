import static java.lang.constant.ConstantDescs.CD_boolean;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodType;
import java.util.List;

/** Primitive types and their boxes. */
final class Boxes {
  private static final List<Class<?>> PRIMITIVES = List.of(
      boolean.class, byte.class, short.class, char.class, int.class, long.class, float.class, double.class);

  /** The box of a primitive type. */
  static ClassDesc box(ClassDesc primitive) {
    return PRIMITIVES.stream().map(MethodType::methodType).filter(each -> desc(each).equals(primitive))
        .map(each -> desc(each.wrap())).findFirst().orElseThrow();
  }

  /** What a reference is taken for that is none of the boxes, such as the element of a generic collection. */
  static ClassDesc superclass(ClassDesc primitive) {
    boolean isNumber = !primitive.equals(CD_boolean) && !primitive.equals(ConstantDescs.CD_char);
    return isNumber ? ClassDesc.of("java.lang.Number") : box(primitive);
  }

  /** The primitive type of a box, or null. */
  static ClassDesc unboxed(ClassDesc box) {
    return PRIMITIVES.stream().map(MethodType::methodType).filter(each -> desc(each.wrap()).equals(box))
        .map(Boxes::desc).findFirst().orElse(null);
  }

  private static ClassDesc desc(MethodType type) {
    return type.returnType().describeConstable().orElseThrow();
  }
}
