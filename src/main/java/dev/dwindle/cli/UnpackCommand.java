package dev.dwindle.cli;

import dev.dwindle.pack.PackedFile;
import dev.dwindle.pack.PackedFile.Entry;
import dev.dwindle.pack.Unpacking;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.OptionSpec;

/** {@code unpack SMALL.dwz -o MODEL}: the model file that was packed, or one tensor of it. */
final class UnpackCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Path> packed;
  private final Argument<Path> output;
  private final Argument<String> tensor;
  private final Argument<Boolean> list;
  private final WorkerOptions workers;

  UnpackCommand(Options options) {
    this.options = options;
    options.describe("Unpacks a model file, or one tensor of it.");
    packed = options.parameter("PACKED", Path.class, "A file written by 'dwindle pack'.");
    output = options.add(OptionSpec.builder("-o", "--output").paramLabel("OUT"), Path.class, null,
        "Where the model goes, or with --tensor the NumPy file.");
    tensor = options.option("--tensor", "NAME", String.class, "Reads this tensor only and writes it as a NumPy file.");
    list = options.flag("--list", "Lists the tensors and writes nothing.");
    workers = new WorkerOptions(options);
  }

  @Override
  public Integer call() {
    int threads = workers.threads();
    if (list.get() == (output.get() != null)) {
      throw new InvalidInputException(list.get() ? "--list: found beside --output; leave one of them out"
          : "--output: missing, expected a file to write to, or --list");
    }
    if (!list.get()) OutputFolder.require(output.get(), packed.get());
    try (PackedFile file = new PackedFile(packed.get())) {
      if (list.get()) list(file);
      else if (tensor.get() != null) Unpacking.unpackTensor(file, tensor.get(), output.get(), threads);
      else
        Unpacking.unpack(file, output.get(), threads);
    }
    return ExitCode.DONE;
  }

  private void list(PackedFile file) {
    for (Entry entry : file.tensors()) {
      String type = DType.hasCode(entry.dtype()) ? DType.ofCode(entry.dtype()).text() : "type " + entry.dtype();
      options.out().printf(Locale.ROOT, "%,14d -> %,14d bytes  %s%s  %s%n", entry.bytes(), entry.packed(), type,
          entry.dims(), entry.name());
    }
    long tensors = file.tensors().stream().mapToLong(Entry::bytes).sum();
    options.out().printf(Locale.ROOT, "%,14d -> %,14d bytes  all else%n", file.modelBytes() - tensors,
        file.otherBytes());
  }
}
