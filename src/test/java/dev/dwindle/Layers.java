package dev.dwindle;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The order of the packages, and what a compiled class does against it. The order is the one of docs/architecture.md. */
final class Layers {
  private static final String ROOT = "dev.dwindle.";

  /** A package sees those on later lines and its own sub-packages; {@code x.*} stands for each sub-package of x by itself. */
  private static final List<Set<String>> ORDER = List.of(
      Set.of("cli"),
      Set.of("engine"),
      Set.of("search"),
      Set.of("recipe"),
      Set.of("catalog"),
      Set.of("report"),
      Set.of("pass.*", "backend.*"),
      Set.of("pack"),
      Set.of("train"),
      Set.of("check", "measure", "calibrate"),
      Set.of("pass"),
      Set.of("backend"),
      Set.of("onnx"),
      Set.of("rewrite"),
      Set.of("op"),
      Set.of("graph"),
      Set.of("quant", "data"),
      Set.of("result"),
      Set.of("tensor"));

  /** What only one package, or only one class, may name, by the beginning of a class's or a member's name. */
  private static final Map<String, Set<String>> ONLY = Map.ofEntries(
      Map.entry("com.google.protobuf.", Set.of("onnx")),
      Map.entry("org.bytedeco.", Set.of("backend.openvino.OpenVino", "backend.cuda.Nvrtc")),
      Map.entry("org.bytedeco.openvino.", Set.of("backend.openvino.OpenVino")),
      Map.entry("org.bytedeco.nvrtc.", Set.of("backend.cuda.Nvrtc")),
      Map.entry(ROOT + "onnx.proto.", Set.of("onnx")),
      Map.entry("picocli.", Set.of("cli")),
      Map.entry("me.tongfei.progressbar.", Set.of("cli")),
      Map.entry("ai.onnxruntime.", Set.of("backend.onnxruntime")),
      Map.entry("java.lang.System#out", Set.of("cli")),
      Map.entry("java.lang.System#err", Set.of("cli")),
      Map.entry("java.lang.System#exit", Set.of("cli")),
      Map.entry("java.lang.Runtime#exit", Set.of("cli")),
      Map.entry("java.lang.Runtime#halt", Set.of("cli")));

  private static final Pattern IN_DESCRIPTOR = Pattern.compile("L([\\w$]+(?:/[\\w$]+)+)[;<]");

  private Layers() {}

  /** Returns one sentence for each thing that the class names and may not, in alphabetic order. */
  static Set<String> breaches(byte[] classFile) {
    ClassModel model = ClassFile.of().parse(classFile);
    String name = model.thisClass().asInternalName().replace('/', '.');
    var breaches = new TreeSet<String>();
    String room = room(name);
    if (line(room) < 0) {
      breaches.add(name + ": package '" + room + "' is not in the order: add it to Layers and docs/architecture.md");
      return breaches;
    }
    for (String used : names(model)) {
      String breach = breach(room, name, used);
      if (breach != null) breaches.add(name + " names " + used + ": " + breach);
    }
    return breaches;
  }

  private static String breach(String room, String name, String used) {
    for (var only : ONLY.entrySet()) {
      String type = name.replaceFirst("\\$.*", "");
      boolean allowed = only.getValue().stream().anyMatch(one -> room.equals(one) || type.equals(ROOT + one));
      if (used.startsWith(only.getKey()) && !allowed) {
        return "only '" + String.join("' or '", new TreeSet<>(only.getValue())) + "' may";
      }
    }
    if (!used.startsWith(ROOT)) return null;
    String other = room(used);
    if (other.equals(room)) return null;
    if (line(other) < 0) return "package '" + other + "' is not in the order";
    if (line(other) == line(room)) return "'" + other + "' is a sibling of '" + room + "'";
    if (line(other) < line(room)) return "'" + other + "' stands above '" + room + "'";
    if (isLeaf(other) && !room.equals("catalog")) return "only 'catalog' may name an implementation";
    boolean seam = isLeaf(other) || other.equals("pass") || other.equals("backend");
    return room.equals("report") && seam ? "'report' knows no pass and no backend" : null;
  }

  /** The package below the root that decides: two segments where the first has leaves, else one. */
  private static String room(String className) {
    if (!className.startsWith(ROOT)) return "";
    String[] segments = className.substring(ROOT.length()).split("\\.");
    if (segments.length == 1) return "";
    boolean leaf = segments.length > 2 && ORDER.stream().anyMatch(line -> line.contains(segments[0] + ".*"));
    return leaf ? segments[0] + "." + segments[1] : segments[0];
  }

  private static boolean isLeaf(String room) { return room.contains("."); }

  private static int line(String room) {
    String key = isLeaf(room) ? room.substring(0, room.indexOf('.')) + ".*" : room;
    for (int i = 0; i < ORDER.size(); i++) {
      if (ORDER.get(i).contains(key)) return i;
    }
    return -1;
  }

  /** Every class in the constant pool, also inside descriptors and signatures, and every member as owner#name. */
  private static Set<String> names(ClassModel model) {
    var names = new TreeSet<String>();
    for (PoolEntry entry : model.constantPool()) {
      switch (entry) {
        case ClassEntry type -> names.add(type.asInternalName().replaceAll("^\\[+L?|;$", "").replace('/', '.'));
        case MemberRefEntry member ->
          names.add(member.owner().asInternalName().replace('/', '.') + "#" + member.name());
        case Utf8Entry text -> IN_DESCRIPTOR.matcher(text.stringValue()).results()
            .forEach(match -> names.add(match.group(1).replace('/', '.')));
        default -> {}
      }
    }
    return names;
  }
}
