package dev.dwindle.fuzz;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The fields of an encoded message as they lie in a file, nested ones included, as far as they can be told. */
final class Wire {
  /**
   * A field.
   *
   * @param length where its length stands; equal to {@code content} where it has none
   * @param parent index of the field around it, or -1
   */
  record Field(int start, int length, int content, int end, int wireType, int parent, FieldDescriptor descriptor) {}

  private final byte[] bytes;
  private final List<Field> fields = new ArrayList<>();
  private int at;

  private Wire(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The fields of a message of this kind. */
  static List<Field> fields(byte[] bytes, Descriptor kind) {
    Wire wire = new Wire(bytes);
    wire.message(kind, bytes.length, -1, 0);
    return wire.fields;
  }

  /** Reads a message up to its end, or up to the first byte that is no field. */
  private void message(Descriptor kind, int end, int parent, int depth) {
    while (at < end && depth < 100) {
      int start = at;
      long tag = varint(end);
      FieldDescriptor field = kind == null || tag < 8 || tag >>> 3 > Integer.MAX_VALUE ? null
          : kind.findFieldByNumber((int) (tag >>> 3));
      int length = at;
      long size = switch ((int) tag & 7) {
        case 0 -> {
          varint(end);
          long read = at - length;
          at = length;
          yield read;
        }
        case 1 -> 8;
        case 2 -> varint(end);
        case 5 -> 4;
        default -> 0;
      };
      if (tag < 8 || size < 0 || size > end - at) {
        at = end;
        return;
      }
      int content = at;
      int stop = content + (int) size;
      fields.add(new Field(start, length, content, stop, (int) tag & 7, parent, field));
      if (field != null && ((int) tag & 7) == 2 && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        message(field.getMessageType(), stop, fields.size() - 1, depth + 1);
      }
      at = stop;
    }
  }

  private long varint(int end) {
    long value = 0;
    for (int shift = 0; shift < 64 && at < end; shift += 7) {
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    return -1;
  }

  /** The file with a field's bytes replaced, and the lengths of all messages around it set right. */
  static byte[] replace(byte[] bytes, List<Field> fields, int index, byte[] replacement) {
    byte[] now = replacement;
    int from = fields.get(index).start();
    int to = fields.get(index).end();
    for (int p = fields.get(index).parent(); p >= 0; p = fields.get(p).parent()) {
      Field parent = fields.get(p);
      byte[] content = Bytes.joined(Arrays.copyOfRange(bytes, parent.content(), from), now,
          Arrays.copyOfRange(bytes, to, parent.end()));
      now = Bytes.joined(Arrays.copyOfRange(bytes, parent.start(), parent.length()), encoded(content.length), content);
      from = parent.start();
      to = parent.end();
    }
    return Bytes.joined(Arrays.copyOf(bytes, from), now, Bytes.rest(bytes, to));
  }

  static byte[] encoded(long value) {
    ByteArrayOutputStream number = new ByteArrayOutputStream();
    long rest = value;
    for (; rest >>> 7 != 0; rest >>>= 7) {
      number.write((int) (rest & 0x7f | 0x80));
    }
    number.write((int) rest);
    return number.toByteArray();
  }
}
