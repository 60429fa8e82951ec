// Where the app opens: what is due now, what waits, and whom to call.

import { isClockWrong, trueNow, wallText } from "../clock.js";
import { h } from "../dom.js";
import { clockOut, dayOut, t } from "../i18n.js";
import { button, card, page, primary, proxyLine, row, text } from "../page.js";
import { begin } from "../runs.js";
import { outboxCard, progressLine } from "./standing.js";

export function homeScreen(app) {
  const { snapshot } = app;
  const day = wallText(trueNow()).slice(0, 10);
  return page(
    { heading: dayOut(day), before: [proxyLine(snapshot), updateCard(app), clockCard()] },
    main(app),
    outboxCard(app),
    h("nav", { class: "rows", "aria-label": t("home.more") }, anyTime(app)),
  );
}

const anyTime = (app) => [
  row(t("flags.row"), () => app.go("flags"), { sign: "alert", kind: "alert" }),
  app.snapshot.mayTell && app.snapshot.consent === "given" && row(t("note.row"), () => app.go("note"), { sign: "write" }),
];


/** Only here, between answers, does a new version offer itself. */
function updateCard(app) {
  if (!app.update) return null;
  return card("notice", h("h2", null, t("update.heading")), text(t("update.what")), button(t("update.go"), app.update));
}

function clockCard() {
  if (!isClockWrong()) return null;
  const time = clockOut(wallText(trueNow()));
  return card("notice", h("h2", null, t("clock.heading")), text(t("clock.what", { time })));
}

function main(app) {
  const { snapshot } = app;
  const { today, plan } = snapshot;
  if (snapshot.consent === "withdrawn") return consentCard(app, "withdrawn");
  if (today && snapshot.consent !== "given") return consentCard(app, "needed");
  if (!today) return card(null, h("h2", null, t("plan.none")), text(t("plan.none.what")));
  // On its last day a trial that has ended still asks its closing questions.
  const isOver = today.trial.state === "ended" || today.trial.state === "closed";
  const nothingDue = isOver ? endedCard : nothingDueCard;
  return [plan.grace && graceCard(app), plan.open.length > 0 ? dueCard(app) : nothingDue(app), plan.late && lateCard(app)];
}

const consentCard = (app, state) =>
  card(null, h("h2", null, t(`consent.${state}.heading`)), text(t(`consent.${state}.what`)), primary(t("consent.read"), () => app.go("consent")));

const endedCard = ({ snapshot }) =>
  card("calm", h("h2", null, t("trial.ended")), text(t("trial.ended.what", { clinic: snapshot.clinic.name })));

const openRun = (app, run) => app.go("question", { run: run.key, at: run.at });

function dueCard(app) {
  const { current, open } = app.snapshot.plan;
  const key = `${current.day}/${current.window ?? 0}`;
  const isBegun = app.snapshot.runs.some((run) => run.key === key);
  const start = () => app.guarded(async () => openRun(app, await begin(app.snapshot, current, open)));
  return card(
    "due",
    h("h2", null, t("due.heading")),
    text(`${t("due.count", { n: open.length })} ${t("due.until", { time: clockOut(current.closes) })}`),
    primary(t(isBegun ? "due.continue" : "due.start"), start, { "data-do": "start" }),
  );
}

/** Begun in time: after a call, or a restart, it is still there to be finished. */
function graceCard(app) {
  const { grace, current } = app.snapshot.plan;
  const isToday = grace.day === (current?.day ?? app.snapshot.wall.slice(0, 10));
  const goOn = () => app.guarded(async () => openRun(app, await begin(app.snapshot, grace, grace.asks)));
  return card(
    "due",
    h("h2", null, isToday ? t("due.heading") : t("late.heading", { day: dayOut(grace.day) })),
    text(`${t("due.count", { n: grace.asks.length })} ${t("due.until", { time: clockOut(grace.graceUntil) })}`),
    primary(t("due.continue"), goOn, { "data-do": "go-on" }),
  );
}

function nothingDueCard(app) {
  const { snapshot } = app;
  const { current, next } = snapshot.plan;
  const answered = current && current.asks.length > 0;
  return card(
    "calm",
    h("h2", null, t(answered ? "done.heading" : "nothing.heading")),
    answered && progressLine(snapshot, snapshot.answers),
    text(nextText(snapshot, next)),
    answered && button(t("change.row"), () => app.go("change")),
  );
}

function nextText({ today, wall }, next) {
  if (!next) return t("next.none");
  const day = next.opens.slice(0, 10);
  const gaps = { day: dayOut(day), time: clockOut(next.opens) };
  const isFirst = today.trial.state === "not_started" || wall < `${today.trial.diary_from}T00:00`;
  const form = isFirst ? "next.first" : day === wall.slice(0, 10) ? "next.today" : "next.day";
  // "At midnight" would say nothing: the day itself is when it opens.
  return t(next.opens.endsWith("T00:00") ? `${form}.whole` : form, gaps);
}

function lateCard(app) {
  const { late } = app.snapshot.plan;
  const start = () =>
    app.guarded(async () => openRun(app, await begin(app.snapshot, late, late.asks, { isLate: true })));
  return card(
    null,
    h("h2", null, t("late.heading", { day: dayOut(late.day) })),
    text(t("late.what")),
    button(t("late.start"), start, { "data-do": "late" }),
  );
}
