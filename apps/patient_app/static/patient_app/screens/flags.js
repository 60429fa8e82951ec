// Warning signs. Touching one shows at once whom to call; it goes to the clinic on its own, at once.

import { h } from "../dom.js";
import { t, wordingOf } from "../i18n.js";
import { button, options, page, primary, proxyLine, safetyBox, text } from "../page.js";
import { keep, tell, told } from "../runs.js";

/** Time to touch a second sign before the first is sent; what was touched is on the disk already. */
const SETTLE = 1_500;
const NONE = "none";
export const FLAGS_RUN = "flags";

/** Signs that were touched before the app was closed in that moment: they are told now. */
export async function tellLeftOver(snapshot) {
  const run = snapshot.runs.find((one) => one.key === FLAGS_RUN);
  if (!run || !snapshot.session) return;
  await tell(snapshot, "red_flags", run.signs, run.place, { endRun: FLAGS_RUN });
}

/**
 * The signs as checkboxes, with "none of these" as an answer of its own.
 * Inside a day's questions `run` and `onTouch` keep "none"; a sign is told at once either way.
 */
export function flagsField(app, { run, question, onTouch, onTold }) {
  // A sign that was touched while the clinic closed the diary here belongs to the trial of that moment.
  const { snapshot } = app;
  const { session, today, clinic } = snapshot;
  const words = wordingOf(today, question);
  const codes = today?.questions?.[question]?.form.choices ?? Object.keys(words.choices);
  const place = run ? { slot: `${run.opening.day}/${run.opening.window ?? 0}/${question}`, day: run.opening.day } : {};
  const given = run?.answers[question] ?? null;
  const signs = new Set(given ?? []);
  let isNone = Boolean(given && given.length === 0);
  let timer = 0;

  const send = async () => {
    clearTimeout(timer);
    app.onLeave(null);
    if (signs.size === 0) return;
    const id = await tell(snapshot, question, ordered(), place, { endRun: FLAGS_RUN });
    if (run) await told(run, id);
    onTold?.(id);
  };
  const ordered = () => codes.filter((code) => signs.has(code));
  const pick = async (value, checked) => {
    if (value === NONE) signs.clear();
    else if (checked) signs.add(value);
    else signs.delete(value);
    isNone = value === NONE && checked;
    show();
    await onTouch?.(signs.size > 0 ? ordered() : isNone ? [] : null);
    clearTimeout(timer);
    if (signs.size === 0) return app.onLeave(null);
    app.onLeave(send);
    timer = setTimeout(() => app.guarded(send), SETTLE);
    return app.guarded(() => keep({ key: FLAGS_RUN, trial: session.trial.id, signs: ordered(), place }));
  };

  const box = h("div", { class: "safety", role: "alert" });
  const choices = [...codes.map((value) => ({ value, label: words.choices[value] })), { value: NONE, label: t("flags.none") }];
  const list = options("checkbox", choices, (value) => (value === NONE ? isNone : signs.has(value)), pick);
  const show = () => {
    for (const input of list.querySelectorAll("input")) input.checked = input.value === NONE ? isNone : signs.has(input.value);
    if (signs.size === 0) return box.replaceChildren();
    if (!box.hasChildNodes()) box.append(safetyBox(clinic, () => app.leaving()));
    return box.scrollIntoView({ block: "nearest" });
  };
  show();
  // Below the signs: a box above would move the next sign away from under the finger.
  return h("div", null, list, box);
}

/** "Something is wrong": reachable from everywhere, at any time. */
export function flagsScreen(app) {
  const { snapshot } = app;
  if (!snapshot.mayTell) return callScreen(app);
  const words = wordingOf(snapshot.today, "red_flags");
  const told = h("p", { class: "told", role: "status" });
  const field = flagsField(app, {
    question: "red_flags",
    onTold: () => told.replaceChildren(t("flags.told")),
  });
  const done = async () => {
    await app.leaving();
    return app.go("home");
  };
  return page(
    { before: proxyLine(snapshot), actions: [button(t("question.back"), app.back), primary(t("flags.done"), done)] },
    h("fieldset", { "aria-describedby": "help" }, h("legend", null, h("h1", { tabindex: "-1" }, words.text)), helpLine(), field),
    told,
  );
}

/** Nothing can be sent now, but whom to call is there for everyone. */
const callScreen = (app) =>
  page({ heading: t("flags.row"), actions: [button(t("question.back"), app.back)] }, text(t("flags.closed")), safetyBox(app.snapshot.clinic));

function helpLine() {
  const line = text(t("flags.help"), "help");
  line.id = "help";
  return line;
}
