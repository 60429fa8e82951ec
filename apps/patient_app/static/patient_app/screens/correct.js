// After its window an answer is only changed by staff: this asks them to, with a reason. The answer stays.

import { correctionItem } from "../bodies.js";
import { h } from "../dom.js";
import { dayOut, t, wordingOf } from "../i18n.js";
import { save } from "../outbox.js";
import { button, errorLine, options, page, primary, row, text } from "../page.js";
import { slotOf } from "../plan.js";
import { keep } from "../runs.js";
import { flush } from "../sender.js";
import { writingField } from "./note.js";

const REASONS = ["wrong_number", "wrong_day", "not_mine", "other"];

export function correctScreen(app) {
  const { snapshot } = app;
  const answers = closedAnswers(snapshot);
  const days = [...new Set(answers.map((item) => item.day))].sort().reverse();
  const lines = (day) =>
    answers.filter((item) => item.day === day).map((item) => row(wordingOf(snapshot.today, item.question).text, () => app.go("correctOne", { id: item.id })));
  return page(
    { heading: t("correct.heading"), actions: [button(t("question.back"), app.back)] },
    text(t(answers.length > 0 ? "correct.lead" : "correct.none")),
    days.map((day) => h("section", null, h("h2", null, dayOut(day)), h("div", { class: "rows" }, lines(day)))),
  );
}

/** The standing answer of each slot that can no longer be changed here: this phone's, and yesterday's of others. */
function closedAnswers(snapshot) {
  const { wall, heads, today } = snapshot;
  const own = [...heads.values()].filter((item) => item.isFinal || (item.closes && item.closes <= wall));
  const others = (today?.days ?? []).flatMap((day) => day.windows.filter((one) => one.closes <= wall).flatMap((one) => answersOf(day, one, today)));
  return [...own, ...others.filter((item) => !heads.has(item.slot))].filter((item) => item.question !== "red_flags");
}

const answersOf = (day, window, today) =>
  Object.entries(window.answered ?? {}).map(([question, { id }]) => ({
    id,
    question,
    day: day.diary_day,
    slot: slotOf({ day: day.diary_day, window: window.number }, question),
    resource: today.questions[question]?.resource ?? "answers",
  }));

export function correctOneScreen(app, { id }) {
  const { snapshot } = app;
  const answer = closedAnswers(snapshot).find((item) => item.id === id);
  if (!answer) return null;
  const given = begun(snapshot, id);
  const error = errorLine("correct-error");
  const touch = (part) => {
    Object.assign(given, part);
    error.clear();
    return app.guarded(() => keep(given));
  };
  const send = () => {
    if (!given.reason || !given.text.trim()) return error.say(t(given.reason ? "correct.write" : "correct.choose"));
    return app.guarded(async () => {
      const item = correctionItem(snapshot.session, answer, { ...given, text: given.text.trim() });
      await save([item], { endRun: given.key });
      await app.reload();
      flush();
      return app.go("saved", { ids: [item.id] }, { replace: true });
    });
  };
  const form = snapshot.today?.questions[answer.question]?.form;
  const reasons = REASONS.map((value) => ({ value, label: t(`correct.${value}`) }));
  return page(
    { heading: t("correct.one"), actions: [button(t("question.back"), app.back), primary(t("correct.send"), send)] },
    text(`${dayOut(answer.day)}: ${wordingOf(snapshot.today, answer.question).text}`, "strong"),
    h("fieldset", null, h("legend", { class: "label" }, t("correct.why")), options("radio", reasons, (value) => value === given.reason, (reason) => touch({ reason }))),
    form?.type === "number" && proposedField(form, given.proposed, touch),
    writingField("correct-text", t("correct.text"), (text) => touch({ text }), given.text),
    error.line,
  );
}

/** What was begun of it, kept with each touch as answers are. */
function begun({ runs, session }, id) {
  const key = `correct/${id}`;
  return runs.find((one) => one.key === key) ?? { key, trial: session.trial.id, reason: null, text: "", proposed: null };
}

function proposedField({ minimum, maximum, step }, proposed, touch) {
  const values = Array.from({ length: (maximum - minimum) / step + 1 }, (_, n) => minimum + n * step);
  const choose = (event) => touch({ proposed: event.target.value === "" ? null : Number(event.target.value) });
  return h(
    "div",
    { class: "field" },
    h("label", { for: "proposed" }, t("correct.proposed")),
    h("select", { id: "proposed", onchange: choose }, h("option", { value: "" }, t("correct.unsure")), values.map((value) => h("option", { value, selected: value === proposed }, String(value)))),
  );
}
