// One question a screen. Nothing is chosen beforehand, nothing moves on by itself, no earlier answer is shown.

import { h } from "../dom.js";
import { dayOut, t, wordingOf } from "../i18n.js";
import { button, errorLine, once, options, page, primary, proxyLine, text } from "../page.js";
import { place, touch } from "../runs.js";
import { flagsField } from "./flags.js";

export function questionScreen(app, { run: key, at = null, fromReview = false }) {
  const run = app.snapshot.runs.find((one) => one.key === key);
  // The phone's own Back names the question that it goes back to.
  if (run && at !== null) run.at = Math.min(at, run.asks.length - 1);
  const asked = run?.questions[run.asks[run.at]];
  if (!asked) return null;
  const question = run.asks[run.at];
  const error = errorLine("answer-error");
  const onTouch = (given) => {
    error.clear();
    return app.guarded(() => touch(run, question, given));
  };
  const field = fieldOf(app, { run, question, asked, onTouch, error });
  const move = moves(app, { run, question, error, fromReview });
  return page(
    { before: [proxyLine(app.snapshot), placeLine(run)], actions: actions(asked, move, fromReview) },
    field,
  );
}

const placeLine = (run) => [
  run.isLate && text(t("late.line", { day: dayOut(run.opening.day) }), "strip"),
  run.asks.length > 1 && text(t("question.place", { at: run.at + 1, of: run.asks.length }), "quiet place"),
];

function actions(asked, move, fromReview) {
  const maySkip = asked.region !== "target";
  return [
    button(t("question.back"), move.back),
    maySkip && button(t("question.skip"), move.skip, { "data-do": "skip" }),
    primary(t(fromReview ? "question.toReview" : "question.next"), move.next, { "data-do": "next" }),
  ];
}

/** From here to another question. A second tap belongs to the first, however slow the phone is. */
function moves(app, { run, question, error, fromReview }) {
  const here = run.at;
  const move = once((work) => app.guarded(work));
  const to = async (at) => {
    await app.leaving();
    await place(run, at);
    const isThrough = fromReview || at >= run.asks.length;
    return isThrough ? app.go("review", { run: run.key }, { replace: fromReview }) : app.go("question", { run: run.key, at });
  };
  const back = () => (fromReview ? to(run.asks.length) : here === 0 ? app.go("home") : to(here - 1));
  const skip = () => touch(run, question, null).then(() => to(here + 1));
  const chooseFirst = () => {
    error.say(t("question.chooseFirst"));
    document.querySelector("#screen input")?.focus();
  };
  const next = () => ((run.answers[question] ?? null) === null ? chooseFirst() : move(() => to(here + 1)));
  return { back: () => move(back), skip: () => move(skip), next };
}

function fieldOf(app, { run, question, asked, onTouch, error }) {
  const words = wordingOf(app.snapshot.today, question);
  const legend = h("legend", null, h("h1", { tabindex: "-1" }, words.text));
  const isFlags = asked.form.type === "choices";
  const help = text(isFlags ? t("flags.help") : words.help, "help");
  help.id = "help";
  const body = isFlags ? flagsField(app, { run, question, onTouch }) : single(asked.form, words, run.answers[question], onTouch);
  return h("fieldset", { "aria-describedby": "help answer-error" }, legend, help, body, error.line);
}

function single(form, words, given, onTouch) {
  const choices = form.type === "number" ? numbers(form, words) : form.choices.map((value) => ({ value, label: words.choices[value] ?? value }));
  return options("radio", choices, (value) => given === value, onTouch);
}

/** Every step of the scale, its ends named where they stand. */
export function numbers({ minimum, maximum, step }, words) {
  const unit = maximum === 100 ? " %" : "";
  const count = (maximum - minimum) / step + 1;
  return Array.from({ length: count }, (_, n) => minimum + n * step).map((value) => ({
    value,
    label: h("span", { class: "number" }, `${value}${unit}`),
    note: value === minimum ? words.low : value === maximum ? words.high : null,
  }));
}
