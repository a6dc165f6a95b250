package dev.dwindle.train;

import dev.dwindle.data.MetricSpec;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Flag;
import dev.dwindle.pass.Settings.Pairs;
import dev.dwindle.pass.Settings.Real;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.pass.Settings.Text;
import dev.dwindle.pass.Settings.Whole;
import dev.dwindle.pass.Settings.Words;
import dev.dwindle.pass.Training;
import dev.dwindle.result.Curve;
import dev.dwindle.result.Version;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One training of a model by a teacher, by labels or by both, as the settings of a pass say. */
public final class Course {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int MOST_EPOCHS = 1_000_000;

  private static final double ADAM_EPSILON = 1e-8;
  private static final double MOMENTUM = 0.9;

  /** Steps that the learning rate rises at most, however long the run. */
  private static final long MOST_WARM_UP = 500;

  /**
   * What came out.
   *
   * @param state the constants of the trained form, by name
   * @param figures for the report
   * @param curves of the loss and of what held-out samples say
   */
  public record Outcome(Map<String, Tensor> state, Map<String, String> figures, List<Curve> curves) {}

  private final PassContext context;
  private final Settings settings;
  private final Training training;
  private final Model teacher;
  private final Trainable trainable;
  private final Lessons lessons;
  private final Samples held;
  private final Objectives objectives;
  private final TrainingStep step;
  private final String memory;
  private final long steps;
  private final long job;

  private Course(PassContext context, Model teacher, Trainable trainable) {
    this.context = context;
    this.teacher = teacher.copy();
    this.trainable = trainable;
    settings = context.settings();
    training = context.training();
    Samples all = training.samples();
    if (all.count() == 0) {
      throw new InvalidInputException(
          "training: found no samples, expected a training or a calibration part of the data");
    }
    if (!all.carried().isEmpty()) {
      throw new InvalidInputException("training: found outputs that become inputs " + all.carried()
          + ", expected samples that do not depend on each other");
    }
    long every = settings.real("hold_out") == 0 ? Long.MAX_VALUE : Math.round(1 / settings.real("hold_out"));
    held = all.where(i -> isHeldOut(i, every));
    int batch = (int) settings.whole("batch");
    lessons = Lessons.of(all.where(i -> !isHeldOut(i, every)), training.augmentation(),
        new Lessons.Batching(batch, variants(), settings.flag("pad")), context.seed());
    if (settings.real("labels") == 1 && !lessons.areLabelled()) {
      throw new InvalidInputException(
          "training: labels have the whole loss, but not each sample has a class, expected labels below 1");
    }
    steps = settings.whole("epochs") * lessons.steps();
    objectives = Objectives.of(trainable.model().graph(), this.teacher.graph(),
        new Objectives.Wish(settings.word("loss"), settings.real("temperature"), settings.real("labels"),
            countsClasses(),
            lessons.areLabelled(), lessons.areMixed()),
        features(),
        settings.word("mask").isEmpty() ? null : settings.word("mask"));
    double clip = settings.real("clip");
    TrainingStep whole = TrainingStep.of(trainable.model(), lessons.shapes(), objectives.goals(),
        new TrainingStep.Update(optimizer(), clip == 0 ? Double.POSITIVE_INFINITY : clip), scope());
    StepMemory room = new StepMemory(context.backend(), training.threads(), training.memory());
    step = room.fit(whole);
    memory = room.words(step, step != whole);
    job = job();
  }

  private List<Objectives.Features> features() {
    List<Objectives.Features> features = new ArrayList<>(List.of(new Objectives.Features(settings.pairs("features"),
        settings.word("feature_loss"), settings.real("feature_weight"))));
    double attention = settings.real("attention");
    if (attention > 0) {
      Map<String, String> ends = Stages.ends(trainable.model().graph(), teacher.graph(), lessons.shapes());
      features.add(new Objectives.Features(ends, "attention", attention));
    }
    return features;
  }

  /** The settings of training that passes have in common. */
  public static List<Setting> settings(long epochs, double rate, double labels, double temperature) {
    return List.of(
        new Setting("epochs", new Whole(1, MOST_EPOCHS), epochs, "how often all training samples are gone through"),
        new Setting("batch", new Whole(1, 1 << 16), 64, "samples of a step"),
        new Setting("rate", new Real(1e-9, 100), rate,
            "the greatest learning rate; it rises first, then falls by a cosine"),
        new Setting("optimizer", new Choice(List.of("adamw", "sgd")), "adamw", "how weights follow from gradients"),
        new Setting("decay", new Real(0, 1), 0.01,
            "decay of weights: with sgd added to gradients, with adamw a share of the rate"),
        new Setting("clip", new Real(0, 1e9), 0, "the most that the length of all gradients may be; 0 for no bound"),
        new Setting("variants", new Whole(1, 1 << 20), 8,
            "in how many ways a sample is augmented before they come again; what the teacher says to each is kept"),
        new Setting("hold_out", new Real(0, 0.5), 0.05,
            "share of the training samples that only show how far training is"),
        new Setting("labels", new Real(0, 1), labels,
            "share of the loss that labels have where there are some; 1 leaves the teacher out"),
        new Setting("temperature", new Real(0.01, 1000), temperature,
            "by which logits are divided before they are compared"),
        new Setting("loss", new Choice(List.of("auto", "divergence", "mse", "cosine")), "auto",
            "how outputs are compared with the teacher's"),
        new Setting("features", new Pairs(), Map.of(),
            "inner values of the teacher by those of the student, to be alike"),
        new Setting("feature_loss", new Choice(List.of("mse", "cosine", "attention")), "mse",
            "how inner values are compared"),
        new Setting("attention", new Real(0, 1e9), 0,
            "weight of each map of where the teacher looks at the end of a stage of a network for images; 0 for none"),
        new Setting("mask", new Text(), "",
            "an input that says which places of a sample count, such as the attention mask of a transformer"),
        new Setting("pad", new Flag(), false,
            "whether samples of different shapes are filled up with zeros; right where a mask or the model itself leaves these out"),
        new Setting("freeze", new Words(), List.of(),
            "patterns of nodes whose constants are not trained, such as op:Gather for embeddings"),
        new Setting("feature_weight", new Real(1e-9, 1e9), 1, "weight of each inner value, beside 1 for all else"));
  }

  /**
   * Trains.
   *
   * @param context with the settings, what to train on, and the backend that does it
   * @param teacher the model to learn from; its outputs are those of the trainable, in order
   * @throws InvalidInputException where data or models do not allow it, or training goes astray: the best that was reached is kept in a file then
   */
  public static Outcome run(PassContext context, Model teacher, Trainable trainable) {
    Course course = new Course(context, teacher, trainable);
    String key = "trained " + course.job;
    Outcome known = context.memory().find(key, Outcome.class);
    if (known != null) return known;
    Outcome outcome = course.run();
    context.memory().keep(key, outcome);
    return outcome;
  }

  /** One of so many samples, at no regular distance: classes may come in turn. */
  private static boolean isHeldOut(long place, long every) {
    long mixed = (place / every + 1) * GOLDEN;
    return Long.remainderUnsigned(mixed ^ mixed >>> 32, every) == place % every;
  }

  /** What changes, but for what is to stay. */
  private TrainingStep.Scope scope() {
    TrainingStep.Scope all = trainable.scope();
    Patterns frozen = new Patterns(settings.words("freeze"));
    return new TrainingStep.Scope(value -> all.trained().test(value) && !isFrozen(value, frozen),
        all.freezesStatistics());
  }

  /** Whether all nodes that bring a constant and data together match: a mask, a rounding or a look-up of constants alone lies between. */
  private static boolean isFrozen(Value constant, Patterns frozen) {
    List<Node> readers = new ArrayList<>();
    List<Value> open = new ArrayList<>(List.of(constant));
    while (!open.isEmpty()) {
      for (Use use : open.removeLast().uses()) {
        if (isOfConstants(use.node())) use.node().outputs().stream().filter(v -> v != null).forEach(open::add);
        else
          readers.add(use.node());
      }
    }
    return !readers.isEmpty() && readers.stream().allMatch(frozen::matches);
  }

  private static boolean isOfConstants(Node node) {
    return node.subgraphs().isEmpty() && node.inputs().stream().allMatch(input -> input == null || input.isConstant()
        || (input.producer() != null && isOfConstants(input.producer())));
  }

  private int variants() {
    return (int) Math.min(settings.whole("variants"), settings.whole("epochs"));
  }

  private boolean countsClasses() {
    return lessons.areLabelled() || training.metrics().stream().anyMatch(MetricSpec.TopK.class::isInstance);
  }

  private Optimizer optimizer() {
    double decay = settings.real("decay");
    return settings.word("optimizer").equals("sgd") ? new Optimizer.Sgd(MOMENTUM, decay)
        : new Optimizer.AdamW(0.9, 0.999, ADAM_EPSILON, decay);
  }

  private Schedule schedule() {
    long warmUp = Math.min(MOST_WARM_UP, steps / 20);
    return new Schedule.Cosine(settings.real("rate"), warmUp, steps, 0.001);
  }

  /** What the training depends on: samples, settings, models, the program. */
  private long job() {
    Checksum sum = new Checksum().add(Version.text()).add(lessons.checksum()).add(settings.values())
        .add(context.seed()).add(context.backend().name());
    return sum.add(trainable.model()).add(teacher).value();
  }

  private Outcome run() {
    List<String> asked = objectives.sources().stream().filter(source -> source != null).distinct().toList();
    HeldOut judge = judge();
    Trainer.Plan plan = new Trainer.Plan(steps, lessons.steps(), schedule(), training.files().file("checkpoint"),
        training.files().seconds(), training.files().resume(), job);
    try (TeacherOutputs teaching = asked.isEmpty() ? null
        : new TeacherOutputs(teacher, asked, lessons, this::kept, job, context.backend(), training.threads());
        EventLog log = training.files().log() == null ? null
            : new EventLog(training.files().log().resolve("step-" + training.files().step()))) {
      List<Trainer.Score> scores = new ArrayList<>();
      Trainer.Outcome outcome = Trainer.run(step, plan, at -> feed(at, asked, teaching), watch(judge, log, scores),
          context.progress(), context.backend(), training.threads());
      return new Outcome(outcome.state(), figures(outcome, scores, teaching), curves(outcome, judge, scores));
    } catch (TrainingStoppedException e) {
      Path file = e.hasEpoch() ? training.files().keepStopped(trainable.finished(e.state())) : null;
      throw file == null ? e
          : new InvalidInputException(e.getMessage() + "; the best of the epochs before is in " + file, e);
    }
  }

  /** Where what the teacher says to a variant is kept: nowhere where it is not needed again. */
  private Path kept(int variant) {
    return settings.whole("epochs") > lessons.variants() ? training.files().file("teacher-" + variant + ".npz") : null;
  }

  private Map<String, Tensor> feed(long at, List<String> asked, TeacherOutputs teaching) {
    Lessons.Batch batch = lessons.at(at);
    Map<String, Tensor> given = new LinkedHashMap<>();
    Map<String, Tensor> inputs = lessons.inputs(batch);
    step.model().graph().requiredInputs().stream().map(Value::name).filter(inputs::containsKey)
        .forEach(name -> given.put(name, inputs.get(name)));
    List<Tensor> said = teaching == null ? List.of() : teaching.at(batch);
    for (int i = 0; i < step.targets().size(); i++) {
      String source = objectives.sources().get(i);
      given.put(step.targets().get(i),
          source == null ? labels(batch, step.targets().get(i)) : said.get(asked.indexOf(source)));
    }
    return given;
  }

  private Tensor labels(Lessons.Batch batch, String target) {
    if (!lessons.areMixed()) return lessons.labels(batch);
    Dim classes = step.model().graph().value(target).tensorType().dim(1);
    if (!classes.isKnown()) {
      throw new InvalidInputException(
          "training: mixup needs to know how many classes there are, but the model's output is "
              + step.model().graph().value(target).tensorType() + "; set labels to 0");
    }
    return lessons.shares(batch, Math.toIntExact(classes.size()));
  }

  private HeldOut judge() {
    return held.count() == 0 ? null
        : new HeldOut(held, training.metrics(), teacher, context.backend(), training.threads());
  }

  private Trainer.Watch watch(HeldOut judge, EventLog log, List<Trainer.Score> scores) {
    return new Trainer.Watch() {
      @Override
      public void step(long at, double loss, double rate) {
        if (log == null) return;
        log.add("loss/step", at, loss);
        log.add("rate", at, rate);
      }

      @Override
      public Trainer.Score epoch(long at, double loss, Map<String, Tensor> state) {
        if (log != null) log.add("loss/epoch", at, loss);
        if (judge == null) return Trainer.Watch.super.epoch(at, loss, state);
        Trainer.Score score = judge.score(trainable.with(state));
        if (log != null) log.add("held-out", at, judge.figure(score));
        scores.add(score);
        return score;
      }
    };
  }

  private List<Curve> curves(Trainer.Outcome outcome, HeldOut judge, List<Trainer.Score> scores) {
    long first = outcome.from() / lessons.steps() + 1;
    List<Curve> curves = new ArrayList<>();
    if (!outcome.losses().isEmpty()) curves.add(new Curve("loss", "", first, outcome.losses(), null));
    if (!scores.isEmpty()) {
      curves.add(judge.curve(first, scores.stream().map(judge::figure).toList()));
    }
    return curves;
  }

  private Map<String, String> figures(Trainer.Outcome outcome, List<Trainer.Score> scores, TeacherOutputs teaching) {
    Map<String, String> figures = new LinkedHashMap<>();
    new Patterns(settings.words("freeze")).warn("freeze", trainable.model().graph().nodes(), figures);
    figures.put("samples", lessons.count() + (lessons.variants() > 1 ? " in " + lessons.variants() + " variants" : "")
        + (held.count() > 0 ? ", " + held.count() + " held out" : ""));
    figures.put("learned from", objectives.words());
    figures.put("trained", steps + " steps of " + lessons.batch() + " samples"
        + (outcome.from() > 0 ? ", resumed after step " + outcome.from() : ""));
    figures.put("memory of a step", memory);
    if (!outcome.losses().isEmpty()) {
      figures.put("loss", String.format(Locale.ROOT, "%.4g in the last epoch", outcome.losses().getLast()));
    }
    if (!scores.isEmpty()) figures.put("held out", scores.getLast().words().replaceFirst("^held-out ", ""));
    String warning = outcome.warning().isEmpty() && teaching != null ? teaching.warning() : outcome.warning();
    if (!warning.isEmpty()) figures.merge("warning", warning, (a, b) -> a + "; " + b);
    return figures;
  }
}
