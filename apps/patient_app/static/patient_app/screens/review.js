// The answers just given, before they count. Each can still be changed.

import { h } from "../dom.js";
import { dayOut, t, wordingOf } from "../i18n.js";
import { button, card, page, primary, proxyLine, text } from "../page.js";
import { drop, fate, finish, place } from "../runs.js";

export function reviewScreen(app, { run: key }) {
  const run = app.snapshot.runs.find((one) => one.key === key);
  if (!run) return null;
  const as = fate(run, app.snapshot.today);
  if (as === null) return overScreen(app, run);
  const isSaid = as !== "late" || run.isLate;
  return page(
    {
      heading: t("review.heading"),
      before: proxyLine(app.snapshot),
      actions: [button(t("question.back"), () => edit(app, run, run.asks.length - 1, false)), primary(t("review.save"), () => saveAll(app, run, as), { "data-do": "save" })],
    },
    as === "late" && card("notice", text(t(isSaid ? "late.line" : "late.now", { day: dayOut(run.opening.day) }))),
    text(t("review.lead")),
    h("dl", { class: "review" }, run.asks.map((question, at) => line(app, run, question, at))),
  );
}

function line(app, run, question, at) {
  const words = wordingOf(app.snapshot.today, question);
  const change = button(t("review.change"), () => edit(app, run, at, true), { kind: "small", "aria-label": t("review.changeOf", { question: words.text }) });
  return h(
    "div",
    { class: "review-line" },
    h("dt", null, words.text),
    h("dd", null, h("span", { class: "given" }, answerText(run.questions[question], words, run.answers[question] ?? null)), change),
  );
}

/** What was chosen, in the words of the question. */
export function answerText({ form }, words, given) {
  if (given === null) return t("review.skipped");
  if (form.type === "choice") return words.choices[given];
  if (form.type === "choices") return given.length > 0 ? given.map((code) => words.choices[code]).join("; ") : t("flags.none");
  const end = given === form.minimum ? words.low : given === form.maximum ? words.high : null;
  return `${given}${form.maximum === 100 ? " %" : ""}${end ? ` – ${end}` : ""}`;
}

function edit(app, run, at, fromReview) {
  return app.guarded(async () => {
    await place(run, at);
    return app.go("question", { run: run.key, at, fromReview });
  });
}

/** On the disk first; only then does the screen say so. Answers that another tab has saved are saved. */
function saveAll(app, { key }, as) {
  return app.guarded(async () => {
    await app.reload();
    const run = app.snapshot.runs.find((one) => one.key === key);
    if (!run) return app.go("home", {}, { replace: true });
    const missing = run.asks.findIndex((question) => run.questions[question].region === "target" && (run.answers[question] ?? null) === null);
    if (missing >= 0) return edit(app, run, missing, true);
    const ids = await finish(run, app.snapshot, as);
    await app.reload();
    return app.go("saved", { ids }, { replace: true });
  });
}

/** Its time is over: said plainly, and what can still be done. */
function overScreen(app, run) {
  const end = async () => {
    await drop(run.key);
    return app.go("home", {}, { replace: true });
  };
  const instead = run.isAmendment && button(t("correct.row"), () => app.go("correct"));
  return page({ heading: t("over.heading"), actions: [instead, primary(t("over.home"), end)] }, text(t(run.isAmendment ? "over.amend" : "over.what")));
}
