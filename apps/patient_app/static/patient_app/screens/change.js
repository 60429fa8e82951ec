// Changing an answer of this evening, or giving one that was skipped. The old one is not shown.

import { h } from "../dom.js";
import { clockOut, t, wordingOf } from "../i18n.js";
import { button, page, row, text } from "../page.js";
import { slotOf } from "../plan.js";
import { begin } from "../runs.js";

export function changeScreen(app) {
  const { current } = app.snapshot.plan;
  if (!current) return null;
  const questions = current.asks.filter((question) => question !== "red_flags");
  return page(
    { heading: t("change.heading"), actions: [button(t("question.back"), app.back)] },
    text(t("change.lead", { time: clockOut(current.closes) })),
    h("div", { class: "rows" }, questions.map((question) => line(app, current, question))),
    row(t("correct.row"), () => app.go("correct")),
  );
}

function line(app, opening, question) {
  const { snapshot } = app;
  const isAmendment = snapshot.heads.has(slotOf(opening, question)) || Boolean(opening.answered[question]);
  const open = () =>
    app.guarded(async () => app.go("question", { run: (await begin(snapshot, opening, [question], { isAmendment })).key }));
  return row(wordingOf(snapshot.today, question).text, open, { note: t(isAmendment ? "change.again" : "change.open") });
}
