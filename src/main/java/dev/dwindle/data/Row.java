package dev.dwindle.data;

import dev.dwindle.tensor.InvalidInputException;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One record of a source; a field is decoded when it is asked for.
 *
 * @param where file and place in it, for errors
 * @param first whether a sequence begins here
 * @param batched whether its numbers have their batch axis already
 * @param fields what makes each field, by name
 */
record Row(String where, boolean first, boolean batched, Map<String, Supplier<Field>> fields) {
  Row(String where, Map<String, Supplier<Field>> fields) {
    this(where, true, false, fields);
  }

  Field field(String name) {
    Supplier<Field> field = fields.get(name);
    if (field == null) {
      throw new InvalidInputException(
          where + ": found " + fields.keySet() + ", expected '" + name + "' as in the first row");
    }
    return field.get();
  }
}
