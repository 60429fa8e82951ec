// The parts that screens are made of.

import { h, icon, ICONS } from "./dom.js";
import { safetyText, t } from "./i18n.js";

/** A screen: its heading takes the focus when it opens; its actions stay in reach at the bottom. */
export function page({ heading, before, actions }, ...children) {
  const title = heading && h("h1", { tabindex: "-1" }, heading);
  const bar = actions?.length > 0 && h("div", { class: "actions" }, actions);
  return h("div", { class: "page" }, h("div", { class: "content" }, before, title, ...children), bar);
}

export const text = (words, kind = null) => h("p", { class: kind }, words);

export const card = (kind, ...children) => h("section", { class: `card ${kind ?? ""}`.trim() }, ...children);

export const button = (words, onclick, { kind = "plain", ...more } = {}) =>
  h("button", { type: "button", class: `button ${kind}`, onclick: onclick && once(onclick), ...more }, words);

/** A second tap while the first is still at work does nothing: a slow network makes people tap again. */
export function once(work) {
  let isRunning = false;
  return async (event) => {
    if (isRunning) return;
    isRunning = true;
    try {
      await work(event);
    } finally {
      isRunning = false;
    }
  };
}

export const primary = (words, onclick, more) => button(words, onclick, { kind: "primary", ...more });

/** A row that leads on: the words, and an arrow in the direction of reading. */
export const row = (words, onclick, { note, sign, kind = "" } = {}) =>
  h(
    "button",
    { type: "button", class: `row ${kind}`.trim(), onclick: once(onclick) },
    sign && icon(ICONS[sign], "sign"),
    h("span", { class: "words" }, words, " ", note && h("span", { class: "note" }, note)),
    icon(ICONS.on, "on"),
  );

export const dial = (number) => `tel:${number.replace(/[^+\d]/g, "")}`;

/** Whom to call, and that nobody watches. Shown at once when a warning sign is touched. */
export function safetyBox(clinic, onCall) {
  const words = safetyText();
  const line = (label, number) =>
    number &&
    h("a", { class: "button call", href: dial(number), onclick: onCall }, icon(ICONS.phone), h("span", null, label, " ", h("bdi", { class: "nowrap" }, number)));
  return h(
    "section",
    { class: "card danger", "aria-label": words.title },
    h("h2", null, words.title),
    line(words.call_clinic, clinic?.phone),
    line(words.call_emergency, clinic?.emergency_phone),
    text(words.not_monitored, "strong"),
    text(words.text),
  );
}

/** A problem with what was entered: said, shown by the field, and taken away when it is mended. */
export function errorLine(id) {
  const line = h("p", { id, class: "error", role: "alert" });
  return { line, say: (words) => line.replaceChildren(words), clear: () => line.replaceChildren() };
}

let names = 0;

/** Options as native controls in labels: big enough to hit, and all of one size. */
export function options(kind, choices, chosen, onpick) {
  const name = `choice-${(names += 1)}`;
  return h(
    "div",
    { class: "options" },
    choices.map(({ value, label, note }) => {
      const input = h("input", { type: kind, name, value: String(value), checked: chosen(value), onchange: () => onpick(value, input.checked) });
      return h("label", { class: "option" }, input, h("span", { class: "words" }, label, " ", note && h("span", { class: "note" }, note)));
    }),
  );
}

export const proxyLine = (snapshot) => snapshot.isProxy && text(t("proxy.line"), "strip");
