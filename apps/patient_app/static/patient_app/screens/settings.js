// Language, reminders, this phone's name, and leaving.

import { changeDevice, syncDevice } from "../diary.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { button, errorLine, page, primary, row, text } from "../page.js";
import { canPush, kinds, subscribe, unsubscribe } from "../push.js";
import { flush } from "../sender.js";
import { leave } from "../session.js";
import { languageField } from "./language.js";

export function settingsScreen(app) {
  const device = { ...app.snapshot.state.device, ...app.snapshot.state.device_wanted };
  // Drawn anew when it has come.
  if (!app.snapshot.state.device) syncDevice();
  return page({ heading: t("settings.heading"), actions: [button(t("question.back"), app.back)] }, languageField(app), nameField(app, device), remindersField(app, device), row(t("leave.row"), () => app.go("leave")));
}
settingsScreen.isLive = true;

function nameField(app, device) {
  const field = h("input", { id: "label", type: "text", maxlength: "80", value: device.label ?? "", autocomplete: "off" });
  const keep = () => store(app, { label: field.value.trim() });
  return h("div", { class: "field" }, h("label", { for: "label" }, t("settings.name")), h("p", { class: "quiet" }, t("settings.name.help")), field, button(t("settings.keep"), keep));
}

function remindersField(app, device) {
  const error = errorLine("reminders-error");
  const now = { push: false, email: false, sms: false, ...device.reminders };
  const toggle = (kind) => async (event) => {
    const isOn = event.target.checked;
    const wanted = { reminders: { ...now, [kind]: isOn } };
    if (kind === "push") wanted.push_subscription = isOn ? await subscribe(device.push_public_key) : null;
    if (kind === "push" && isOn && !wanted.push_subscription) {
      event.target.checked = false;
      return error.say(t("reminders.refused"));
    }
    if (kind === "push" && !isOn) unsubscribe();
    now[kind] = isOn;
    error.clear();
    return store(app, wanted);
  };
  const offered = kinds.filter((kind) => kind !== "push" || canPush(device));
  const line = (kind) =>
    h("label", { class: "option" }, h("input", { id: `reminders-${kind}`, type: "checkbox", checked: now[kind], onchange: toggle(kind) }), h("span", { class: "words" }, t(`reminders.${kind}`)));
  return h(
    "fieldset",
    null,
    h("legend", { class: "label" }, t("reminders.heading")),
    text(t("reminders.what"), "quiet"),
    h("div", { class: "options" }, offered.map(line)),
    error.line,
  );
}

async function store(app, wanted) {
  await app.guarded(async () => {
    const isKnown = await changeDevice(wanted);
    app.say(t(isKnown ? "settings.kept" : "settings.later"));
  });
}

export function leaveScreen(app) {
  const error = errorLine("leave-error");
  const waiting = app.snapshot.outbox.length;
  const go = async () => {
    app.busy(t("leave.working"));
    await flush();
    const isHeard = await leave(app.snapshot.session.token);
    app.idle();
    if (!isHeard) return error.say(t("leave.offline"));
    await app.reload();
    return app.go("join", {}, { replace: true });
  };
  return page(
    { heading: t("leave.heading"), actions: [primary(t("leave.no"), app.back), button(t("leave.yes"), go, { kind: "danger" })] },
    text(t("leave.what")),
    waiting > 0 && text(t("leave.waiting", { n: waiting }), "strong"),
    error.line,
  );
}
