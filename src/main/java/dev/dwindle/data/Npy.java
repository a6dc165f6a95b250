package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of NumPy's NPY format (versions 1 to 3): type and shape of one array.
 *
 * @param dtype type of its elements
 * @param bigEndian whether their bytes stand highest first
 * @param shape its shape
 * @param bytes length of the header
 */
record Npy(DType dtype, boolean bigEndian, Shape shape, int bytes) {
  static final Map<String, DType> TYPES = Map.ofEntries(
      Map.entry("f4", DType.FLOAT), Map.entry("f8", DType.DOUBLE), Map.entry("f2", DType.FLOAT16),
      Map.entry("b1", DType.BOOL), Map.entry("u1", DType.UINT8), Map.entry("i1", DType.INT8),
      Map.entry("u2", DType.UINT16), Map.entry("i2", DType.INT16), Map.entry("u4", DType.UINT32),
      Map.entry("i4", DType.INT32), Map.entry("u8", DType.UINT64), Map.entry("i8", DType.INT64));
  private static final Pattern DESCRIPTION = Pattern.compile("'descr': *'([<>|=])([a-zA-Z]\\d+)'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order': *(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([0-9, ]*)\\)");
  private static final int LONGEST_HEADER = 1 << 16;

  /**
   * Reads a header and leaves the stream at the first element.
   *
   * @param where the file and entry, for errors
   */
  static Npy read(InputStream in, String where) throws IOException {
    byte[] start = in.readNBytes(8);
    if (start.length < 8 || (start[0] & 0xff) != 0x93
        || !"NUMPY".equals(new String(start, 1, 5, StandardCharsets.US_ASCII))) {
      throw new InvalidInputException(where + ": found no NPY header, expected an array saved by NumPy");
    }
    int lengthBytes = start[6] == 1 ? 2 : 4;
    long length = 0;
    byte[] digits = in.readNBytes(lengthBytes);
    for (int i = digits.length - 1; i >= 0; i--) {
      length = length << 8 | digits[i] & 0xff;
    }
    if (length > LONGEST_HEADER) {
      throw new InvalidInputException(
          where + ": found a header of " + length + " bytes, expected at most " + LONGEST_HEADER);
    }
    String header = new String(in.readNBytes((int) length), StandardCharsets.UTF_8);
    Matcher type = find(DESCRIPTION, header, where);
    DType dtype = TYPES.get(type.group(2));
    if (dtype == null) {
      throw new InvalidInputException(
          where + ": found elements of type '" + type.group(2) + "', expected one of "
              + TYPES.keySet().stream().sorted().toList());
    }
    Shape shape = shape(find(SHAPE, header, where).group(1), where);
    if (find(FORTRAN, header, where).group(1).equals("True") && shape.rank() > 1) {
      throw new InvalidInputException(
          where + ": found Fortran order, expected C order; save numpy.ascontiguousarray(...)");
    }
    boolean bigEndian = type.group(1).equals(">") && dtype.bits() > 8;
    return new Npy(dtype, bigEndian, shape, 8 + lengthBytes + (int) length);
  }

  private static Shape shape(String text, String where) {
    try {
      return Shape.of(
          Pattern.compile(",").splitAsStream(text).map(String::strip).filter(s -> !s.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray());
    } catch (NumberFormatException e) {
      throw new InvalidInputException(where + ": found shape (" + text + "), expected whole numbers", e);
    }
  }

  private static Matcher find(Pattern pattern, String header, String where) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      String start = header.substring(0, Math.min(100, header.length())).replaceAll("[^ -~]", "?").strip();
      throw new InvalidInputException(
          where + ": found NPY header " + start + ", expected a plain array with descr, fortran_order and shape");
    }
    return matcher;
  }
}
