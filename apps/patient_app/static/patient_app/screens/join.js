// Joining: a link, or a code of eight characters that the clinic gives.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { card, errorLine, once, page, primary, text } from "../page.js";
import { join, tidyCode } from "../session.js";
import { languageField } from "./language.js";

const CODE = /^[0-9A-Z]{8}$/;

export function joinScreen(app, { secret, trouble } = {}) {
  const error = errorLine("code-error");
  if (trouble) error.say(t(`join.${trouble}`));
  if (secret) return linkScreen(app, secret, error);
  const field = codeField(error);
  const submit = once(async () => {
    const code = tidyCode(field.value);
    return CODE.test(code) ? app.guarded(() => send(code)) : fail("malformed");
  });
  const send = async (code) => {
    app.busy(t("join.working"));
    const outcome = await join(code);
    return outcome === "joined" ? app.joined() : fail(outcome);
  };
  const fail = (why) => {
    app.idle();
    error.say(t(`join.${why}`));
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };
  field.addEventListener("keydown", (event) => event.key === "Enter" && submit());
  return page(
    { heading: t("join.heading"), before: before(app), actions: [primary(t("join.go"), submit)] },
    text(t("join.lead")),
    h("div", { class: "field" }, h("label", { for: "code" }, t("join.code")), h("p", { id: "code-help", class: "quiet" }, t("join.help")), field),
    error.line,
    languageField(app),
  );
}

function codeField(error) {
  return h("input", {
    id: "code",
    class: "code",
    type: "text",
    maxlength: "12",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    dir: "ltr",
    "aria-describedby": "code-help code-error",
    oninput: (event) => {
      error.clear();
      event.target.removeAttribute("aria-invalid");
    },
  });
}

/** By link there is nothing to type; should the network fail, one tap tries again. */
function linkScreen(app, secret, error) {
  const submit = () => app.guarded(send);
  const send = async () => {
    app.busy(t("join.working"));
    const outcome = await join(secret);
    app.idle();
    if (outcome === "joined") return app.joined();
    if (outcome === "unreachable") return error.say(t("join.unreachable"));
    return app.go("join", { trouble: outcome }, { replace: true });
  };
  return page(
    { heading: t("join.heading"), before: before(app), actions: [primary(t("join.go"), submit)] },
    text(t("join.link")),
    error.line,
    languageField(app),
  );
}

const MARK = new URL("../icons/icon.svg", import.meta.url).pathname;

const before = (app) => [h("img", { class: "mark", src: MARK, alt: "" }), reason(app)];

/** Why this phone must join again, and that nothing is lost. */
function reason(app) {
  const { session, state, outbox } = app.snapshot;
  if (session) return card("notice", text(t("join.again")));
  if (!state.ended) return null;
  const waiting = outbox.length > 0 && text(t("join.kept", { n: outbox.length }), "strong");
  return card("notice", h("h2", null, t(`ended.${state.ended}`)), text(t(`ended.${state.ended}.what`)), waiting);
}
