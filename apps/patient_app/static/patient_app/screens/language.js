// Choosing the language. What has been touched stays; only the words change.

import { changeDevice, refresh } from "../diary.js";
import { h } from "../dom.js";
import { language, languages, speak, t } from "../i18n.js";
import { remember } from "../store.js";

export function languageField(app) {
  const choose = async (event) => {
    await speak(event.target.value);
    await remember("language", event.target.value);
    app.redraw();
    document.getElementById("language")?.focus();
    if (app.snapshot.session) changeDevice({}).then(refresh);
  };
  return h(
    "div",
    { class: "field" },
    h("label", { for: "language" }, t("language.label")),
    h(
      "select",
      { id: "language", onchange: choose },
      Object.entries(languages()).map(([code, name]) => h("option", { value: code, lang: code, selected: code === language() }, name)),
    ),
  );
}
