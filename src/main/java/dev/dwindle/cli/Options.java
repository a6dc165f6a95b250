package dev.dwindle.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What a command takes from the command line: it declares its arguments when it is made, and reads them when it runs.
 * Picocli parses; its annotations, which cost a quarter of a short job's start, are not used (docs/decisions/019).
 */
final class Options {
  private static final ITypeConverter<?>[] PATH = {text -> Path.of(text)};
  private static final ITypeConverter<?>[] NONE = {};

  private final CommandSpec spec;
  private final Consumer<ArgSpec> into;
  private Callable<Integer> command;

  private Options(String name) {
    spec = CommandSpec.wrapWithoutInspection((Callable<Integer>) () -> command.call()).name(name);
    into = spec::add;
  }

  /** The same command's options, but declared in a group. */
  private Options(CommandSpec spec, Consumer<ArgSpec> into) {
    this.spec = spec;
    this.into = into;
  }

  /** The command line of the command of this name, which is made here. */
  static CommandLine line(String name, Function<Options, Callable<Integer>> maker) {
    Options options = new Options(name);
    options.command = maker.apply(options);
    return new CommandLine(options.spec);
  }

  /** Keeps picocli from looking, in this process, for converters to types that no option has and for Groovy, both by reflection. */
  static void sparePicocli() {
    System.setProperty("picocli.converters.excludes", "java[.].*");
    System.setProperty("picocli.disable.closures", "true");
  }

  /** Says in one sentence what the command does. */
  void describe(String sentence) {
    spec.usageMessage().description(sentence);
  }

  /** A flag: false unless given. */
  Argument<Boolean> flag(String name, String description) {
    return add(OptionSpec.builder(name), boolean.class, false, description);
  }

  /** An option that is null unless given. */
  <T> Argument<T> option(String name, String label, Class<T> type, String description) {
    return add(OptionSpec.builder(name).paramLabel(label), type, null, description);
  }

  /** An option with a default, which the description may show as <code>${DEFAULT-VALUE}</code>. */
  <T> Argument<T> option(String name, String label, Class<T> type, String standard, String description) {
    return add(OptionSpec.builder(name).paramLabel(label).defaultValue(standard), type, null, description);
  }

  /** An option that must be given; {@code names} are parted by a comma. */
  <T> Argument<T> required(String names, String label, Class<T> type, String description) {
    String[] all = names.split(", ");
    return add(OptionSpec.builder(all).paramLabel(label).required(true), type, null, description);
  }

  /** An option that may be given more than once. */
  <T> Argument<List<T>> list(String name, String label, Class<T> type, String description) {
    OptionSpec.Builder builder = OptionSpec.builder(name).paramLabel(label).auxiliaryTypes(type);
    return add(builder.converters(converters(type)), List.class, List.of(), description);
  }

  /** An option that may be given more than once, each time with a key and a value. */
  Argument<Map<String, String>> map(String name, String label, String description) {
    OptionSpec.Builder builder = OptionSpec.builder(name).paramLabel(label).auxiliaryTypes(String.class, String.class);
    return add(builder, Map.class, Map.of(), description);
  }

  /** Options of which exactly one must be given: those that the declaration makes. */
  <T> T oneOf(Function<Options, T> declaration) {
    ArgGroupSpec.Builder group = ArgGroupSpec.builder().exclusive(true).multiplicity("1");
    T declared = declaration.apply(new Options(spec, group::addArg));
    spec.addArgGroup(group.build());
    return declared;
  }

  /** Declares an option that is like none of the others. */
  <T> Argument<T> add(OptionSpec.Builder builder, Class<?> type, T initial, String description) {
    Argument<T> argument = new Argument<>(initial);
    builder.type(type).initialValue(initial).getter(argument.binding).setter(argument.binding).description(description);
    if (builder.converters() == null) builder.converters(converters(type));
    into.accept(builder.build());
    return argument;
  }

  /** A parameter, behind those declared before it, which must be given. */
  <T> Argument<T> parameter(String label, Class<T> type, String description) {
    return add(PositionalParamSpec.builder().type(type), type, label, description);
  }

  /** The only parameter, which must be given once or more often. */
  <T> Argument<List<T>> parameters(String label, Class<T> type, String description) {
    PositionalParamSpec.Builder builder = PositionalParamSpec.builder().arity("1..*");
    return add(builder.type(List.class).auxiliaryTypes(type), type, label, description);
  }

  private <T> Argument<T> add(PositionalParamSpec.Builder builder, Class<?> type, String label, String description) {
    Argument<T> argument = new Argument<>(null);
    builder.paramLabel(label).description(description).getter(argument.binding).setter(argument.binding);
    into.accept(builder.converters(converters(type)).required(true).build());
    return argument;
  }

  /** How a text becomes such a value, where picocli does not know it without reflection. */
  private static ITypeConverter<?>[] converters(Class<?> type) {
    return type == Path.class ? PATH : NONE;
  }

  /** Where the command prints. */
  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Picocli's model of the command. */
  CommandSpec spec() {
    return spec;
  }
}
